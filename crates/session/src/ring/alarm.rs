//! What is said of trouble that loses nothing yet: once when it begins, once when it is over.

use std::time::Duration;

use copal_replica::counts::Counts;

/// For so long nothing of a kind must have happened until it is over.
const QUIET: Duration = Duration::from_secs(10);

/// How often it is looked whether sessions are still short of copies; that looks at all of them.
const LOOK: Duration = Duration::from_secs(1);

/// What is said of trouble that loses nothing yet: once when it begins, once when it is over.
#[derive(Debug, Default)]
pub(crate) struct Alarm {
    alone: Spell,
    takeovers: Spell,
    unknown: Spell,
    looks_from: Duration,
}

/// What is to be said now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    /// Changes are acknowledged that no other server has.
    Alone,
    /// That is over, after so many changes: every session has its copies again.
    TogetherAgain(u64),
    /// Sessions were taken over of which somebody silent may have something newer.
    Blindly,
    /// That is over, after so many.
    SeeingAgain(u64),
    /// Sessions were asked for that may be on servers that do not answer.
    Unknown,
    /// That is over, after so many answers.
    KnownAgain(u64),
}

/// One kind of trouble.
#[derive(Debug, Default)]
struct Spell {
    /// Of the last look.
    count: u64,
    /// Since it began: from which count, and when it happened last.
    since: Option<(u64, Duration)>,
}

impl Alarm {
    /// Looks at what was counted. `short` counts the sessions that have fewer copies than they should; that
    /// takes long.
    pub(crate) fn look(
        &mut self,
        now: Duration,
        counts: &Counts,
        short: impl FnOnce() -> u64,
    ) -> Vec<Said> {
        let begun = [
            (self.alone.rises(now, counts.degraded), Said::Alone),
            (self.takeovers.rises(now, counts.degraded_takeovers), Said::Blindly),
            (self.unknown.rises(now, counts.unknown), Said::Unknown),
        ];
        let mut said: Vec<Said> =
            begun.into_iter().filter_map(|(begins, what)| begins.then_some(what)).collect();
        said.extend(self.takeovers.ends(now).map(Said::SeeingAgain));
        said.extend(self.unknown.ends(now).map(Said::KnownAgain));
        if self.alone.is_quiet(now) && now >= self.looks_from {
            self.looks_from = now + LOOK;
            if short() == 0 {
                said.extend(self.alone.ends(now).map(Said::TogetherAgain));
            }
        }
        said
    }
}

impl Spell {
    /// Notes how often it has happened by now. Whether it begins.
    fn rises(&mut self, now: Duration, count: u64) -> bool {
        let before = std::mem::replace(&mut self.count, count);
        if count <= before {
            return false;
        }
        let begins = self.since.is_none();
        let from = self.since.map_or(before, |(from, _)| from);
        self.since = Some((from, now));
        begins
    }

    fn is_quiet(&self, now: Duration) -> bool {
        self.since.is_some_and(|(_, last)| now >= last + QUIET)
    }

    /// Whether it is over, and how often it happened.
    fn ends(&mut self, now: Duration) -> Option<u64> {
        if !self.is_quiet(now) {
            return None;
        }
        self.since.take().map(|(from, _)| self.count.saturating_sub(from))
    }
}

impl Said {
    /// Says it.
    pub(crate) fn tell(self) {
        match self {
            Self::Alone => tracing::warn!(
                "changes of sessions are acknowledged that only this server has, because no other \
                 server takes them: if it ends now they are lost; `copal status` says which servers \
                 are missing"
            ),
            Self::TogetherAgain(changes) => tracing::info!(
                changes,
                "every session has its copies again; so many changes were acknowledged that only this \
                 server had"
            ),
            Self::Blindly => tracing::warn!(
                "sessions were taken over without asking all servers that may have something newer of \
                 them, because some do not answer; when they come back their changes are merged"
            ),
            Self::SeeingAgain(sessions) => tracing::info!(
                sessions,
                "no session is taken over any more without asking all servers; so many were"
            ),
            Self::Unknown => tracing::warn!(
                "sessions are asked for that may be on servers that do not answer: their users are \
                 told to come again until those are back, or have been away longer than `recovery-wait`"
            ),
            Self::KnownAgain(answers) => tracing::info!(
                answers,
                "no session is asked for any more that may be on a silent server; so many times one was"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn degraded(count: u64) -> Counts {
        Counts { degraded: count, ..Counts::default() }
    }

    #[test]
    fn changes_that_only_one_server_has_are_told_once_until_there_are_copies() {
        let mut alarm = Alarm::default();
        #[rustfmt::skip]
        let table = [
            // at, changes, short, said
            (0,    0,       9,     vec![]),
            (1,    3,       3,     vec![Said::Alone]),
            (2,    5,       5,     vec![]),
            (11,   5,       5,     vec![]),
            (12,   5,       5,     vec![]),
            (13,   6,       0,     vec![]),
            (22,   6,       0,     vec![]),
            (23,   6,       1,     vec![]),
            (24,   6,       0,     vec![Said::TogetherAgain(6)]),
            (60,   6,       1,     vec![]),
            (61,   7,       1,     vec![Said::Alone]),
            (71,   7,       0,     vec![Said::TogetherAgain(1)]),
            (99,   7,       0,     vec![]),
        ];
        for (seconds, changes, short, said) in table {
            assert_eq!(alarm.look(at(seconds), &degraded(changes), || short), said, "{seconds}");
        }
    }

    #[test]
    fn all_sessions_are_looked_at_once_a_second_and_only_then() {
        let mut alarm = Alarm::default();
        let mut looks = 0;
        for tick in 0..300 {
            let now = Duration::from_millis(100 * tick);
            let _ = alarm.look(now, &degraded(u64::from(tick > 0)), || {
                looks += 1;
                1
            });
        }
        // From ten seconds after the first tenth of a second.
        assert_eq!(looks, 20);
    }

    #[test]
    fn each_kind_is_told_by_itself() {
        let mut alarm = Alarm::default();
        let counts = Counts { degraded_takeovers: 2, unknown: 4, ..Counts::default() };
        assert_eq!(alarm.look(at(1), &counts, || 1), [Said::Blindly, Said::Unknown]);
        assert_eq!(alarm.look(at(10), &counts, || 1), []);
        let counts = Counts { unknown: 5, ..counts };
        assert_eq!(alarm.look(at(11), &counts, || 1), [Said::SeeingAgain(2)]);
        assert_eq!(alarm.look(at(20), &counts, || 1), []);
        assert_eq!(alarm.look(at(21), &counts, || 1), [Said::KnownAgain(5)]);
    }
}
