//! What a request's preconditions say about a file.

use std::time::{Duration, SystemTime};

use crate::files::validators::Validators;

/// The request's preconditions and ranges: field values as received. Several lines of one field
/// are joined with a comma.
#[derive(Debug, Clone, Copy, Default)]
pub struct Conditions<'r> {
    /// `If-Match`.
    pub if_match: Option<&'r [u8]>,
    /// `If-Unmodified-Since`.
    pub if_unmodified_since: Option<&'r [u8]>,
    /// `If-None-Match`.
    pub if_none_match: Option<&'r [u8]>,
    /// `If-Modified-Since`.
    pub if_modified_since: Option<&'r [u8]>,
    /// `If-Range`.
    pub if_range: Option<&'r [u8]>,
    /// `Range`.
    pub range: Option<&'r [u8]>,
}

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome<'r> {
    /// The whole file.
    Full,
    /// What this value of `Range` asks for.
    Range(&'r [u8]),
    /// 304.
    NotModified,
    /// 412.
    PreconditionFailed,
}

impl<'r> Conditions<'r> {
    /// Evaluates the preconditions of a GET or HEAD in the order of RFC 9110, 13.2.2.
    #[must_use]
    pub fn evaluate(&self, validators: &Validators, now: SystemTime) -> Outcome<'r> {
        if self.is_another(validators) {
            return Outcome::PreconditionFailed;
        }
        if self.is_known(validators) {
            return Outcome::NotModified;
        }
        match self.range {
            Some(range) if self.may_be_continued(validators, now) => Outcome::Range(range),
            _ => Outcome::Full,
        }
    }

    /// Steps 1 and 2: the client wants to act on a state that is gone.
    fn is_another(&self, validators: &Validators) -> bool {
        // RFC 9110, 13.1.4: "A recipient MUST ignore If-Unmodified-Since if the request contains
        // an If-Match header field"
        match (self.if_match, self.if_unmodified_since.and_then(date), validators.modified()) {
            (Some(tags), _, _) => !matches_any(tags, validators.etag(), Comparison::Strong),
            (None, Some(since), Some(modified)) => modified > since,
            _ => false,
        }
    }

    /// Steps 3 and 4: the client has this state already.
    fn is_known(&self, validators: &Validators) -> bool {
        // RFC 9110, 13.1.3: "A recipient MUST ignore If-Modified-Since if the request contains an
        // If-None-Match header field"
        match (self.if_none_match, self.if_modified_since.and_then(date), validators.modified()) {
            (Some(tags), _, _) => matches_any(tags, validators.etag(), Comparison::Weak),
            (None, Some(since), Some(modified)) => modified <= since,
            _ => false,
        }
    }

    /// Step 5: the parts that the client has are of this state.
    fn may_be_continued(&self, validators: &Validators, now: SystemTime) -> bool {
        let Some(validator) = self.if_range else {
            return true;
        };
        if matches!(validator, [b'"', ..] | [b'W', b'/', ..]) {
            return matches_any(validator, validators.etag(), Comparison::Strong);
        }
        // RFC 9110, 13.1.5: "If the HTTP-date validator provided exactly matches the
        // Last-Modified field value for the selected representation, the condition is true."
        // A date is believed only when its second is over: until then the file may still change
        // and keep its date.
        let over = |modified: &SystemTime| {
            now.duration_since(*modified).is_ok_and(|age| age > Duration::from_secs(1))
        };
        let modified = validators.modified().filter(over);
        modified.is_some() && modified == date(validator)
    }
}

/// How entity tags are compared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Comparison {
    /// Weak tags match nothing.
    Strong,
    /// `W/` is looked over.
    Weak,
}

/// Whether the list `tags`, or `*`, has `ours`, which is a strong one. A list is read up to where
/// it stops to be one.
fn matches_any(tags: &[u8], ours: &str, comparison: Comparison) -> bool {
    if tags.trim_ascii() == b"*" {
        return true;
    }
    let mut rest = tags;
    while let Some((weak, tag, behind)) = next_tag(rest) {
        if tag == ours.as_bytes() && (!weak || comparison == Comparison::Weak) {
            return true;
        }
        rest = behind;
    }
    false
}

/// Splits the first tag off a list: whether it is weak, the tag with its quotes, what follows.
fn next_tag(list: &[u8]) -> Option<(bool, &[u8], &[u8])> {
    let between = |byte: &u8| matches!(byte, b' ' | b'\t' | b',');
    let start = list.iter().position(|byte| !between(byte))?;
    let list = list.get(start..)?;
    let (weak, list) = match list.strip_prefix(b"W/") {
        Some(list) => (true, list),
        None => (false, list),
    };
    let text = list.strip_prefix(b"\"")?;
    let end = text.iter().position(|byte| *byte == b'"')? + 2;
    let (tag, behind) = list.split_at_checked(end)?;
    Some((weak, tag, behind))
}

/// A date of HTTP; anything else makes the field be ignored.
fn date(value: &[u8]) -> Option<SystemTime> {
    httpdate::parse_http_date(std::str::from_utf8(value).ok()?).ok()
}

#[cfg(test)]
mod tests;
