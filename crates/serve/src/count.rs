//! A figure that one thread writes and any thread reads.

use std::sync::atomic::{AtomicU64, Ordering};

/// A figure that one thread writes and any thread reads.
///
/// The writer loads and stores: an atomic addition would lock the cache line for each request.
/// With two writers, additions get lost; nothing worse happens.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    /// Zero.
    #[must_use]
    pub const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Adds `more`. Only ever called by the one thread that writes this figure.
    pub fn add(&self, more: u64) {
        self.0.store(self.get().wrapping_add(more), Ordering::Relaxed);
    }

    /// What it is by now, or was a moment ago.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_writes_and_others_read() {
        let count = Count::new();
        std::thread::scope(|threads| {
            threads.spawn(|| (0..1000).for_each(|_| count.add(3)));
            threads.spawn(|| {
                let mut seen = 0;
                while seen < 3000 {
                    let now = count.get();
                    assert!(now >= seen && now.is_multiple_of(3), "{now} after {seen}");
                    seen = now;
                }
            });
        });
        assert_eq!(count.get(), 3000);
    }
}
