//! What comes of a call.

use std::sync::Arc;

use bytes::Bytes;

use crate::change::Refused;
use crate::record::Record;
use crate::version::Version;

/// What comes of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The session as it is.
    Session {
        /// What it is; every change in it is acknowledged.
        record: Arc<Record>,
        /// Whether the proof of before the last rotation still reads.
        honours_former: bool,
    },
    /// The session is still what the asker has.
    NotChanged {
        /// Whether the proof of before the last rotation still reads.
        honours_former: bool,
    },
    /// It was changed, or made.
    Done {
        /// The version that this led to.
        version: Version,
        /// The answer to an operation.
        answer: Bytes,
    },
    /// The change was not carried out.
    Refused(Refused),
    /// There is a session of this key already, or there was one.
    Exists,
    /// There is no such session.
    Absent,
    /// There may be one, on a server that does not answer.
    Unknown,
    /// No second server can have the change, and without that nothing counts. It may count later.
    Unsaved,
    /// Nobody who acts was reached in time. The change may have been made or not.
    Failed,
}
