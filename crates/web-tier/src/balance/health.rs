//! Whether a server takes requests: what failures and successes make of it.

use std::time::Duration;

use crate::limits::FIRST_PAUSE;

/// A server's record. Times are since the process began, so that a clock set by hand changes
/// nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Health {
    /// Failures since the last success.
    pub(crate) failures: u32,
    /// Until when it is left alone.
    pub(crate) down_until: Duration,
}

impl Health {
    /// Whether requests go to it at `now`.
    pub(crate) fn is_up(self, now: Duration) -> bool {
        self.down_until <= now
    }

    /// After a failure at `now`: down for one second, doubling up to `recover_time`.
    ///
    /// Failures of requests that were under way when it went down count once: they all tell the
    /// same story, and counting each would skip the short pauses under load.
    pub(crate) fn failed(self, now: Duration, recover_time: Duration) -> Self {
        if !self.is_up(now) {
            return self;
        }
        let doubled =
            FIRST_PAUSE.saturating_mul(1_u32.checked_shl(self.failures).unwrap_or(u32::MAX));
        let pause = doubled.min(recover_time.max(FIRST_PAUSE));
        Self { failures: self.failures.saturating_add(1), down_until: now + pause }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECOVER: Duration = Duration::from_secs(15);

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn the_pause_doubles_up_to_the_recover_time() {
        let mut health = Health::default();
        let mut now = seconds(100);
        for pause in [1, 2, 4, 8, 15, 15] {
            health = health.failed(now, RECOVER);
            assert_eq!(health.down_until, now + seconds(pause));
            assert!(!health.is_up(health.down_until.saturating_sub(Duration::from_nanos(1))));
            now = health.down_until;
            assert!(health.is_up(now));
        }
    }

    #[test]
    fn failures_of_one_moment_count_once() {
        let first = Health::default().failed(seconds(1), RECOVER);
        assert_eq!(first.failed(seconds(1), RECOVER), first);
    }

    #[test]
    fn many_failures_do_not_overflow() {
        let health = Health { failures: u32::MAX, down_until: Duration::ZERO };
        assert_eq!(health.failed(seconds(1), RECOVER).down_until, seconds(16));
    }

    #[test]
    fn a_recover_time_below_a_second_still_pauses_a_second() {
        let health = Health::default().failed(seconds(1), Duration::ZERO);
        assert_eq!(health.down_until, seconds(2));
    }
}
