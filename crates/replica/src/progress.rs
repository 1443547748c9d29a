//! What another holder of a session was sent, with what it has confirmed of that.

use std::collections::VecDeque;
use std::time::Duration;

use crate::incarnation::Incarnation;
use crate::peer::LeaseNumber;

/// What another holder was sent, with what it has confirmed of that.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    /// The start in which it was sent that.
    pub(crate) incarnation: Incarnation,
    /// The last change that it has confirmed.
    pub(crate) confirmed: u64,
    /// Whether it was sent everything, so that the next step follows what it has.
    pub(crate) in_step: bool,
    /// What it was sent and has not confirmed.
    pub(crate) sent: VecDeque<Sent>,
    /// It is sent everything when the others know of it: of the step with this number.
    pub(crate) due_after: Option<u64>,
    /// It is told to drop its copy when the others know that it does not count any more: of the step
    /// with this number.
    pub(crate) drop_after: Option<u64>,
    /// The lease that was valid when it was sent, or asked, something that it has answered since: by
    /// then it knew of nobody else that acts, and as long as this lease lasts it helps nobody to.
    pub(crate) lease: Option<LeaseNumber>,
    /// It may have what the session holds: before it is sent that it is sent all the rest.
    pub(crate) may_have: bool,
    /// It was sent all the rest, and has not said yet whether that is enough; so many steps were sent since.
    pub(crate) offered: Option<u32>,
    /// So many times more it will say that it lacks something, and has been sent everything since.
    pub(crate) excess: u32,
}

/// Something that a holder was sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sent {
    /// Up to which change.
    pub(crate) sequence: u64,
    /// When.
    pub(crate) at: Duration,
    /// The lease on it at that moment.
    pub(crate) lease: Option<LeaseNumber>,
}

impl Progress {
    /// Stands for "it was told to drop its copy" instead of the number of a step.
    pub(crate) const TOLD: u64 = u64::MAX;

    /// Of a holder that was listed by the step with this number.
    pub(crate) const fn new(incarnation: Incarnation, listed: u64) -> Self {
        Self {
            incarnation,
            confirmed: 0,
            in_step: false,
            sent: VecDeque::new(),
            due_after: Some(listed),
            drop_after: None,
            lease: None,
            may_have: false,
            offered: None,
            excess: 0,
        }
    }

    /// It has confirmed everything up to this number.
    pub(crate) fn confirm(&mut self, sequence: u64) {
        self.confirmed = self.confirmed.max(sequence);
        self.offered = None;
        while let Some(sent) = self.sent.pop_front_if(|sent| sent.sequence <= sequence) {
            self.lease = self.lease.max(sent.lease);
        }
        if self.sent.is_empty() {
            // As it is nearly always: no memory is kept for that.
            self.sent = VecDeque::new();
        }
    }

    /// What it still confirms counts, but it is sent nothing more before it is sent everything anew.
    pub(crate) fn fall_behind(&mut self) {
        self.in_step = false;
        self.sent.clear();
        (self.due_after, self.offered, self.excess) = (None, None, 0);
    }

    /// It says that it lacks something. Returns whether it has to be sent everything: it may have been
    /// since.
    pub(crate) const fn lacks(&mut self) -> bool {
        if self.excess > 0 {
            self.excess -= 1;
            return false;
        }
        if let Some(steps) = self.offered.take() {
            self.excess = steps;
        }
        self.may_have = false;
        true
    }

    /// Whether something may still come from it.
    pub(crate) fn may_confirm(&self) -> bool {
        !self.sent.is_empty() || self.due_after.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_before_everything_is_lacking_once() {
        let mut progress = Progress::new(Incarnation(1), 0);
        progress.offered = Some(3);
        let sent: Vec<bool> = (0..5).map(|_| progress.lacks()).collect();
        assert_eq!(sent, [true, false, false, false, true]);
    }
}
