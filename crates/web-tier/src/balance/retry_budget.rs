//! How many requests may be sent a second time.

use std::cell::Cell;

use crate::limits::{BUDGET_FLOOR, BUDGET_SHARE, BUDGET_TICKS};

/// How many requests may be sent a second time because the first answer never came. Without a
/// bound, servers that break off would get twice the load just when they have least to give.
///
/// Recent are this window of time and the one before it.
#[derive(Debug, Default)]
pub(crate) struct RetryBudget {
    window: Cell<u64>,
    now: Cell<Counts>,
    before: Cell<Counts>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    requests: u64,
    repeated: u64,
}

impl RetryBudget {
    /// A request came in; `ticks` are those of the thread's deadlines.
    pub(crate) fn request(&self, ticks: u64) {
        let mut now = self.at(ticks);
        now.requests += 1;
        self.now.set(now);
    }

    /// Whether one more may be sent again; if so, it is counted.
    pub(crate) fn spend(&self, ticks: u64) -> bool {
        let mut now = self.at(ticks);
        let before = self.before.get();
        let allowed = ((now.requests + before.requests) / BUDGET_SHARE).max(BUDGET_FLOOR);
        let may = now.repeated + before.repeated < allowed;
        now.repeated += u64::from(may);
        self.now.set(now);
        may
    }

    fn at(&self, ticks: u64) -> Counts {
        let window = ticks / BUDGET_TICKS;
        if window != self.window.get() {
            let follows = window == self.window.get() + 1;
            self.before.set(if follows { self.now.get() } else { Counts::default() });
            self.now.set(Counts::default());
            self.window.set(window);
        }
        self.now.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spent(budget: &RetryBudget, ticks: u64) -> usize {
        (0..1000).take_while(|_| budget.spend(ticks)).count()
    }

    #[test]
    fn a_few_may_always_be_sent_again() {
        let budget = RetryBudget::default();
        assert_eq!(spent(&budget, 0), 3);
        assert_eq!(spent(&budget, 0), 0);
    }

    #[test]
    fn a_fifth_of_the_recent_requests_may_be_sent_again() {
        let budget = RetryBudget::default();
        (0..100).for_each(|_| budget.request(0));
        assert_eq!(spent(&budget, 1), 20);
        // What was spent counts for one more window, and then it is forgotten.
        assert_eq!(spent(&budget, BUDGET_TICKS), 0);
        assert_eq!(spent(&budget, BUDGET_TICKS * 2), 3);
        assert_eq!(spent(&budget, BUDGET_TICKS * 9), 3);
    }
}
