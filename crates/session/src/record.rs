//! One session as it is kept: its id, the former one, and a part for each of its web-apps.

use std::collections::BTreeSet;
use std::time::Duration;

use copal_protocol::session_id::SessionId;

use crate::part::Part;

/// For how long after a rotation the old proof still reads.
pub(crate) const FORMER_PROOF_READS: Duration = Duration::from_secs(10);

/// One session as it is kept.
#[derive(Debug)]
pub(crate) struct Record {
    id: SessionId,
    former: Option<Former>,
    /// Goes up by one with every change.
    sequence: u64,
    /// Never empty while the record is in the table.
    parts: Vec<Part>,
    user: Option<Box<str>>,
    /// The sequence after the change that said whose session it is.
    user_sequence: u64,
}

/// The id before the last rotation.
#[derive(Debug)]
struct Former {
    id: SessionId,
    rotated: Duration,
    /// The record's sequence at the rotation.
    sequence: u64,
}

/// What a proof is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is the session's proof: reads and writes.
    Current,
    /// It was until a moment ago: reads what has not changed since `sequence`.
    Former { sequence: u64 },
}

impl Standing {
    /// The last sequence at which an attribute may have changed to be read.
    pub(crate) const fn horizon(self) -> u64 {
        match self {
            Self::Current => u64::MAX,
            Self::Former { sequence } => sequence,
        }
    }
}

impl Record {
    pub(crate) const fn new(id: SessionId) -> Self {
        Self { id, former: None, sequence: 0, parts: Vec::new(), user: None, user_sequence: 0 }
    }

    pub(crate) const fn id(&self) -> &SessionId {
        &self.id
    }

    /// What the proof of `id` is good for now, or `None` when it is wrong.
    pub(crate) fn standing(&self, id: &SessionId, now: Duration) -> Option<Standing> {
        if self.id.proof_matches(id) {
            return Some(Standing::Current);
        }
        let former = self.former.as_ref()?;
        let in_time = now.saturating_sub(former.rotated) < FORMER_PROOF_READS;
        (in_time && former.id.proof_matches(id))
            .then_some(Standing::Former { sequence: former.sequence })
    }

    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }

    pub(crate) fn part(&self, number: usize) -> Option<&Part> {
        self.parts.iter().find(|part| part.web_app.number() == number)
    }

    pub(crate) fn part_mut(&mut self, number: usize) -> Option<&mut Part> {
        self.parts.iter_mut().find(|part| part.web_app.number() == number)
    }

    pub(crate) fn add_part(&mut self, part: Part) {
        self.parts.push(part);
    }

    pub(crate) fn take_part(&mut self, number: usize) -> Option<Part> {
        let at = self.parts.iter().position(|part| part.web_app.number() == number)?;
        Some(self.parts.swap_remove(at))
    }

    /// The sequence of the last change.
    pub(crate) const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Whose session it is, if that was said at or before `horizon`.
    pub(crate) fn user(&self, horizon: u64) -> Option<&str> {
        self.user.as_deref().filter(|_| self.user_sequence <= horizon)
    }

    /// Says whose session it is.
    pub(crate) fn set_user(&mut self, user: Option<Box<str>>, sequence: u64) {
        (self.user, self.user_sequence) = (user, sequence);
    }

    /// Counts as said now whose session it is.
    pub(crate) const fn mark_user_changed(&mut self) {
        self.user_sequence = self.next_sequence();
    }

    /// The sequence of a change that is being made.
    pub(crate) const fn next_sequence(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    /// Counts these attributes of a web-app as changed now.
    pub(crate) fn mark_changed(&mut self, number: usize, names: &BTreeSet<String>) {
        let sequence = self.next_sequence();
        if let Some(part) = self.part_mut(number) {
            part.mark_changed(names.iter().map(String::as_str), sequence);
        }
    }

    /// Gives the session another proof. The one before last is forgotten.
    pub(crate) fn rotate(&mut self, next: SessionId, now: Duration) {
        let id = std::mem::replace(&mut self.id, next);
        self.former = Some(Former { id, rotated: now, sequence: self.sequence });
    }
}
