//! A copy of a session on a server that does not act for it.

use std::sync::Arc;
use std::time::Duration;

use crate::epoch::Epoch;
use crate::holders::Holders;
use crate::outline::Outline;
use crate::plant::{Plant, has};
use crate::record::{Content, Record};
use crate::server_id::ServerId;
use crate::step::Step;
use crate::version::Version;

/// A copy of a session on a server that does not act for it.
#[derive(Debug, Clone, Default)]
pub struct Copy {
    /// What it has, if anything yet.
    record: Option<Arc<Record>>,
    /// The highest epoch of which it knows that it was begun.
    begun: Option<Epoch>,
    /// The highest epoch that it was asked to let begin, and did. It may never have begun.
    promised: Option<Epoch>,
    /// Servers that this one sent something while it acted, and that nobody else may know of: the
    /// change that listed them was taken back. The record lists them, and the acting owner has to.
    strays: Vec<ServerId>,
    /// What this server has made of the session while it acted, and nobody else may have.
    own_line: OwnLine,
    /// There was something here that cannot be read any more.
    missing: bool,
}

/// Whether an acting owner should hear of a copy before it is asked for anything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum OwnLine {
    /// It came from an acting owner.
    #[default]
    None,
    /// This server has made it, and was deposed.
    Untold,
    /// The same, and this one was told.
    Told(ServerId),
}

/// What the server says to the acting owner that sent something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// It has everything up to this version.
    Held(Version),
    /// It needs the whole record.
    Lacks,
    /// Somebody else acts, or will: nothing was taken.
    Higher(Epoch),
    /// It has something that the acting owner has never seen, of an epoch that lost, or knows of
    /// holders that it may not know: all of this, and how long ago it was used, as far as that is known.
    /// The acting owner takes that in first.
    Differs(Arc<Record>, Option<Duration>),
}

impl Reply {
    /// The session was used so long ago.
    pub(crate) fn with_age(self, age: Option<Duration>) -> Self {
        match self {
            Self::Differs(record, _) => Self::Differs(record, age),
            reply => reply,
        }
    }
}

impl Copy {
    /// What was read from this server's disk.
    #[must_use]
    pub fn of(record: Record) -> Self {
        let begun = Some(record.version.epoch);
        Self { begun, record: Some(Arc::new(record)), ..Self::default() }
    }

    /// What is left when this server does not act any more. It had sent something to all of `sent_to`.
    #[must_use]
    pub fn left(mut record: Record, sent_to: &Holders) -> Self {
        let mut strays = Vec::new();
        for holder in sent_to.iter() {
            let unlisted = record.holders.get(holder.server).is_none();
            if unlisted && record.holders.put(holder.behind()) {
                strays.push(holder.server);
            }
        }
        Self { strays, own_line: OwnLine::Untold, ..Self::of(record) }
    }

    /// What `acting` is told before it is asked for anything: it may have begun without changes that were
    /// acknowledged here, and has to take them in before it shows anything to whoever made them. Told once.
    pub fn tell(&mut self, acting: ServerId) -> Option<Reply> {
        let told = matches!(self.own_line, OwnLine::None) || self.own_line == OwnLine::Told(acting);
        let line = self.record.as_ref().filter(|_| !told)?;
        self.own_line = OwnLine::Told(acting);
        Some(Reply::Differs(line.clone(), None))
    }

    /// What is left when the disk does not give back what was here: that it was, and what was promised.
    #[must_use]
    pub(crate) fn missing(begun: Option<Epoch>, promised: Option<Epoch>) -> Self {
        Self { begun, promised, missing: true, ..Self::default() }
    }

    /// Whether there was something here that cannot be read any more.
    #[must_use]
    pub const fn is_missing(&self) -> bool {
        self.missing
    }

    /// Whether there is something here, or was and cannot be read.
    #[must_use]
    pub const fn is_something(&self) -> bool {
        self.missing || self.record.is_some()
    }

    /// What it holds is on the disk as it is: only the outline stays.
    pub(crate) fn stow(&mut self) {
        self.record = self.record.as_ref().map(|record| Arc::new(record.stowed()));
    }

