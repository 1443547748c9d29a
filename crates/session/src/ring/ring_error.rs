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

impl RingError {
    /// Whether somebody has to change the configuration, or what is started. Else the machine is the cause.
    #[must_use]
    pub const fn is_a_mistake(&self) -> bool {
        match self {
            Self::Disk(OpenError::AnotherServer { .. } | OpenError::InUse { .. }) => true,
            Self::Disk(OpenError::Io { .. }) | Self::Thread(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_fault_it_is() {
        let io = || io::Error::other("out of order");
        let text = || "app-a (index 0)".to_owned();
        let disk = |error| RingError::Disk(error);
        #[rustfmt::skip]
        let table = [
            // error                                                                       a mistake
            (disk(OpenError::AnotherServer { folder: "x".into(), theirs: text(), ours: text() }), true),
            (disk(OpenError::InUse { folder: "x".into() }),                                true),
            (disk(OpenError::Io { path: "x".into(), what: "cannot be read", source: io() }), false),
            (RingError::Thread(io()),                                                      false),
        ];
        for (error, is_a_mistake) in table {
            assert_eq!(error.is_a_mistake(), is_a_mistake, "{error}");
        }
    }
}
