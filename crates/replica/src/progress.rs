//! What another holder of a session was sent, with what it has confirmed of that.

use std::collections::VecDeque;
use std::time::Duration;

use crate::incarnation::Incarnation;

/// What another holder was sent, with what it has confirmed of that.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    /// The start in which it was sent that.
    pub(crate) incarnation: Incarnation,
    /// The last change that it has confirmed.
    pub(crate) confirmed: u64,
    /// Whether it was sent everything, so that the next step follows what it has.
    pub(crate) in_step: bool,
    /// What it was sent and has not confirmed: the number, and when it was sent.
    pub(crate) sent: VecDeque<(u64, Duration)>,
    /// It is sent everything when the others know of it: of the step with this number.
    pub(crate) due_after: Option<u64>,
}

impl Progress {
    /// Of a holder that was listed by the step with this number.
    pub(crate) fn new(incarnation: Incarnation, listed: u64) -> Self {
        let due_after = Some(listed);
        Self { incarnation, confirmed: 0, in_step: false, sent: VecDeque::new(), due_after }
    }

    /// It has confirmed everything up to this number.
    pub(crate) fn confirm(&mut self, sequence: u64) {
        self.confirmed = self.confirmed.max(sequence);
        while self.sent.front().is_some_and(|(number, _)| *number <= sequence) {
            self.sent.pop_front();
        }
    }

    /// Whether something may still come from it.
    pub(crate) fn may_confirm(&self) -> bool {
        !self.sent.is_empty() || self.due_after.is_some()
    }
}
