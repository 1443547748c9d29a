//! Whether a client sends its body fast enough.

use std::time::Duration;

/// Whether a client sends its body fast enough: at least so many bytes in each stretch of waiting
/// for it. Only time that was spent waiting for the client counts, so a slow server makes nobody
/// else look slow.
#[derive(Debug)]
pub(crate) struct Pace {
    /// Bytes that must come in each stretch; 0 asks for none.
    least: u64,
    stretch: Duration,
    waited: Duration,
    came: u64,
}

impl Pace {
    /// `rate` is in bytes per second, over stretches of this length.
    pub(crate) fn new(rate: Option<u64>, stretch: Duration) -> Self {
        let milliseconds = u64::try_from(stretch.as_millis()).unwrap_or(u64::MAX);
        let least = rate.unwrap_or(0).saturating_mul(milliseconds) / 1000;
        Self { least, stretch, waited: Duration::ZERO, came: 0 }
    }

    /// So many bytes came after so long a wait. `false` when that is too little.
    pub(crate) fn came(&mut self, bytes: usize, waited: Duration) -> bool {
        self.came = self.came.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        self.waited = self.waited.saturating_add(waited);
        if self.waited < self.stretch {
            return true;
        }
        let enough = self.came >= self.least;
        (self.waited, self.came) = (Duration::ZERO, 0);
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRETCH: Duration = Duration::from_secs(10);
    const SECOND: Duration = Duration::from_secs(1);

    /// After how many seconds a client is given up that sends so many bytes each second.
    fn given_up(rate: Option<u64>, bytes: usize) -> Option<usize> {
        let mut pace = Pace::new(rate, STRETCH);
        (1..=100).find(|_| !pace.came(bytes, SECOND))
    }

    #[test]
    fn the_rate_holds_on_both_sides_of_the_boundary() {
        assert_eq!(given_up(Some(256), 256), None);
        assert_eq!(given_up(Some(256), 255), Some(10));
        assert_eq!(given_up(Some(1), 0), Some(10));
        assert_eq!(given_up(None, 0), None);
    }

    #[test]
    fn a_burst_does_not_pay_for_the_next_stretch() {
        let mut pace = Pace::new(Some(100), STRETCH);
        assert!(pace.came(1_000_000, STRETCH));
        assert!(!pace.came(999, STRETCH));
        assert!(pace.came(1000, STRETCH));
    }

    #[test]
    fn time_in_which_nobody_waited_for_the_client_does_not_count() {
        let mut pace = Pace::new(Some(1_000_000), STRETCH);
        assert!((0..1000).all(|_| pace.came(1, Duration::ZERO)));
    }

    #[test]
    fn huge_rates_do_not_overflow() {
        assert!(!Pace::new(Some(u64::MAX), Duration::MAX).came(1, Duration::MAX));
    }
}
