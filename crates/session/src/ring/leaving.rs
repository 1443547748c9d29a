//! How a server that stops gives its sessions away first.

use std::sync::Arc;
use std::sync::mpsc::Sender;

use tokio::sync::mpsc::UnboundedReceiver;

use crate::ring::clockwork::clock;
use crate::ring::engine::Engine;
use crate::ring::limits::TICK;

/// That a server stops.
pub(crate) struct Leave {
    /// Whether it has taken too long.
    pub(crate) over: Box<dyn Fn() -> bool + Send>,
    /// Is told how many sessions it could not give away.
    pub(crate) done: Sender<u64>,
}

/// Waits until the sessions of a server that stops are given away, there is nobody to give them to, or
/// it has taken too long. The engine gives them away by itself once the server says that it is leaving.
pub(crate) async fn see_off(engine: Arc<Engine>, mut leaves: UnboundedReceiver<Leave>) {
    while let Some(Leave { over, done }) = leaves.recv().await {
        let others = || engine.liveness().ready(clock()).next().is_some();
        let mut left = engine.census().own;
        while left > 0 && others() && !over() {
            tokio::time::sleep(TICK).await;
            left = engine.census().own;
        }
        // Whoever asked waits for the answer, unless the whole process ends.
        let _ = done.send(left);
    }
}
