//! The bounds of what may be written in the file.

use std::ops::RangeInclusive;
use std::time::Duration;

/// Bytes of a file.
pub(crate) const FILE_BYTES: usize = 1 << 20;

/// Bytes of a secret. The upper one only keeps a wrong file name from being read to its end.
pub(crate) const SECRET_BYTES: RangeInclusive<usize> = crate::secret::Secret::MIN_BYTES..=4096;

/// Bytes of a regexp as written.
pub(crate) const REGEXP_LENGTH: usize = 4096;
/// Bytes of a compiled regexp, and of what a search may keep beside it.
pub(crate) const REGEXP_BYTES: usize = 1 << 20;

/// Syntax errors that are looked for before the reader gives up on the rest of the file.
pub(crate) const SYNTAX_ERRORS: usize = 32;

pub(crate) const WORKERS: RangeInclusive<u64> = 1..=1024;
pub(crate) const PORT: RangeInclusive<u64> = 1..=65_535;
pub(crate) const INDEX: RangeInclusive<u64> = 0..=63;

/// A time after which something is given up.
pub(crate) const TIMEOUT: RangeInclusive<Duration> = Duration::from_millis(1)..=DAY;
/// A time for which something is kept or waited for; `0s` is not at all.
pub(crate) const PAUSE: RangeInclusive<Duration> = Duration::ZERO..=DAY;
/// The life of a session; `0s` is without end.
pub(crate) const LIFE: RangeInclusive<Duration> = Duration::ZERO..=DECADE;
/// `Max-Age` counts whole seconds, and 0 would delete the cookie.
pub(crate) const COOKIE_AGE: RangeInclusive<Duration> = Duration::from_secs(1)..=DECADE;

/// Between two health checks; a shorter time would be load of its own.
pub(crate) const INTERVAL: RangeInclusive<Duration> = Duration::from_millis(10)..=DAY;
/// Failures or successes that count only together.
pub(crate) const IN_A_ROW: RangeInclusive<u64> = 1..=100;
/// A share of new sessions; 0 is none.
pub(crate) const WEIGHT: RangeInclusive<u64> = 0..=1000;
/// Requests in flight to a server; 0 is without bound.
pub(crate) const REQUESTS: RangeInclusive<u64> = 0..=10_000_000;

pub(crate) const SESSION_MAX: RangeInclusive<u64> = 1..=100_000_000;
pub(crate) const SESSION_BYTES: RangeInclusive<u64> = 1..=1 << 30;
pub(crate) const COPIES: RangeInclusive<u64> = 1..=3;
/// For a holder to confirm a change; a request waits so long.
pub(crate) const ACKNOWLEDGE_TIMEOUT: RangeInclusive<Duration> =
    Duration::from_millis(1)..=Duration::from_secs(60);
/// For a server to come back.
pub(crate) const AWAY: RangeInclusive<Duration> = Duration::from_secs(1)..=DECADE;
pub(crate) const COOKIE_LENGTH: RangeInclusive<u64> = 24..=64;

pub(crate) const CONNECTIONS: RangeInclusive<u64> = 1..=10_000_000;
pub(crate) const HEAD: RangeInclusive<u64> = 256..=16 << 20;
pub(crate) const FIELDS: RangeInclusive<u64> = 1..=10_000;
pub(crate) const URI: RangeInclusive<u64> = 16..=16 << 20;
/// 0 is without bound.
pub(crate) const BODY: RangeInclusive<u64> = 0..=1 << 50;

/// Bytes a second; 0 is without bound.
pub(crate) const BODY_RATE: RangeInclusive<u64> = 0..=1 << 30;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const DECADE: Duration = Duration::from_secs(3650 * 24 * 60 * 60);
