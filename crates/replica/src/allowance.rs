//! How many questions about sessions of which nothing is known here may be begun.

use std::time::Duration;

/// How many questions about sessions of which nothing is known here may be begun: so many at once, and then
/// so many in a second.
///
/// Anybody can make up ids, and each would cost a question to other servers. A question that finds a session
/// costs nothing in the end: so people whose session is elsewhere do not use it up, however many come.
/// Times are running time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Allowance {
    /// By then all of it is there again.
    whole_at: Duration,
}

/// For one of the 64 parts of all sessions: 2048 a second for a server, and 4096 at once. A question costs
/// some 250 bytes on the wire where two others are asked, so that is half a megabyte a second; what is under
/// way needs some 2 KB of memory, so 8 MB. A browser with an id of long ago has a new one after its first
/// answer, so honest ones are far below that.
const EACH: Duration = Duration::from_micros(1_000_000 / 32);
const AT_ONCE: u32 = 64;

impl Allowance {
    /// Whether another question may be begun; then it counts.
    pub(crate) fn take(&mut self, now: Duration) -> bool {
        let whole_at = self.whole_at.max(now) + EACH;
        let is_there = whole_at <= now + EACH * AT_ONCE;
        if is_there {
            self.whole_at = whole_at;
        }
        is_there
    }

    /// A question that had been begun does not count.
    pub(crate) fn give_back(&mut self) {
        self.whole_at = self.whole_at.saturating_sub(EACH);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(allowance: &mut Allowance, now: Duration) -> u32 {
        (0..1000).map(|_| u32::from(allowance.take(now))).sum()
    }

    #[test]
    fn so_many_at_once_and_then_so_many_in_a_second() {
        let mut allowance = Allowance::default();
        let begun = Duration::from_secs(100);
        assert_eq!(taken(&mut allowance, begun), AT_ONCE);
        assert_eq!(taken(&mut allowance, begun + EACH / 2), 0);
        assert_eq!(taken(&mut allowance, begun + EACH), 1);
        assert_eq!(taken(&mut allowance, begun + Duration::from_secs(1)), 31);
        assert_eq!(taken(&mut allowance, begun + Duration::from_secs(60)), AT_ONCE, "not more");
    }

    #[test]
    fn what_found_something_does_not_count() {
        let mut allowance = Allowance::default();
        let now = Duration::from_secs(100);
        for _ in 0..1000 {
            assert!(allowance.take(now));
            allowance.give_back();
        }
        assert_eq!(taken(&mut allowance, now), AT_ONCE);
        allowance.give_back();
        assert_eq!(taken(&mut allowance, now), 1);
    }
}
