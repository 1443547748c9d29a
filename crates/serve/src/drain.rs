//! How a server stops: politely first, and at once when that takes too long.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::watch;

/// How far a server is on its way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// It takes connections.
    Serving = 0,
    /// It takes no new connections, finishes what runs, and keeps no connection alive.
    Draining = 1,
    /// What it still had to do for other servers is done: doors that stayed open for that close.
    Closing = 2,
    /// What still runs is cut off.
    Cut = 3,
}

/// Tells every thread of a server that it stops. Clones speak of the same server.
#[derive(Debug, Clone)]
pub struct Drain {
    /// The same as in `changes`, for a look that costs one load per request.
    phase: Arc<AtomicU8>,
    changes: Arc<watch::Sender<Phase>>,
    /// In milliseconds.
    time: Arc<AtomicU64>,
}

impl Default for Drain {
    fn default() -> Self {
        Self {
            phase: Arc::default(),
            changes: Arc::new(watch::Sender::new(Phase::Serving)),
            time: Arc::default(),
        }
    }
}

impl Drain {
    /// Whether the server is on its way out.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.phase.load(Ordering::Relaxed) != Phase::Serving as u8
    }

    /// Whether what still runs is cut off.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.phase.load(Ordering::Relaxed) == Phase::Cut as u8
    }

    /// How long it waits for what runs, once it stops.
    #[must_use]
    pub fn time(&self) -> Duration {
        Duration::from_millis(self.time.load(Ordering::Relaxed))
    }

    /// Changes how long it waits for what runs; without effect once it stops.
    pub fn set_time(&self, time: Duration) {
        self.time.store(u64::try_from(time.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Begins to stop. Later phases are not left again.
    pub fn begin(&self) {
        self.advance(Phase::Draining);
    }

    /// Closes the doors that stayed open while it drained.
    pub fn close(&self) {
        self.advance(Phase::Closing);
    }

    /// Ends what still runs.
    pub fn cut(&self) {
        self.advance(Phase::Cut);
    }

    /// Returns as soon as `phase`, or a later one, is reached.
    pub async fn reached(&self, phase: Phase) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let mut changes = self.changes.subscribe();
        drop(changes.wait_for(|now| *now >= phase).await);
    }

    fn advance(&self, phase: Phase) {
        self.phase.fetch_max(phase as u8, Ordering::Relaxed);
        self.changes.send_if_modified(|now| {
            let forward = *now < phase;
            if forward {
                *now = phase;
            }
            forward
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn phases_only_go_forward() {
        let drain = Drain::default();
        assert!(!drain.is_draining());
        drain.begin();
        drain.close();
        assert!(!drain.is_cut());
        drain.cut();
        drain.begin();
        assert!(drain.is_draining() && drain.is_cut());
        drain.reached(Phase::Draining).await;
        drain.reached(Phase::Cut).await;
    }
}
