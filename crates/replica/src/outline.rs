//! A record without what the session holds.

use bytes::Bytes;
use copal_protocol::session_key::SessionKey;

use crate::holders::Holders;
use crate::record::{Content, Record};
use crate::seen::Seen;
use crate::version::Version;

/// A record of a live session without what that holds, for servers that have it. As long as no change was
/// made that a request can see, all that is different is in here: who acts, and who holds a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// Which session.
    pub key: SessionKey,
    /// Who acts for it, and its last change.
    pub version: Version,
    /// The changes that the record knows of.
    pub seen: Seen,
    /// The last change that is known to be acknowledged, by its number.
    pub acknowledged: u64,
    /// Where there are copies.
    pub holders: Holders,
    /// The last change that a request can see. Nobody gives a number twice: with the same one everything
    /// that the session holds is the same.
    pub changed: Version,
    /// Fields of a newer version of this program.
    pub unknown: Vec<(u64, Bytes)>,
}

impl Outline {
    /// That of a record; there is none of a session that has ended.
    #[must_use]
    pub fn of(record: &Record) -> Option<Self> {
        let live = record.live()?;
        Some(Self {
            key: record.key,
            version: record.version,
            seen: record.seen.clone(),
            acknowledged: record.acknowledged,
            holders: record.holders.clone(),
            changed: live.changed,
            unknown: record.unknown.clone(),
        })
    }

    /// The record, with what another one holds; `None` when that is not the same.
    #[must_use]
    pub fn with(&self, other: &Record) -> Option<Record> {
        let live = other.live().filter(|live| live.changed == self.changed)?;
        let Self { key, version, acknowledged, .. } = *self;
        Some(Record {
            key,
            version,
            seen: self.seen.clone(),
            acknowledged,
            holders: self.holders.clone(),
            content: Content::Live(Box::new(live.clone())),
            unknown: self.unknown.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::{Base, Verdict, decide};
    use crate::samples::{record, set, version};
    use crate::step::Step;

    #[test]
    fn a_record_is_its_outline_and_what_any_record_of_the_same_content_holds() {
        let before = record(version(2, 5));
        let mut after = before.clone();
        let step = Step::after(&after).unwrap();
        step.take(&mut after).unwrap();
        after.version.epoch = version(3, 0).epoch;
        let outline = Outline::of(&after).unwrap();
        assert_eq!(outline.with(&before), Some(after.clone()));
        let Ok(Verdict::Take(step)) = decide(&before, &set("a", "1"), &Base::of(&before)) else {
            panic!("it is carried out");
        };
        let mut changed = before.clone();
        step.take(&mut changed).unwrap();
        assert_eq!(outline.with(&changed), None);
        changed.content = Content::Ended { at: changed.version };
        assert_eq!((outline.with(&changed), Outline::of(&changed)), (None, None));
    }
}
