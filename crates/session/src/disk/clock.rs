//! The clock of the disk room.

use std::time::Instant;

/// The time now.
#[expect(clippy::disallowed_methods, reason = "the disk's thread gathers and waits by the clock")]
pub(crate) fn now() -> Instant {
    Instant::now()
}
