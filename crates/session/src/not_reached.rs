//! That it could not be found out whether there is a session.

/// There may be such a session, on a server that does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotReached;
