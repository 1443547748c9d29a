//! Tells every worker thread that a server went out of service while requests may wait for it.

use std::sync::Arc;

use tokio::sync::watch;

/// Tells every worker thread that something has changed which requests that wait should look at.
/// Clones ring for the same listeners.
#[derive(Debug, Clone)]
pub(crate) struct Bell(Arc<watch::Sender<u64>>);

impl Default for Bell {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }
}

impl Bell {
    pub(crate) fn ring(&self) {
        self.0.send_modify(|rings| *rings = rings.wrapping_add(1));
    }

    /// Hears every ring from now on; rings that come close together are heard as one.
    pub(crate) fn listen(&self) -> Rings {
        Rings(self.0.subscribe())
    }
}

/// One listener's end of a [`Bell`].
#[derive(Debug)]
pub(crate) struct Rings(watch::Receiver<u64>);

impl Rings {
    /// Waits for the next ring; `false` when there will be none.
    pub(crate) async fn rung(&mut self) -> bool {
        self.0.changed().await.is_ok()
    }
}
