//! A server that is asked who acts for a session.

use std::time::Duration;

use copal_protocol::server_index::ServerIndex;

use crate::server_id::ServerId;

/// A server that is to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Witness {
    /// Which one.
    pub server: ServerId,
    /// Its place, by which epochs name it.
    pub index: ServerIndex,
    /// Whether the session's id names it.
    pub named: bool,
    /// Whether its process is known to have ended.
    pub ended: bool,
    /// Whether it is heard, or this server was started so lately that it may be heard soon.
    pub is_there: bool,
    /// How long its answer is waited for. One that was silent a moment ago is asked all the same.
    pub patience: Duration,
}
