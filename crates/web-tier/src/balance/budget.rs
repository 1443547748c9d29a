//! How many requests may be sent a second time.

use crate::limits::{BUDGET_FLOOR, BUDGET_SECONDS, BUDGET_SHARE};

/// How many requests may be sent a second time because the first answer never came. Without a
/// bound, servers that break off would get twice the load just when they have least to give.
///
/// Recent are this second and the full ones before it, [`BUDGET_SECONDS`] in all.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    seconds: [Second; BUDGET_SECONDS],
    /// Which of them is this second. The one after it is the oldest.
    now: usize,
}

#[derive(Debug, Clone, Copy, Default)]
struct Second {
    /// How many requests the process had seen when it began.
    requests_before: u64,
    /// How many were sent again in it.
    repeated: u64,
}

impl Budget {
    /// A second is over, and the process has seen so many requests since it began. To be called
    /// every second: a second without a call counts with the one before it.
    pub(crate) fn second(&mut self, total_requests: u64) {
        self.now = self.oldest();
        if let Some(second) = self.seconds.get_mut(self.now) {
            *second = Second { requests_before: total_requests, repeated: 0 };
        }
    }

    /// Whether one more may be sent again, if the process has seen so many requests since it began;
    /// if so, it is counted.
    pub(crate) fn spend(&mut self, total_requests: u64) -> bool {
        let before = self.seconds.get(self.oldest()).map_or(0, |second| second.requests_before);
        let recent = total_requests.saturating_sub(before);
        let allowed = (recent / BUDGET_SHARE).max(BUDGET_FLOOR);
        let repeated: u64 = self.seconds.iter().map(|second| second.repeated).sum();
        let may = repeated < allowed;
        if let Some(second) = self.seconds.get_mut(self.now) {
            second.repeated += u64::from(may);
        }
        may
    }

    fn oldest(&self) -> usize {
        (self.now + 1) % BUDGET_SECONDS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spent(budget: &mut Budget, total_requests: u64) -> usize {
        (0..1000).take_while(|_| budget.spend(total_requests)).count()
    }

    #[test]
    fn a_few_may_always_be_sent_again() {
        let mut budget = Budget::default();
        assert_eq!(spent(&mut budget, 0), 3);
        assert_eq!(spent(&mut budget, 19), 0);
        assert_eq!(spent(&mut budget, 20), 1);
    }

    #[test]
    fn a_fifth_of_the_recent_requests_may_be_sent_again() {
        let mut budget = Budget::default();
        assert_eq!(spent(&mut budget, 1000), 200);
        assert_eq!(spent(&mut budget, 1009), 1);
        assert!(!budget.spend(1009));
    }

    #[test]
    fn requests_and_what_was_spent_are_forgotten_with_their_second() {
        let mut budget = Budget::default();
        assert_eq!(spent(&mut budget, 100), 20);
        for second in 1..BUDGET_SECONDS {
            budget.second(100);
            assert_eq!(spent(&mut budget, 100), 0, "second {second}");
        }
        budget.second(100);
        assert_eq!(spent(&mut budget, 100), 3);
        // The next hundred came in a later second than these three.
        budget.second(200);
        assert_eq!(spent(&mut budget, 200), 17);
    }

    #[test]
    fn a_steady_load_may_be_sent_again_steadily() {
        let mut budget = Budget::default();
        let mut total = 0;
        let spent: Vec<usize> = (0..40)
            .map(|_| {
                budget.second(total);
                total += 1000;
                (0..200).filter(|_| budget.spend(total)).count()
            })
            .collect();
        assert_eq!(spent, [200; 40]);
    }

    #[test]
    fn a_count_that_falls_back_is_no_trouble() {
        let mut budget = Budget::default();
        (0..20).for_each(|_| budget.second(u64::MAX));
        assert_eq!(spent(&mut budget, 0), 3);
    }
}
