//! How a server that stops gives its sessions away first.

use std::sync::Arc;

use copal_replica::needed::is_needed;
use copal_replica::place::Place;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::ring::engine::Engine;
use crate::ring::limits::TICK;

/// That a server stops.
pub(crate) struct Leave {
    /// Whether it has taken too long.
    pub(crate) over: Box<dyn Fn() -> bool + Send>,
    /// Is told what is left.
    pub(crate) done: Box<dyn FnOnce(Left) + Send>,
}

/// What others do not have of what a server that stops has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Left {
    /// Sessions for which it still acts.
    pub(crate) own: u64,
    /// Sessions for which others act and of which there are too few copies without it.
    pub(crate) copies: u64,
}

/// Waits until all that a server that stops has is where it should be without it, as far as there are others
/// to have it, or until it has taken too long. The engines make copies and give sessions away by themselves
/// once the server says that it is leaving.
pub(crate) async fn see_off(engine: Arc<Engine>, mut leaves: UnboundedReceiver<Leave>) {
    while let Some(Leave { over, done }) = leaves.recv().await {
        let mut left = engine.left();
        while left != Left::default() && !over() {
            tokio::time::sleep(TICK).await;
            left = engine.left();
        }
        done(left);
    }
}

impl Engine {
    /// What others do not have yet.
    pub(crate) fn left(&self) -> Left {
        let mut left = Left::default();
        for bench in self.benches() {
            self.moment(|around| {
                let needed = bench.shard.places().filter(|(_, place)| is_needed(place, around));
                for (_, place) in needed {
                    match place {
                        Place::Acts(_) => left.own += 1,
                        Place::Copy(_) => left.copies += 1,
                    }
                }
            });
        }
        left
    }
}
