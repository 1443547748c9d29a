//! Why the ring of a server could not be started.

use std::io;

use crate::disk::error::OpenError;

/// Why the ring of a server could not be started. Nothing of it runs then.
#[derive(Debug, thiserror::Error)]
pub enum RingError {
    /// The machine's fault.
    #[error("the threads of the ring could not be started: {0}")]
    Thread(#[from] io::Error),
    /// The disk copy's, and it says whose.
    #[error("the disk copy could not be opened: {0}")]
    Disk(#[from] OpenError),
}
