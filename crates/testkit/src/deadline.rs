//! The moment at which a test gives up.

use std::time::{Duration, Instant};

/// The moment at which a test gives up.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(Instant);

impl Deadline {
    /// So long from now.
    #[must_use]
    pub fn after(patience: Duration) -> Self {
        Self(Instant::now() + patience)
    }

    /// Whether it has passed.
    #[must_use]
    pub fn has_passed(self) -> bool {
        Instant::now() > self.0
    }

    /// Asks again and again until `done` says so. Only for what tells nobody when it happens, and
    /// where asking takes its time, as a request does.
    ///
    /// # Panics
    /// When it has not happened before the deadline.
    pub fn keep_asking(self, what: &str, mut done: impl FnMut() -> bool) {
        while !done() {
            assert!(!self.has_passed(), "never happened: {what}");
        }
    }
}
