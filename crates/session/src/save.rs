//! What is to be saved of a request, and on what condition.

use std::collections::BTreeSet;

use copal_protocol::session_id::SessionId;

use crate::changes::Changes;
use crate::version::Version;

/// What is to be saved of a request: all of it, or nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Save<'s> {
    pub(crate) changes: &'s Changes,
    pub(crate) rotation: Option<&'s Rotation>,
    /// Nothing is saved unless the session is still at this version.
    pub(crate) only_if: Option<Version>,
}

/// A new proof for a session.
#[derive(Debug)]
pub(crate) struct Rotation {
    pub(crate) next: SessionId,
    /// Attributes that the rotating request changed before; they count as changed after it.
    pub(crate) own: BTreeSet<String>,
    /// It said before whose session it is; that counts as said after it, too.
    pub(crate) own_user: bool,
}
