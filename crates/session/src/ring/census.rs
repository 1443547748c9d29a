//! What there is on this server, counted.

use copal_replica::counts::Counts;

use crate::disk::state::DiskFigures;

/// What there is on this server, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Census {
    /// Live sessions for which it acts.
    pub own: u64,
    /// Live sessions with fewer copies than there should be: its own, and those of which it holds a copy
    /// and for which nobody acts any more.
    pub short: u64,
    /// Copies of live sessions for which others act.
    pub copies: u64,
    /// Those of its own sessions of which memory has all, and not only the disk.
    pub own_in_memory: u64,
    /// The same of its copies.
    pub copies_in_memory: u64,
    /// Ended sessions that are remembered.
    pub ended: u64,
    /// How its disk copy is doing, in a word, and what that has counted; if it has one.
    pub disk: Option<(&'static str, DiskFigures)>,
    /// What happened since it was started, by name.
    pub happened: Vec<(&'static str, u64)>,
}

impl Census {
    /// Adds what happened in one part of all sessions.
    pub(crate) fn add(&mut self, counts: &Counts) {
        let rows = counts.rows();
        if self.happened.is_empty() {
            self.happened = rows.to_vec();
            return;
        }
        for ((_, sum), (_, count)) in self.happened.iter_mut().zip(rows) {
            *sum += count;
        }
    }
}
