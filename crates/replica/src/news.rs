//! What became of the changes for which calls wait.

use crate::act::Ticket;
use crate::version::Version;

/// What became of the changes for which calls wait.
#[derive(Debug, Clone, Default)]
pub(crate) struct News {
    /// These count.
    pub(crate) acknowledged: Vec<Ticket>,
    /// These cannot be made safe.
    pub(crate) unsaved: Vec<Ticket>,
    /// These were taken back: somebody else acts, who may have them all the same, under this version.
    pub(crate) taken_back: Vec<(Ticket, Version)>,
    /// Another line was taken in: what was seen before that is old.
    pub(crate) merged: bool,
}
