//! What a request wants of a session, and what the acting owner makes of it.

use std::collections::BTreeSet;

use bytes::Bytes;
use litemap::LiteMap;

use crate::attributes::WebAppPath;
use crate::live::Live;
use crate::operations::OperationNumber;
use crate::plant::{Plant, has};
use crate::proof::Proof;
use crate::record::Record;
use crate::seen::Seen;
use crate::step::Step;
use crate::version::Version;

/// What a request wants of a session: all of it happens, or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The web-app whose attributes are meant.
    pub web_app: WebAppPath,
    /// Attributes that are set, or removed.
    pub attributes: LiteMap<Box<str>, Option<Bytes>>,
    /// Attributes that count as changed by this change, although they keep their values: what a request
    /// changed before it rotates the id is none of the former proof's business.
    pub restamped: BTreeSet<Box<str>>,
    /// The new secret, when the id is to be rotated.
    pub proof: Option<Proof>,
    /// Whose session it is from now on.
    pub user: Option<Option<Box<str>>>,
    /// Whether it ends.
    pub ends: bool,
    /// Nothing happens unless the last change that can be seen is still this one.
    pub only_if: Option<Version>,
    /// Something to be added to an attribute, after everything else of the change. One that is not
    /// there is 0.
    pub add: Option<Add>,
    /// The number by which a repetition is known: it gets the old answer, and nothing is done.
    pub number: Option<OperationNumber>,
}

impl Change {
    /// A change by which nothing happens yet.
    #[must_use]
    pub fn of(web_app: &str) -> Self {
        Self {
            web_app: web_app.into(),
            attributes: LiteMap::new(),
            restamped: BTreeSet::new(),
            proof: None,
            user: None,
            ends: false,
            only_if: None,
            add: None,
            number: None,
        }
    }
}

/// Something to be added to an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Add {
    /// Which attribute.
    pub name: Box<str>,
    /// How much; may be negative.
    pub by: i64,
}

/// What a request had read before it changed something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// The version that it had read.
    pub version: Version,
    /// The changes of which that version knew.
    pub seen: Seen,
}

impl Base {
    /// A request that read the session as it is now.
    #[must_use]
    pub fn of(record: &Record) -> Self {
        Self { version: record.version, seen: record.seen.clone() }
    }
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
    /// The same, and somebody else uses it now, or nobody.
    #[error("the user was changed meanwhile, by way of another server")]
    UserChanged,
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

/// Decides what a change does to the acting owner's record. `base` is what the request had read.
///
/// Of two requests that were under way at the same time in one epoch the later one wins. One that
/// read the session in an earlier epoch may have missed what was acknowledged since, so it
/// overwrites nothing of which it did not know.
///
/// A repetition may come while the first is still under way: its answer waits for that.
///
/// # Errors
/// [`Refused`].
pub fn decide(record: &Record, change: &Change, base: &Base) -> Result<Verdict, Refused> {
    let live = record.live().ok_or(Refused::Ended)?;
    let number = change.number.filter(|_| !has(Plant::RepeatsOperations));
    if let Some(answer) = number.and_then(|number| live.operations.answer(&number)) {
        return Ok(Verdict::Repeated(answer.clone()));
    }
    check(live, change, base, record.version)?;
    let mut attributes = change.attributes.clone();
    let sum = sum(live, change)?;
    if let Some((name, sum)) = &sum {
        attributes.insert(name.clone(), Some(sum.clone()));
    }
    // What has a value gets it once more.
    for name in &change.restamped {
        if let Some(value) = live.attributes.get(&change.web_app, name) {
            attributes.try_insert(name.clone(), Some(value.clone()));
        }
    }
    // To remove what is not there changes nothing.
    let is_there = |name: &str| live.attributes.get(&change.web_app, name).is_some();
    attributes.retain(|name, value| value.is_some() || is_there(name));
    let mut step = Step::after(record).ok_or(Refused::UsedUp)?;
    if !attributes.is_empty() {
        step.attributes.insert(change.web_app.clone(), attributes);
    }
    step.answer = change.number.map(|number| (number, sum.map(|(_, sum)| sum).unwrap_or_default()));
    step.proof = change.proof.clone();
    step.user = change.user.clone();
    step.ends = change.ends;
    Ok(Verdict::Take(Box::new(step)))
}

fn check(live: &Live, change: &Change, base: &Base, now: Version) -> Result<(), Refused> {
    if change.only_if.is_some_and(|expected| expected != live.changed) {
        return Err(Refused::NotAsExpected);
    }
    let is_news = |at: Version| !base.seen.contains(at);
    // Two rotations at once would leave one client with a proof that is good for nothing; and a sum would
    // tell somebody with the former proof what was changed after it.
    if (change.proof.is_some() || change.add.is_some()) && is_news(live.proof.at) {
        return Err(Refused::Rotated);
    }
    if base.version.epoch == now.epoch {
        return Ok(());
    }
    if change.user.is_some() && is_news(live.user.at) {
        return Err(Refused::UserChanged);
    }
    let changed =
        |name: &str| live.attributes.changed_at(&change.web_app, name).is_some_and(is_news);
    // What is only added to loses nothing of what others have added.
    match change.attributes.keys().find(|name| changed(name)) {
        Some(name) => Err(Refused::Changed(name.clone())),
        None => Ok(()),
    }
}

/// The attribute to which something is added, and its new value.
fn sum(live: &Live, change: &Change) -> Result<Option<(Box<str>, Bytes)>, Refused> {
    let Some(Add { name, by }) = &change.add else {
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
