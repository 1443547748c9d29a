//! With what a new epoch of a session begins.

use crate::epoch::Epoch;
use crate::holders::{Holder, Holders, Standing};
use crate::merge::Line;
use crate::record::{Content, Record};
use crate::version::Version;

/// With what a new epoch begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beginning {
    /// The record with the highest version that was shown.
    pub newest: Record,
    /// Everything that was shown, in one.
    pub line: Line,
    /// All servers that hold, or may hold, a copy. Nobody has confirmed anything of the new epoch.
    pub holders: Holders,
    /// Something newer may be on a server that did not answer. That is counted.
    pub degraded: bool,
}

impl Beginning {
    /// To go on with a record that is complete.
    #[must_use]
    pub fn of(record: Record) -> Self {
        let mut holders = Holders::default();
        for holder in record.holders.iter() {
            // They fitted before.
            let _ = holders.put(holder.behind());
        }
        let line = Line::of(&record);
        Self { newest: record, line, holders, degraded: false }
    }

    /// A holder has shown something that the record has never seen.
    #[must_use]
    pub fn with(mut self, other: &Record) -> Self {
        self.line = self.line.merge(Line::of(other));
        self.newest.version.sequence = self.newest.version.sequence.max(other.version.sequence);
        self.also_held_by(&other.holders)
    }

    /// These may have a copy too.
    #[must_use]
    pub fn also_held_by(mut self, holders: &Holders) -> Self {
        for holder in holders.iter() {
            let known = self.holders.get(holder.server);
            if known.is_none_or(|known| known.incarnation < holder.incarnation) {
                self.degraded |= !self.holders.put(holder.behind());
            }
        }
        self
    }

    /// Whether lines that went on apart were merged.
    #[must_use]
    pub fn merges(&self) -> bool {
        self.line.seen != self.newest.seen
    }

    /// The first record of the epoch, which `own` begins. `None` when the numbers are used up.
    #[must_use]
    pub fn record(self, epoch: Epoch, own: Holder) -> Option<Record> {
        let merges = self.merges();
        let Self { newest, line: Line { mut seen, mut content }, mut holders, .. } = self;
        let sequence = newest.version.sequence.checked_add(1)?;
        let version = Version { epoch, sequence };
        seen.add(version);
        if let Content::Live(live) = &mut content
            && merges
        {
            live.changed = version;
        }
        // Where there are too many already, this server is one of them or nobody is new.
        let _ = holders.put(Holder { standing: Standing::Current, ..own });
        Some(Record { version, seen, holders, content, ..newest })
    }
}
