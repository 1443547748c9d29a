//! What this server does at the moment, for all its threads.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use copal_protocol::state::{State, Wish};
use copal_serve::drain::Drain;

/// What this server does at the moment: its operator's wish, until it stops. Clones speak of the
/// same server.
#[derive(Debug, Clone)]
pub(crate) struct OwnState {
    /// A position in [`Wish::ALL`].
    wish: Arc<AtomicU8>,
    drain: Drain,
}

impl OwnState {
    /// A server that takes every request until `drain` begins.
    pub(crate) fn new(drain: Drain) -> Self {
        let own = Self { wish: Arc::default(), drain };
        own.grant(Wish::Enable);
        own
    }

    /// The state of the server now.
    pub(crate) fn now(&self) -> State {
        if self.drain.is_draining() {
            return State::Leaving;
        }
        let at = usize::from(self.wish.load(Ordering::Relaxed));
        Wish::ALL.get(at).map_or(State::Ready, |wish| wish.state())
    }

    /// The operator wants this from now on.
    pub(crate) fn grant(&self, wish: Wish) {
        let at = Wish::ALL.iter().position(|other| *other == wish);
        let at = at.and_then(|at| u8::try_from(at).ok()).unwrap_or_default();
        self.wish.store(at, Ordering::Relaxed);
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
