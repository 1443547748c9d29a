//! Every bound of the disk copy.

use std::time::Duration;

/// The most bytes that one record may have. `session-max-bytes` is far below it.
pub(crate) const MAX_RECORD: usize = 256 << 20;

/// What waits for the disk counts as this many bytes more than its value.
pub(crate) const CHANGE_OVERHEAD: usize = 64;

/// How much is read from a segment at once, in bytes.
pub(crate) const WINDOW: usize = 256 << 10;

/// How much is gathered before it is given to the operating system, in bytes.
pub(crate) const GATHERED: usize = 256 << 10;

/// How many records change their place in the index while its lock is held once.
pub(crate) const AT_ONCE: usize = 256;

/// An operation that takes longer than this hangs.
pub(crate) const HANGS_AFTER: Duration = Duration::from_secs(2);

/// How much later than agreed something may reach the disk before the disk counts as behind.
pub(crate) const BEHIND_AFTER: Duration = Duration::from_secs(2);

/// How long changes are gathered when the operating system decides when they reach the disk.
pub(crate) const NEVER_GATHERS: Duration = Duration::from_secs(1);

/// How many folders of things set aside are looked at to find a free name.
pub(crate) const MAX_SET_ASIDE: u32 = 10_000;

/// The most bytes of an identity file that are read.
pub(crate) const MAX_IDENTITY: u64 = 4 << 10;

/// Bounds that tests make smaller.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// A segment that has this many bytes is followed by another.
    pub(crate) segment: u64,
    /// How many bytes may wait for the disk.
    pub(crate) queue_bytes: usize,
    /// How many keys may wait for the disk.
    pub(crate) queue_keys: usize,
    /// When this many bytes wait, they are written before their time.
    pub(crate) eager: usize,
    /// How much of an old segment is looked through at once, in bytes.
    pub(crate) cleaned_at_once: u64,
    /// How soon a full disk is tried again, at first.
    pub(crate) retry_first: Duration,
    /// How soon a full disk is tried again, at last.
    pub(crate) retry_last: Duration,
}

impl Bounds {
    pub(crate) const USUAL: Self = Self {
        segment: 64 << 20,
        queue_bytes: 64 << 20,
        queue_keys: 1 << 20,
        eager: 4 << 20,
        cleaned_at_once: 1 << 20,
        retry_first: Duration::from_millis(100),
        retry_last: Duration::from_secs(5),
    };
}

// Places in a segment are 32 bits: a segment that is nearly full, all that may wait, one record
// that goes beyond, and as much again for what is moved up while it is cleaned.
const _: () =
    assert!(Bounds::USUAL.segment + 3 * (MAX_RECORD + Bounds::USUAL.queue_bytes) as u64 <= 1 << 31);
