//! What the operator wants of this server, until it stops.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use copal_protocol::state::{State, Wish};
use copal_serve::drain::Drain;

/// What the operator wants of this server, until it stops. Clones speak of the same server.
#[derive(Debug, Clone)]
pub(crate) struct OwnWish {
    /// A position in [`Wish::ALL`].
    wish: Arc<AtomicU8>,
    drain: Drain,
}

impl OwnWish {
    /// That it takes every request until `drain` begins.
    pub(crate) fn new(drain: Drain) -> Self {
        let own = Self { wish: Arc::default(), drain };
        own.grant(Wish::Enable);
        own
    }

    /// The operator wants this from now on.
    pub(crate) fn grant(&self, wish: Wish) {
        let at = Wish::ALL.iter().position(|other| *other == wish);
        let at = at.and_then(|at| u8::try_from(at).ok()).unwrap_or_default();
        self.wish.store(at, Ordering::Relaxed);
    }

    /// What the server does by that.
    pub(crate) fn state(&self) -> State {
        if self.drain.is_draining() {
            return State::Leaving;
        }
        let at = usize::from(self.wish.load(Ordering::Relaxed));
        Wish::ALL.get(at).map_or(State::Ready, |wish| wish.state())
    }
}
