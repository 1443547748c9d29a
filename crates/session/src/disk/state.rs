//! How the disk is doing, as others see it.

use std::time::{Duration, Instant};

/// How the disk is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiskState {
    /// What was put is on the disk, or will be in time.
    Working,
    /// What was put at this time should be on the disk and is not.
    Behind {
        /// When it was put.
        since: Instant,
    },
    /// An operation has not returned.
    Hanging {
        /// When it began.
        since: Instant,
    },
    /// There is no room. It is tried again and again.
    Full {
        /// Since when.
        since: Instant,
    },
    /// The log has failed for this reason and is not used again before the next start.
    Failed(String),
}

/// What the disk copy has counted since the start, and what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DiskFigures {
    /// Records and removals written. One that was overtaken while it waited is not written.
    pub written: u64,
    /// Bytes written, those included that were moved to clean up.
    pub bytes: u64,
    /// How often was synced.
    pub syncs: u64,
    /// Operations that failed.
    pub errors: u64,
    /// Keys whose newest version waits for the disk.
    pub waiting: usize,
    /// How many bytes that are.
    pub waiting_bytes: usize,
    /// Keys whose newest version was not taken and has not been put again.
    pub not_taken: usize,
    /// Records on the disk.
    pub records: usize,
    /// Bytes of these records.
    pub live_bytes: u64,
    /// Bytes of all files, overtaken versions included.
    pub disk_bytes: u64,
    /// The longest sync.
    pub slowest_sync: Duration,
}
