//! Whether something is on the disk.

use std::sync::atomic::{AtomicU8, Ordering};

/// Whether something is on the disk. Told once; what is told later is too late.
#[derive(Debug)]
pub(crate) struct Receipt(AtomicU8);

const WAITS: u8 = 0;
const SAFE: u8 = 1;
const UNSAFE: u8 = 2;

impl Receipt {
    /// Nobody knows yet.
    pub(crate) const fn waits() -> Self {
        Self(AtomicU8::new(WAITS))
    }

    /// It was known from the beginning.
    pub(crate) const fn known(is_safe: bool) -> Self {
        Self(AtomicU8::new(if is_safe { SAFE } else { UNSAFE }))
    }

    /// It is there, or nobody waits for it any more.
    pub(crate) fn tell(&self, is_safe: bool) {
        let what = if is_safe { SAFE } else { UNSAFE };
        // Whoever was told first has acted on that.
        let _ = self.0.compare_exchange(WAITS, what, Ordering::AcqRel, Ordering::Acquire);
    }

    /// Whether it is safe, once that is known.
    pub(crate) fn is_safe(&self) -> Option<bool> {
        match self.0.load(Ordering::Acquire) {
            WAITS => None,
            told => Some(told == SAFE),
        }
    }
}