    /// What it holds is in memory again.
    pub(crate) fn fetch(&mut self, content: Content) {
        if let Some(record) = &mut self.record {
            Arc::make_mut(record).content = content;
        }
    }

    /// What it has.
    #[must_use]
    pub fn record(&self) -> Option<&Record> {
        self.record.as_deref()
    }

    /// The same, to be kept.
    #[must_use]
    pub const fn shared(&self) -> Option<&Arc<Record>> {
        self.record.as_ref()
    }

    /// The highest epoch of which it knows that it was begun.
    #[must_use]
    pub const fn begun(&self) -> Option<Epoch> {
        self.begun
    }

    /// The highest epoch that it has promised to somebody.
    #[must_use]
    pub const fn promised(&self) -> Option<Epoch> {
        self.promised
    }

    /// It has heard that this epoch was begun.
    pub fn hear_of(&mut self, epoch: Epoch) {
        self.begun = self.begun.max(Some(epoch));
    }

    /// Takes nothing of lower epochs from now on. Returns whether the promise was given: it knows
    /// of none that is higher.
    pub fn promise(&mut self, epoch: Epoch) -> bool {
        let given = self.begun.max(self.promised) <= Some(epoch);
        if given {
            self.promised = Some(epoch);
        }
        given
    }

    /// The acting owner sends all that it has.
    pub fn take_record(&mut self, sent: impl Into<Arc<Record>>) -> Reply {
        let sent = sent.into();
        if let Some(refusal) = self.refuses(sent.version.epoch) {
            return refusal;
        }
        let listed = |server: &ServerId| sent.holders.get(*server).is_some();
        match &self.record {
            Some(own) if !self.strays.iter().all(listed) => Reply::Differs(own.clone(), None),
            Some(own) if !sent.seen.includes(&own.seen) && !has(Plant::OverwritesLines) => {
                // Out of order, or repeated: of the same line, and older than what is here.
                if own.seen.includes(&sent.seen) && own.version >= sent.version {
                    return Reply::Held(own.version);
                }
                Reply::Differs(own.clone(), None)
            }
            _ => {
                let version = sent.version;
                self.record = Some(sent);
                self.strays.clear();
                (self.own_line, self.missing) = (OwnLine::None, false);
                Reply::Held(version)
            }
        }
    }

    /// The acting owner sends all but what the session holds.
    pub fn take_outline(&mut self, sent: &Outline) -> Reply {
        match self.record().and_then(|own| sent.with(own)) {
            Some(record) => self.take_record(record),
            None => self.refuses(sent.version.epoch).unwrap_or(Reply::Lacks),
        }
    }

    /// The acting owner sends what it has just changed.
    pub fn take_step(&mut self, step: &Step) -> Reply {
        if let Some(refusal) = self.refuses(step.to.epoch) {
            return refusal;
        }
        match &mut self.record {
            // It came twice, or after a whole record that had it.
            Some(own) if own.version.epoch == step.to.epoch && own.version >= step.to => {
                Reply::Held(own.version)
            }
            Some(own) => match step.take(Arc::make_mut(own)) {
                Ok(()) => Reply::Held(own.version),
                Err(_) if has(Plant::LosesSteps) => Reply::Held(step.to),
                Err(_) => Reply::Lacks,
            },
            None => Reply::Lacks,
        }
    }

    /// The acting owner says at which version it is.
    pub fn compare(&mut self, version: Version) -> Reply {
        if let Some(refusal) = self.refuses(version.epoch) {
            return refusal;
        }
        match &self.record {
            Some(own) if own.version == version => Reply::Held(version),
            _ => Reply::Lacks,
        }
    }

