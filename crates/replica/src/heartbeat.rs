//! What servers say to each other to know that they are there.

use copal_protocol::state::State;

use crate::incarnation::Incarnation;

/// "Are you there?"
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heartbeat {
    /// The start of the server that asks.
    pub incarnation: Incarnation,
    /// As the how manieth it is sent.
    pub number: u64,
}

/// "I am here."
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeartbeatAnswer {
    /// The start of the server that answers.
    pub incarnation: Incarnation,
    /// The heartbeat's number.
    pub number: u64,
    /// Whether the server that answers hears the one that asks. Only then may the asker rely on it:
    /// one that does not hear us may be helping somebody else to take over.
    pub hears_you: bool,
    /// What the server that answers does at the moment.
    pub state: State,
}
