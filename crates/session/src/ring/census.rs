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
    /// Copies of its own live sessions, on servers that are there, beyond what there should be.
    pub surplus: u64,
    /// Ended sessions that are remembered.
    pub ended: u64,
    /// How its disk copy is doing, in a word, and what that has counted; if it has one.
    pub disk: Option<(&'static str, DiskFigures)>,
    /// What happened since it was started, by name.
    pub happened: Vec<(&'static str, u64)>,
}

impl Census {
    /// How often something happened that has this name.
    #[must_use]
    pub fn count(&self, what: &str) -> u64 {
        self.happened.iter().find(|(name, _)| *name == what).map_or(0, |(_, count)| *count)
    }

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
