//! The only place of this crate that reads the time.

use std::time::{Instant, SystemTime};

/// The monotonic time now.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the room that reads the clock")]
pub fn now() -> Instant {
    Instant::now()
}

/// The wall clock: for dates that people and other programs see, never for measuring.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the room that reads the clock")]
pub fn wall() -> SystemTime {
    SystemTime::now()
}
