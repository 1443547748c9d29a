//! What a request has found of its session, and by what right it touches it.

use copal_protocol::session_id::SessionId;

use crate::loaded::Loaded;

/// A session that a request found, or made.
#[derive(Debug, Clone)]
pub(crate) struct Seat {
    /// The id by which the request touches the session: the session's own, or for a request that
    /// came with the proof of a moment ago, that one. It never learns the other.
    pub(crate) id: SessionId,
    /// The proof was the session's when the request found it. Such a request may still save after
    /// another one rotated the id.
    pub(crate) was_current: bool,
    /// The web-app had a part in it then. Otherwise it joins when it sets something.
    pub(crate) member: bool,
    /// Where the id came from.
    pub(crate) origin: Origin,
    /// What the request has loaded of it.
    pub(crate) loaded: Loaded,
}

/// Where an id came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The client's cookie.
    Cookie,
    /// The path that the client asked for.
    Url,
    /// This request made it.
    Made,
}
