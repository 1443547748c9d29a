//! What failures and successes make of a server.

use std::fmt;
use std::time::Duration;

use crate::limits::FIRST_PAUSE;

/// A server's record. Times are since the process began, so that a clock set by hand changes
/// nothing. A server begins well.
///
/// What requests find out puts a server out of service for a pause: one second, and twice as long
/// each time that nothing good was heard of it since. When the pause is over it gets requests
/// again, a tenth of its share at first, and is out of service again with the next failure.
/// Checks that fail put it out of service until checks pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Condition {
    why: Option<Why>,
    /// Pauses since the last success.
    pauses: u32,
    /// When the last pause began.
    paused_at: Duration,
    /// When the last pause ends. Means nothing while it is down by checks.
    pause_ends: Duration,
    /// Bad answers in a row.
    broken: u32,
    /// Failed checks in a row.
    checks_failed: u32,
    /// The last failed check got no answer in time.
    silent: bool,
    /// Passed checks in a row, counted while they change something.
    checks_passed: u32,
    /// When its share of new sessions began to grow, or will begin.
    warm_since: Option<Duration>,
    /// Something good was heard of it once. Until then it does not warm up: where everything has
    /// just been started, the last to be ready would get next to nothing for a while.
    seen: bool,
}

/// What the configuration says of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    /// The longest pause after failures.
    pub(crate) recover_time: Duration,
    /// The longest pause of a server that is busy.
    pub(crate) busy_recover_time: Duration,
    pub(crate) warmup_time: Duration,
    /// So many failed checks in a row put it out of service; 0 is as 1.
    pub(crate) fall: u32,
    /// So many bad answers in a row, without a good one or a passed check between them, put it out
    /// of service; 0 is as 1.
    pub(crate) broken: u32,
    /// So many passed checks in a row bring it back; 0 is as 1.
    pub(crate) rise: u32,
    /// Whether it is checked. If not, the result of a check that is late changes nothing.
    pub(crate) checked: bool,
}

/// Why a server is, or was a moment ago, out of service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    Unreached,
    Broken,
    Busy,
    Checks,
}

impl fmt::Display for Why {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Unreached => "cannot be reached",
            Self::Broken => "broken answers",
            Self::Busy => "busy",
            Self::Checks => "failed health checks",
        })
    }
}

impl Condition {
    /// A server that was added at `now` beside others: well, and warming.
    pub(crate) fn fresh(now: Duration) -> Self {
        Self { warm_since: Some(now), seen: true, ..Self::default() }
    }

    /// It could not be connected to.
    ///
    /// Failures of requests that were under way when it went down count once: they all tell the
    /// same story, and counting each would skip the short pauses under load.
    pub(crate) fn unreached(self, now: Duration, rules: &Rules) -> Self {
        self.paused(Why::Unreached, now, self.pause(rules.recover_time))
    }

    /// It answered nothing, or not as it should.
    pub(crate) fn broken(self, now: Duration, rules: &Rules) -> Self {
        if self.is_down(now) {
            return self;
        }
        let after = Self { broken: self.broken.saturating_add(1), ..self };
        if after.broken < rules.broken {
            return after;
        }
        after.paused(Why::Broken, now, after.pause(rules.recover_time))
    }

    /// It said that it has too much to do, and when to come back.
    ///
    /// It is left alone for as long as it asks, at least a second, but not for longer than the
    /// pause that would be due after a failure.
    pub(crate) fn busy(self, now: Duration, retry_after: Option<Duration>, rules: &Rules) -> Self {
        let pause = self.pause(rules.busy_recover_time);
        let pause = retry_after.map_or(pause, |asked| pause.min(asked.max(FIRST_PAUSE)));
        self.paused(Why::Busy, now, pause)
    }

    /// A complete response head came from it, for a request that was sent at `sent`.
    ///
    /// What it answers to requests of before its pause says nothing about now: it may have died
    /// since. A server that said it is busy goes on answering what it has begun, so its pause goes on.
    pub(crate) fn answered(self, now: Duration, sent: Duration, rules: &Rules) -> Self {
        match self.why {
            Some(_) if self.is_down(now) && sent <= self.paused_at => Self { broken: 0, ..self },
            Some(Why::Checks) if rules.checked => {
                Self { pauses: 0, pause_ends: Duration::ZERO, broken: 0, ..self }
            }
            Some(Why::Busy) if self.is_down(now) => Self { broken: 0, ..self },
            Some(Why::Checks) => self.back(now),
            Some(_) => Self { checks_failed: self.checks_failed, ..self.back(now) },
            None => Self { broken: 0, seen: true, ..self },
        }
    }

