//! When a session was last used, as far as one server knows.

use std::time::Duration;

/// When a session was last used, as far as one server knows.
///
/// It goes by the running time of that server, in which it may have been before the server was started, and
/// travels as an age: no clocks are compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LastUse(Option<i64>);

impl LastUse {
    /// It is used now.
    pub(crate) fn at(now: Duration) -> Self {
        Self(Some(milliseconds(now)))
    }

    /// How long ago that was; `None` when nobody has said.
    pub(crate) fn age(self, now: Duration) -> Option<Duration> {
        let age = milliseconds(now).saturating_sub(self.0?);
        Some(Duration::from_millis(u64::try_from(age).unwrap_or_default()))
    }

    /// Somebody says that it was used so long ago, or says nothing. The last use counts.
    pub(crate) fn hear(&mut self, age: Option<Duration>, now: Duration) {
        let used = age.map(|age| milliseconds(now).saturating_sub(milliseconds(age)));
        self.0 = self.0.max(used);
    }

    /// Where nobody has said anything, now counts.
    pub(crate) fn or_now(self, now: Duration) -> Self {
        if self.0.is_none() { Self::at(now) } else { self }
    }

    /// Whether it is later than another one by at least this.
    pub(crate) fn is_later(self, than: Self, by: Duration) -> bool {
        let limit = than.0.map(|used| used.saturating_add(milliseconds(by)));
        self.0.is_some() && self.0 >= limit
    }

    /// It may have been used so much later by way of somebody who did not say so in time.
    pub(crate) fn forgive(&mut self, grace: Duration, now: Duration) {
        let at_most = milliseconds(now);
        self.0 = self.0.map(|used| used.saturating_add(milliseconds(grace)).min(at_most));
    }
}

fn milliseconds(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_use_counts_and_may_be_before_the_start() {
        let at = Duration::from_secs;
        let mut used = LastUse::default();
        assert_eq!(used.age(at(5)), None);
        used.forgive(at(1), at(5));
        assert_eq!(used.age(at(5)), None, "nothing is known of nothing");
        used.hear(Some(at(3600)), at(5));
        assert_eq!(used.age(at(6)), Some(at(3601)));
        used.hear(Some(at(4000)), at(6));
        assert_eq!(used.age(at(6)), Some(at(3601)));
        used.forgive(at(601), at(6));
        assert_eq!(used.age(at(6)), Some(at(3000)));
        used.forgive(at(9000), at(6));
        assert_eq!(used.age(at(6)), Some(at(0)), "not in the future");
        assert!(LastUse::default() < LastUse::at(at(5)) && LastUse::at(at(5)) < used);
        used.hear(None, at(7));
        assert_eq!(used.or_now(at(7)).age(at(8)), Some(at(2)));
        assert_eq!(LastUse::default().or_now(at(7)).age(at(8)), Some(at(1)));
        assert!(LastUse::at(at(9)).is_later(LastUse::at(at(7)), at(2)));
        assert!(!LastUse::at(at(9)).is_later(LastUse::at(at(7)), at(3)));
        assert!(LastUse::at(at(9)).is_later(LastUse::default(), at(99)));
        assert!(!LastUse::default().is_later(LastUse::default(), at(0)));
        used = LastUse::at(at(8));
        assert_eq!(used.age(at(7)), Some(at(0)));
    }
}
