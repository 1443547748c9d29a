//! What can go wrong with the disk copy.

use std::io;
use std::path::{Path, PathBuf};

/// Why there is no disk copy. Nothing was changed in the folder, unless it says so.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The operator's fault: the folder is another server's.
    #[error(
        "{folder} holds the sessions of server {theirs}, and this is server {ours}: give this \
         server another `path` in its `persistent-store`, or give it its former id and index back; \
         the folder was left as it is",
        folder = folder.display()
    )]
    AnotherServer {
        /// The folder.
        folder: PathBuf,
        /// Whose it is: id and index.
        theirs: String,
        /// Who asks: id and index.
        ours: String,
    },
    /// The operator's fault: two processes are to use one folder.
    #[error(
        "{folder} is in use by another process: stop that one, or give this server another `path` \
         in its `persistent-store`",
        folder = folder.display()
    )]
    InUse {
        /// The folder.
        folder: PathBuf,
    },
    /// The machine's fault. May be tried again when its cause is gone.
    #[error("{path}: {what}: {source}", path = path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What could not be done.
        what: &'static str,
        /// What the operating system says.
        source: io::Error,
    },
}

impl OpenError {
    /// What makes an error of the operating system into one of ours.
    pub(crate) fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { what, path: path.to_owned(), source }
    }
}

/// Why something is not on the disk, or cannot be had from it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DiskError {
    /// As much waits for the disk as may wait. Put it again when
    /// [`is_saturated`](crate::disk::Disk::is_saturated) has become false.
    #[error("too much waits for the disk")]
    Saturated,
    /// There is no room. It still waits and is written when there is room again.
    #[error("the disk is full")]
    Full,
    /// The log has failed, for this reason, and is not used again before the next start.
    #[error("the disk copy has failed: {0}")]
    Failed(String),
    /// The record is larger than any may be.
    #[error("a record of {0} bytes is too large for the disk copy")]
    TooLarge(usize),
    /// The bytes on the disk are not those that were written, or cannot be read.
    #[error("the record cannot be read: {0}")]
    Damaged(String),
    /// The newest version was not taken when it was put, so the disk has at most an older one.
    #[error("the newest version is not on the disk")]
    NotTaken,
    /// The disk copy was closed, or did not close in time.
    #[error("the disk copy is closed")]
    Closed,
    /// Closing took too long.
    #[error("the disk did not finish in time; {0} changes were not written")]
    Unfinished(usize),
}
