//! Since when an operation of the disk has not returned.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::disk::clock;

/// Since when an operation of the disk has not returned.
#[derive(Debug)]
pub(crate) struct Pulse {
    origin: Instant,
    /// Microseconds from the origin to the beginning of the operation, and one more; 0 if none is on.
    began: AtomicU64,
}

impl Pulse {
    pub(crate) fn new() -> Self {
        Self { origin: clock::now(), began: AtomicU64::new(0) }
    }

    /// Carries out one operation, and says how long it took.
    pub(crate) fn during<T>(&self, operation: impl FnOnce() -> T) -> (T, Duration) {
        let before = clock::now().duration_since(self.origin);
        let micros = u64::try_from(before.as_micros()).unwrap_or(u64::MAX - 1);
        self.began.store(micros + 1, Ordering::Relaxed);
        let result = operation();
        self.began.store(0, Ordering::Relaxed);
        (result, clock::now().duration_since(self.origin).saturating_sub(before))
    }

    /// When the operation began that is on.
    pub(crate) fn since(&self) -> Option<Instant> {
        let began = self.began.load(Ordering::Relaxed).checked_sub(1)?;
        Some(self.origin + Duration::from_micros(began))
    }
}
