//! A place where a script stops until the test lets it go on.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

#[derive(Default)]
struct State {
    reached: usize,
    open: bool,
}

/// A place where a script stops until the test lets it go on; clones are the same gate.
#[derive(Clone, Default)]
pub struct Gate(Arc<(Mutex<State>, Condvar)>);

impl Gate {
    /// How long anybody waits at a gate before it is a failure.
    const PATIENCE: Duration = Duration::from_secs(30);

    /// A closed gate.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many have come to the gate so far.
    #[must_use]
    pub fn reached(&self) -> usize {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).reached
    }

    /// Lets everybody through, now and later.
    pub fn open(&self) {
        let (state, changed) = &*self.0;
        state.lock().unwrap_or_else(PoisonError::into_inner).open = true;
        changed.notify_all();
    }

    /// Blocks until the gate is open.
    pub fn pass(&self) {
        let (state, changed) = &*self.0;
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.reached += 1;
        changed.notify_all();
        let waited = changed.wait_timeout_while(state, Self::PATIENCE, |state| !state.open);
        let (_state, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        assert!(!timeout.timed_out(), "nobody opened the gate");
    }

    /// Blocks until `times` passers have come to the gate, whether or not it is open.
    pub fn wait_reached(&self, times: usize) {
        let (state, changed) = &*self.0;
        let state = state.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = changed.wait_timeout_while(state, Self::PATIENCE, |s| s.reached < times);
        let (_state, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        assert!(!timeout.timed_out(), "nobody came to the gate");
    }
}
