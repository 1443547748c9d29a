//! What a request wants of a session, and how the acting owner carries it out.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::attributes::WebAppPath;
use crate::live::Live;
use crate::operations::OperationNumber;
use crate::proof::Proof;
use crate::record::{Content, Record};
use crate::stamped::Stamped;
use crate::version::Version;

/// What a request wants of a session: all of it happens, or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The web-app whose attributes are meant.
    pub web_app: WebAppPath,
    /// Attributes that are set, or removed.
    pub attributes: BTreeMap<Box<str>, Option<Bytes>>,
    /// The new secret, when the id is to be rotated.
    pub proof: Option<Proof>,
    /// Whose session it is from now on.
    pub user: Option<Option<Box<str>>>,
    /// Whether it ends.
    pub ends: bool,
    /// Nothing happens unless this is still its last change.
    pub only_if: Option<Version>,
    /// Something that must not be carried out twice.
    pub operation: Option<(OperationNumber, Operation)>,
}

/// Something that must not be carried out twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// Adds to an attribute, after everything else of the change. One that is not there is 0.
    Add {
        /// Which attribute.
        name: Box<str>,
        /// How much; may be negative.
        by: i64,
    },
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was carried out. The answer is the sum of an [`Operation::Add`].
    Done(Option<Bytes>),
    /// Its operation was carried out before, with this answer; nothing has happened now.
    Repeated(Bytes),
}

/// Why a change was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The session has ended.
    #[error("the session has ended")]
    Ended,
    /// Since the request read the session, another server has begun to act for it, and this
    /// attribute was changed.
    #[error("attribute \"{0}\" was changed meanwhile, by way of another server")]
    Changed(Box<str>),
    /// Another request has rotated the id since this one read the session.
    #[error("the id was rotated meanwhile")]
    Rotated,
    /// It is not the version any more that the request insists on.
    #[error("the session was changed meanwhile")]
    NotAsExpected,
    /// The attribute is no whole number.
    #[error("attribute \"{0}\" is no whole number of 64 bits")]
    NotANumber(Box<str>),
    /// The sum is no whole number of 64 bits.
    #[error("the sum for attribute \"{0}\" is too large")]
    Overflow(Box<str>),
}

/// Carries a change out on the acting owner's record. `base` is the version that the request had
/// read, `at` the new one.
///
/// Of two requests that were under way at the same time in one epoch the later one wins. One that
/// read the session in an earlier epoch may have missed what was acknowledged since, so it
/// overwrites nothing that has changed.
///
/// # Errors
/// [`Refused`]; then the record is as it was.
pub fn carry_out(
    record: &mut Record,
    change: &Change,
    base: Version,
    at: Version,
) -> Result<Outcome, Refused> {
    let now = record.version;
    let Content::Live(live) = &mut record.content else {
        return Err(Refused::Ended);
    };
    if let Some((number, _)) = &change.operation
        && let Some(answer) = live.operations.answer(number)
    {
        return Ok(Outcome::Repeated(answer.clone()));
    }
    check(live, change, base, now)?;
    let sum = sum(live, change)?;
    if change.ends {
        record.content = Content::Ended { at };
    } else {
        apply(live, change, sum.as_ref(), at);
    }
    record.version = at;
    record.seen.add(at);
    Ok(Outcome::Done(sum.map(|(_, sum)| sum)))
}

fn check(live: &Live, change: &Change, base: Version, now: Version) -> Result<(), Refused> {
    if change.only_if.is_some_and(|expected| expected != now) {
        return Err(Refused::NotAsExpected);
    }
    // Two rotations at once would leave one client with a proof that is good for nothing.
    if change.proof.is_some() && live.proof.at > base {
        return Err(Refused::Rotated);
    }
    if base.epoch < now.epoch {
        let changed = |name: &str| {
            live.attributes.changed_at(&change.web_app, name).is_some_and(|at| at > base)
        };
        if let Some(name) = change.attributes.keys().find(|name| changed(name)) {
            return Err(Refused::Changed(name.clone()));
        }
    }
    Ok(())
}

/// The attribute to which something is added, and its new value.
fn sum(live: &Live, change: &Change) -> Result<Option<(Box<str>, Bytes)>, Refused> {
    let Some((_, Operation::Add { name, by })) = &change.operation else {
        return Ok(None);
    };
    let before = match change.attributes.get(name) {
        Some(set) => set.as_ref(),
        None => live.attributes.get(&change.web_app, name),
    };
    let before = match before {
        None => 0,
        Some(value) => number(value).ok_or_else(|| Refused::NotANumber(name.clone()))?,
    };
    let sum = before.checked_add(*by).ok_or_else(|| Refused::Overflow(name.clone()))?;
    Ok(Some((name.clone(), sum.to_string().into())))
}

fn number(value: &Bytes) -> Option<i64> {
    let number: i64 = std::str::from_utf8(value).ok()?.parse().ok()?;
    // `+1` and `01` are no numbers of JSON.
    (number.to_string().as_bytes() == value).then_some(number)
}

fn apply(live: &mut Live, change: &Change, sum: Option<&(Box<str>, Bytes)>, at: Version) {
    for (name, value) in &change.attributes {
        live.attributes.put(&change.web_app, name, Stamped { value: value.clone(), at });
    }
    if let Some((name, sum)) = sum {
        live.attributes.put(&change.web_app, name, Stamped { value: Some(sum.clone()), at });
        if let Some((number, _)) = change.operation {
            live.operations.keep(number, Stamped { value: sum.clone(), at });
        }
    }
    if let Some(proof) = &change.proof {
        let next = Stamped { value: proof.clone(), at };
        live.former = Some(std::mem::replace(&mut live.proof, next).value);
    }
    if let Some(user) = &change.user {
        live.user = Stamped { value: user.clone(), at };
    }
    live.attributes.forget();
}

#[cfg(test)]
mod tests;
