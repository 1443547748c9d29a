//! Tells every worker thread that a server came or went while requests may wait for one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::watch;

/// Tells every worker thread that a server came or went, so that requests that wait for one look
/// whether they should go elsewhere. Clones ring for the same listeners.
#[derive(Debug, Clone)]
pub(crate) struct Bell {
    /// The same as in `rings`, for a look that costs one load.
    number: Arc<AtomicU64>,
    rings: Arc<watch::Sender<u64>>,
}

impl Default for Bell {
    fn default() -> Self {
        Self { number: Arc::default(), rings: Arc::new(watch::Sender::new(0)) }
    }
}

impl Bell {
    pub(crate) fn ring(&self) {
        let number = self.number.fetch_add(1, Ordering::AcqRel) + 1;
        self.rings.send_modify(|last| *last = number);
    }

    /// How often it has rung.
    pub(crate) fn number(&self) -> u64 {
        self.number.load(Ordering::Acquire)
    }

    /// Hears every ring from now on; rings that come close together are heard as one.
    pub(crate) fn listen(&self) -> Rings {
        Rings(self.rings.subscribe())
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
