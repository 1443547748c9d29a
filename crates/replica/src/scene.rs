//! What is around a session at this moment.

use std::time::Duration;

use crate::holders::Holder;
use crate::incarnation::Incarnation;
use crate::peer::LeaseNumber;
use crate::server_id::ServerId;

/// What is around at this moment.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scene<'s> {
    /// Servers that could hold the session, those that hold it too, the best first.
    pub candidates: &'s [Candidate],
    /// Servers that will not be there for long: their copies do not count.
    pub leaving: &'s [ServerId],
    /// Servers whose process has ended: nothing comes from them.
    pub gone: &'s [ServerId],
    /// The starts in which other servers are.
    pub starts: &'s [Candidate],
    /// The leases on other servers that are valid at this moment.
    pub leases: &'s [Lease],
    /// The stretch in which this server ran without standing still, and without hearing of anybody
    /// that it had not heard before.
    pub own_lease: Option<LeaseNumber>,
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

/// A lease that is valid at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// On which server.
    pub server: ServerId,
    /// In which start of it.
    pub incarnation: Incarnation,
    /// Since which gap.
    pub number: LeaseNumber,
}

impl Scene<'_> {
    /// Whether a holder is not any more what it was when it was sent the session: its process has ended.
    #[must_use]
    pub fn has_lost(&self, holder: &Holder) -> bool {
        let start = self.starts.iter().find(|one| one.server == holder.server);
        self.gone.contains(&holder.server)
            || start.is_some_and(|one| one.incarnation != holder.incarnation)
    }

    /// Of the candidates that do something the least wanted one.
    #[must_use]
    pub fn least_wanted(&self, does: impl Fn(ServerId) -> bool) -> Option<ServerId> {
        self.candidates.iter().rev().map(|one| one.server).find(|server| does(*server))
    }

    /// The lease on a holder, if there is one.
    #[must_use]
    pub fn lease(&self, server: ServerId, holder: Incarnation) -> Option<LeaseNumber> {
        let is_it = |lease: &&Lease| lease.server == server && lease.incarnation == holder;
        self.leases.iter().find(is_it).map(|lease| lease.number)
    }
}