    fn refuses(&mut self, epoch: Epoch) -> Option<Reply> {
        // Whoever sends something by this epoch has begun it.
        self.hear_of(epoch);
        let higher = self.begun.max(self.promised).filter(|known| *known > epoch);
        higher.map(Reply::Higher)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::{Base, Verdict, decide};
    use crate::holders::{Holder, Standing};
    use crate::incarnation::Incarnation;
    use crate::samples::{record, set, version};

    /// A record, and the same one after one more change.
    fn two_versions() -> (Record, Step, Record) {
        let before = record(version(2, 5));
        let Ok(Verdict::Take(step)) = decide(&before, &set("a", "1"), &Base::of(&before)) else {
            panic!("it is carried out");
        };
        let mut after = before.clone();
        step.take(&mut after).unwrap();
        (before, *step, after)
    }

    #[test]
    fn steps_follow_each_other_and_what_comes_twice_changes_nothing() {
        let (before, step, after) = two_versions();
        let mut copy = Copy::default();
        assert_eq!(copy.take_step(&step), Reply::Lacks);
        assert_eq!(copy.take_record(before.clone()), Reply::Held(before.version));
        for _ in 0..2 {
            assert_eq!(copy.take_step(&step), Reply::Held(after.version));
            assert_eq!(copy.record(), Some(&after));
        }
        assert_eq!(copy.take_record(before), Reply::Held(after.version), "it comes late");
        assert_eq!(copy.record(), Some(&after));
    }

    #[test]
    fn a_step_that_does_not_follow_asks_for_the_whole_record() {
        let (before, step, after) = two_versions();
        let Ok(Verdict::Take(next)) = decide(&after, &set("b", "2"), &Base::of(&after)) else {
            panic!("it is carried out");
        };
        let mut copy = Copy::default();
        copy.take_record(before);
        assert_eq!(copy.take_step(&next), Reply::Lacks);
        assert_eq!(copy.take_step(&step), Reply::Held(after.version));
    }

    #[test]
    fn nothing_of_a_lower_epoch_is_taken() {
        let (before, step, _) = two_versions();
        let mut copy = Copy::default();
        copy.take_record(before.clone());
        let higher = version(3, 0).epoch;
        assert!(copy.promise(higher));
        assert!(copy.promise(higher), "the same server asks again");
        assert!(!copy.promise(version(2, 9).epoch));
        assert_eq!(copy.take_step(&step), Reply::Higher(higher));
        assert_eq!(copy.take_record(before.clone()), Reply::Higher(higher));
        assert_eq!(copy.record(), Some(&before));
    }

    #[test]
    fn what_the_acting_owner_has_never_seen_is_not_overwritten() {
        let (before, step, after) = two_versions();
        let mut copy = Copy::default();
        copy.take_record(before.clone());
        copy.take_step(&step);
        // Another server took over without that step.
        let mut taken_over = before;
        taken_over.version = version(3, 6);
        taken_over.seen.add(taken_over.version);
        let reply = copy.take_record(taken_over.clone());
        assert_eq!(reply, Reply::Differs(Arc::new(after.clone()), None));
        assert_eq!(copy.record(), Some(&after));
        // It has taken it in.
        taken_over.seen.add(after.version);
        assert_eq!(copy.take_record(taken_over.clone()), Reply::Held(taken_over.version));
        assert_eq!(copy.record(), Some(&taken_over));
    }

    /// A holder was sent everything, and the change that listed it was taken back: its copy outlived
    /// the end of the session.
    #[test]
    fn whom_only_this_server_knows_as_a_holder_is_not_forgotten() {
        let (before, _, after) = two_versions();
        let stray = Holder {
            server: ServerId::new("app-e").unwrap(),
            incarnation: Incarnation(7),
            standing: Standing::Current,
        };
        let mut sent_to = before.holders.clone();
        assert!(sent_to.put(stray));
        let mut copy = Copy::left(before, &sent_to);
        let shown = copy.record().unwrap().clone();
        assert_eq!(shown.holders.get(stray.server), Some(&stray.behind()));

        let mut newer = after;
        newer.version.epoch = version(3, 0).epoch;
        newer.seen.add(newer.version);
        assert_eq!(copy.take_record(newer.clone()), Reply::Differs(Arc::new(shown), None));
        // Now it is listed.
        assert!(newer.holders.put(stray.behind()));
        assert_eq!(copy.take_record(newer.clone()), Reply::Held(newer.version));
        assert_eq!(copy.record(), Some(&newer));
    }
}
