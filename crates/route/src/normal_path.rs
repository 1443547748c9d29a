//! A path in the one form that rules, files and forwarding all use.

use std::borrow::Cow;
use std::ops::Range;

use copal_protocol::path_parameter;

use crate::bad_path::BadPath;
use crate::path_policy::PathPolicy;
use text::Text;

mod plain;
mod segments;
mod text;

/// A path in normal form: dot segments removed, slashes merged, unreserved characters decoded,
/// `%XX` in upper case, all else encoded.
///
/// The normal form of a normal form is itself. No dot segment is left in it, and none appears
/// when somebody behind us decodes it or cuts its parameters off.
#[derive(Debug, Clone)]
pub struct NormalPath<'r> {
    forward: Cow<'r, [u8]>,
    text: Text,
    session: Option<SessionParameter>,
}

/// Where the session parameter stands in [`NormalPath::forward`].
#[derive(Debug, Clone)]
struct SessionParameter {
    whole: Range<usize>,
    value: Range<usize>,
}

impl<'r> NormalPath<'r> {
    /// The normal form of `path`, which is a request target without its query.
    ///
    /// A path in normal form is borrowed: one scan, no allocation. A session parameter in a
    /// segment that `..` removes is gone with it; of several the first stays and the others are
    /// dropped, so that nobody behind us can read another one.
    ///
    /// # Errors
    /// [`BadPath`] names the rule that the path breaks.
    pub fn of(path: &'r [u8], policy: &PathPolicy) -> Result<Self, BadPath> {
        if let Some(borrowed) = Self::borrow(path, policy) {
            return Ok(borrowed);
        }
        let mut forward = segments::rewrite(path, policy)?;
        let session = SessionParameter::find(&forward, &policy.session_prefix);
        if let Some(first) = &session {
            let (kept, tail) = forward.split_at_checked(first.whole.end).unwrap_or_default();
            if let Cow::Owned(tail) = path_parameter::remove_all(tail, &policy.session_prefix) {
                forward = [kept, &tail].concat();
            }
        }
        let text = Text::of(&forward, policy.merge_slashes);
        Ok(Self { forward: Cow::Owned(forward), text, session })
    }

    /// `path` itself, when nothing in it has to change.
    fn borrow(path: &'r [u8], policy: &PathPolicy) -> Option<Self> {
        let text_length = plain::text_length(path, policy.merge_slashes)?;
        let mut session = None;
        if text_length < path.len() {
            session = SessionParameter::find(path, &policy.session_prefix);
            let tail = session.as_ref().and_then(|first| path.get(first.whole.end..));
            if tail.is_some_and(|tail| has_session(tail, &policy.session_prefix)) {
                return None;
            }
        }
        Some(Self { forward: Cow::Borrowed(path), text: Text::Beginning(text_length), session })
    }

    /// What goes on to a server: encoded, with its parameters, the session parameter among them.
    #[must_use]
    pub fn forward(&self) -> &[u8] {
        &self.forward
    }

    /// What rules search: decoded, without any parameters. Any byte but NUL may be in it.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        self.text.bytes(&self.forward)
    }

    /// The value of the session parameter; it may be empty.
    #[must_use]
    pub fn session(&self) -> Option<&[u8]> {
        self.forward.get(self.session.as_ref()?.value.clone())
    }

    /// [`forward`](Self::forward) without the session parameter: what an application sees.
    #[must_use]
    pub fn without_session(&self) -> Cow<'_, [u8]> {
        let whole = self.session.as_ref().map_or(0..0, |session| session.whole.clone());
        let before = self.forward.get(..whole.start).unwrap_or_default();
        let after = self.forward.get(whole.end..).unwrap_or_default();
        match (before, after) {
            ([], all) | (all, []) => Cow::Borrowed(all),
            _ => Cow::Owned([before, after].concat()),
        }
    }

    /// The same path, independent of the bytes that it was made from.
    #[must_use]
    pub fn into_owned(self) -> NormalPath<'static> {
        let Self { forward, text, session } = self;
        NormalPath { forward: Cow::Owned(forward.into_owned()), text, session }
    }
}

impl SessionParameter {
    fn find(path: &[u8], prefix: &str) -> Option<Self> {
        let found = path_parameter::find(path, prefix)?;
        let value = found.start + prefix.len()..found.end;
        Some(Self { whole: found.start..found.end, value })
    }
}

fn has_session(path: &[u8], prefix: &str) -> bool {
    path_parameter::find(path, prefix).is_some()
}

#[cfg(test)]
mod tests;
