//! The time in which this server itself was running.

use std::time::Duration;

use crate::timing::LONGEST_STEP;

/// The time in which this server itself was running. Whoever stood still for half a minute must not
/// conclude that the others were silent for so long.
#[derive(Debug, Clone, Default)]
pub struct RunningTime {
    last: Option<Duration>,
    ran: Duration,
}

impl RunningTime {
    /// The clock stands at `now`. Returns the running time so far.
    pub fn tick(&mut self, now: Duration) -> Duration {
        let step = self.last.map_or(Duration::ZERO, |last| now.saturating_sub(last));
        // Of two threads the one that has read the clock first may come second: no span counts twice.
        self.last = self.last.max(Some(now));
        self.ran += step.min(LONGEST_STEP);
        self.ran
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_counts_for_one_step() {
        let mut running = RunningTime::default();
        let at = Duration::from_millis;
        assert_eq!(running.tick(at(5000)), Duration::ZERO);
        assert_eq!(running.tick(at(5100)), at(100));
        assert_eq!(running.tick(at(35_100)), at(350));
        assert_eq!(running.tick(at(35_200)), at(450));
        assert_eq!(running.tick(at(1)), at(450), "a clock that went back is no time");
    }

    #[test]
    fn what_was_read_earlier_and_comes_later_counts_once() {
        let mut running = RunningTime::default();
        let at = Duration::from_millis;
        running.tick(at(5000));
        assert_eq!(running.tick(at(5100)), at(100));
        assert_eq!(running.tick(at(5010)), at(100));
        assert_eq!(running.tick(at(5110)), at(110));
    }
}
