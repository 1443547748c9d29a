//! What is around a session at this moment.

use std::time::Duration;

use crate::incarnation::Incarnation;
use crate::server_id::ServerId;

/// What is around at this moment.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'s> {
    /// Servers that could hold the session too, the best first.
    pub candidates: &'s [Candidate],
    /// Running time.
    pub now: Duration,
}

/// A server that could hold the session too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// Which one.
    pub server: ServerId,
    /// Its present start.
    pub incarnation: Incarnation,
}
