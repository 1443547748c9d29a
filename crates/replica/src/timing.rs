//! The times on which the rules of the ring rest.

use std::time::Duration;

/// How often a server asks each of the others whether it is there.
pub const HEARTBEAT: Duration = Duration::from_millis(250);

/// For how long an answered heartbeat lets a server speak for sessions of which the one that
/// answered has a copy, counted from when the heartbeat was sent.
pub const LEASE: Duration = Duration::from_millis(1500);

/// How long after its last answer to an acting owner a server helps another one to take over.
pub const PROMISE: Duration = Duration::from_secs(2);

/// The longest step of the clock that counts as time in which this server was running. Whoever
/// drives the ring looks at the clock far more often.
pub const LONGEST_STEP: Duration = Duration::from_millis(250);

// An owner that was cut off must have fallen silent before somebody else speaks; the difference is
// for clocks that do not run equally fast: a quarter is a thousand times more than any does.
const _: () = assert!(LEASE.as_millis() * 5 / 4 < PROMISE.as_millis());
// A few heartbeats may be lost before anybody notices.
const _: () = assert!(HEARTBEAT.as_millis() * 4 < LEASE.as_millis());
