//! What is left of a session that somebody else acts for.

use crate::act::Ticket;
use crate::holders::Holders;
use crate::record::Record;
use crate::version::Version;

/// What is left of a session that somebody else acts for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deposed {
    /// The record without what was not acknowledged.
    pub record: Record,
    /// Every server that was sent anything of it.
    pub holders: Holders,
    /// Who waited, each with the version of its change: whoever acts now may have it all the same.
    pub waiting: Vec<(Ticket, Version)>,
}
