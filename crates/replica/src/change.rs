//! What a request wants of a session, and what the acting owner makes of it.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::attributes::WebAppPath;
use crate::live::Live;
use crate::operations::OperationNumber;
use crate::proof::Proof;
use crate::record::Record;
use crate::step::Step;
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

/// What is to be done about a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// This step is to be taken. The answer to an operation is in it.
    Take(Box<Step>),
    /// Its operation was carried out before, with this answer; nothing is to be done.
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
    /// There are no more version numbers.
    #[error("the session was changed too often")]
    UsedUp,
}

/// Decides what a change does to the acting owner's record. `base` is the version that the request
/// had read.
///
/// Of two requests that were under way at the same time in one epoch the later one wins. One that
/// read the session in an earlier epoch may have missed what was acknowledged since, so it
/// overwrites nothing that has changed.
///
/// # Errors
/// [`Refused`].
pub fn decide(record: &Record, change: &Change, base: Version) -> Result<Verdict, Refused> {
    let live = record.live().ok_or(Refused::Ended)?;
    let number = change.operation.as_ref().map(|(number, _)| *number);
    if let Some(answer) = number.and_then(|number| live.operations.answer(&number)) {
        return Ok(Verdict::Repeated(answer.clone()));
    }
    check(live, change, base, record.version)?;
    let mut attributes = change.attributes.clone();
    let sum = sum(live, change)?;
    if let Some((name, sum)) = &sum {
        attributes.insert(name.clone(), Some(sum.clone()));
    }
    let mut step = Step::after(record).ok_or(Refused::UsedUp)?;
    if !attributes.is_empty() {
        step.attributes.insert(change.web_app.clone(), attributes);
    }
    step.answer = number.zip(sum.map(|(_, sum)| sum));
    step.proof = change.proof.clone();
    step.user = change.user.clone();
    step.ends = change.ends;
    Ok(Verdict::Take(Box::new(step)))
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

#[cfg(test)]
mod tests;
