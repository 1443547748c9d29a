//! What this server does at the moment, for all its threads.

use std::sync::{Arc, OnceLock};

use copal_protocol::state::{State, Wish};
use copal_serve::drain::Drain;
use copal_session::presented::Presented;
use copal_session::ring::runner::Ring;

use crate::own_wish::OwnWish;

/// What this server does at the moment: its operator's wish, until it stops. Clones speak of the
/// same server.
#[derive(Debug, Clone)]
pub(crate) struct OwnState {
    wish: OwnWish,
    /// The ring that it joins, if its cluster has one.
    ring: Arc<OnceLock<Ring>>,
}

impl OwnState {
    /// A server that takes every request until `drain` begins.
    pub(crate) fn new(drain: Drain) -> Self {
        Self { wish: OwnWish::new(drain), ring: Arc::default() }
    }

    /// It joins this ring first.
    pub(crate) fn joins(&self, ring: Ring) {
        // There is one for each server.
        let _ = self.ring.set(ring);
    }

    /// The state of the server now.
    pub(crate) fn now(&self) -> State {
        let wished = self.wish.state();
        self.ring.get().map_or(wished, |ring| ring.state(wished))
    }

    /// What it would be if it had joined. Knows nothing of the ring, which knows this.
    pub(crate) fn wish(&self) -> OwnWish {
        self.wish.clone()
    }

    /// Whether a request may begin here now that brings this of a session, from somebody who can send it
    /// elsewhere, or not.
    ///
    /// While others are ready, whoever joins makes no new sessions, and leaves to them what they may know more
    /// of; who cannot go there waits here until that session was compared. When nobody else is ready, all
    /// requests begin, and only those with an id wait for the others.
    pub(crate) fn lets_begin(&self, presented: &Presented<'_>, can_go: bool) -> bool {
        let joins = self.ring.get().filter(|_| self.now() == State::Joining);
        let Some(ring) = joins.filter(|ring| ring.has_ready_others()) else {
            return true;
        };
        let has_id = presented.names_a_session();
        has_id && (!can_go || presented.ids().any(|id| ring.acts_for(&id)))
    }

    /// The servers of the ring that are not heard; `None` without a ring.
    pub(crate) fn unheard(&self) -> Option<Vec<String>> {
        self.ring.get().map(Ring::unheard)
    }

    /// The operator wants this from now on.
    pub(crate) fn grant(&self, wish: Wish) {
        self.wish.grant(wish);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wish_counts_until_the_server_stops() {
        let drain = Drain::default();
        let own = OwnState::new(drain.clone());
        assert_eq!(own.now(), State::Ready);
        for wish in Wish::ALL {
            own.clone().grant(wish);
            assert_eq!(own.now(), wish.state());
        }
        drain.begin();
        own.grant(Wish::Enable);
        assert_eq!(own.now(), State::Leaving);
    }
}
