//! Whether a server that was just started knows enough of the others to serve.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use copal_protocol::state::State;

use copal_replica::peer::Hearing;

use crate::ring::engine::Engine;
use crate::ring::limits::STARTING;
use crate::ring::roster::Member;

/// Whether a server that was just started knows enough of the others to serve: of each of them that
/// it answers, or that nobody listens at its port. Who does not answer is waited for, but not longer
/// than `recovery-wait`.
#[derive(Debug)]
pub(crate) struct Joining {
    began: Duration,
    done: AtomicBool,
}

impl Joining {
    /// It was started now.
    pub(crate) const fn begin(now: Duration) -> Self {
        Self { began: now, done: AtomicBool::new(false) }
    }

    /// What this server does, when that is what its operator wants.
    pub(crate) fn state(&self, wished: State) -> State {
        if wished == State::Ready && !self.is_done() { State::Joining } else { wished }
    }

    /// Whether it has joined.
    pub(crate) fn is_done(&self) -> bool {
        self.done.load(Ordering::Acquire)
    }

    /// Looks at the others. Returns whether it has joined just now.
    pub(crate) fn look(&self, engine: &Engine, now: Duration) -> bool {
        if self.is_done() {
            return false;
        }
        let patient = now < self.began + engine.plan.safety.recovery_wait;
        let roster = engine.roster();
        let mut others = roster.others.iter();
        let liveness = engine.liveness();
        let is_there = |one: &Member| liveness.hearing(now, one.id) == Hearing::Yes;
        // Whoever was started at the same moment has not opened its port yet, perhaps.
        let may_be_gone = now >= self.began + STARTING;
        let is_known = |one: &Member| is_there(one) || may_be_gone && liveness.is_gone(one.id);
        let done = !patient || others.all(is_known);
        self.done.store(done, Ordering::Release);
        done
    }
}