    /// A check failed. `silent`: there was no answer in time, of whatever kind.
    pub(crate) fn check_failed(self, silent: bool, rules: &Rules) -> Self {
        if !rules.checked {
            return self;
        }
        let checks_failed = self.checks_failed.saturating_add(1);
        let after = Self { checks_failed, checks_passed: 0, silent, ..self };
        if checks_failed < rules.fall {
            return after;
        }
        Self { why: Some(Why::Checks), warm_since: None, ..after }
    }

    /// A check passed. `alone`: no server of the cluster is usable, so one check is enough.
    ///
    /// A server that is down by checks needs as many as `rise`. A server that said it is busy has
    /// said for how long. After other failures one check is enough.
    pub(crate) fn check_passed(self, now: Duration, rules: &Rules, alone: bool) -> Self {
        if !rules.checked {
            return self;
        }
        let checks_passed = self.checks_passed.saturating_add(1);
        let enough = alone || checks_passed >= rules.rise;
        match self.why {
            Some(Why::Checks) if !enough => Self { checks_failed: 0, checks_passed, ..self },
            // A busy server can very well pass a check.
            Some(Why::Busy) if !alone && self.is_down(now) => Self { checks_failed: 0, ..self },
            Some(_) => self.back(now),
            None => Self { broken: 0, checks_failed: 0, seen: true, ..self },
        }
    }

    /// Forgets a warm-up that is over.
    pub(crate) fn settled(self, now: Duration, rules: &Rules) -> Self {
        let over = !self.is_down(now) && !self.is_warming(now, rules);
        Self { warm_since: self.warm_since.filter(|_| !over), ..self }
    }

    /// Whether it is out of service at `now`.
    pub(crate) fn is_down(self, now: Duration) -> bool {
        now < self.down_until() || self.why == Some(Why::Checks)
    }

    /// Whether it hangs: it is down because its checks are not answered. What waits for it would
    /// wait for long. A server that refuses connections may be finishing what it has begun; if it
    /// is dead, its connections break by themselves.
    pub(crate) fn hangs(self) -> bool {
        self.why == Some(Why::Checks) && self.silent
    }

    /// Until when it is, or was, out of service; [`Duration::MAX`] until checks pass.
    pub(crate) fn down_until(self) -> Duration {
        if self.why == Some(Why::Checks) { Duration::MAX } else { self.pause_ends }
    }

    /// Why it is out of service, or was and has had no success since.
    pub(crate) fn why(self) -> Option<Why> {
        self.why
    }

    /// Since when its share of new sessions grows. Lies ahead while it is out of service for a
    /// pause.
    pub(crate) fn warm_since(self) -> Option<Duration> {
        self.warm_since
    }

    /// Whether its share of new sessions is still growing at `now`.
    pub(crate) fn is_warming(self, now: Duration, rules: &Rules) -> bool {
        let grows = |since| now.saturating_sub(since) < rules.warmup_time;
        !self.is_down(now) && self.warm_since.is_some_and(grows)
    }

    /// Whether it is in service with its whole share and a success changes nothing.
    pub(crate) fn is_plain(self) -> bool {
        self.why.is_none() && self.broken == 0 && self.warm_since.is_none()
    }

    /// Whether a success changes nothing.
    pub(crate) fn is_well(self) -> bool {
        self.why.is_none() && self.broken == 0 && self.seen
    }

    /// The pause that is due after a failure now.
    fn pause(self, longest: Duration) -> Duration {
        let factor = 1_u32.checked_shl(self.pauses).unwrap_or(u32::MAX);
        FIRST_PAUSE.saturating_mul(factor).min(longest.max(FIRST_PAUSE))
    }

    /// It is in service again.
    fn back(self, now: Duration) -> Self {
        if self.seen { Self::fresh(now) } else { Self { seen: true, ..Self::default() } }
    }

    fn paused(self, why: Why, now: Duration, pause: Duration) -> Self {
        if self.is_down(now) {
            return self;
        }
        let ends = now.saturating_add(pause);
        Self {
            why: Some(why),
            pauses: self.pauses.saturating_add(1),
            paused_at: now,
            pause_ends: ends,
            checks_passed: 0,
            warm_since: self.seen.then_some(ends),
            ..self
        }
    }
}

#[cfg(test)]
mod tests;
