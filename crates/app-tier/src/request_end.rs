//! Whether anybody will read a request's body to its end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether anybody will read a request's body to its end. Clones speak of the same body.
#[derive(Debug, Clone, Default)]
pub(crate) struct RequestEnd {
    expected: Arc<AtomicBool>,
}

impl RequestEnd {
    /// Somebody may still read, or has read everything.
    pub(crate) fn expect(&self) {
        self.expected.store(true, Ordering::Relaxed);
    }

    /// Nobody will.
    pub(crate) fn give_up(&self) {
        self.expected.store(false, Ordering::Relaxed);
    }

    /// Whether it will not be read.
    pub(crate) fn is_given_up(&self) -> bool {
        !self.expected.load(Ordering::Relaxed)
    }
}
