//! How fast the body of a request comes.

use copal_serve::deadlines::{TICK, ticks_in};

use crate::entrance::Waits;

/// How fast the body of a request comes, over windows of `body-timeout`. Only the time counts in
/// which we wait for the client. Times are ticks of the worker's deadline list.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// Which request it is about.
    heads: u64,
    /// Bytes of bodies that had come in when the window began.
    began_at: u64,
    /// How long we have waited in this window.
    waited: u64,
    /// What was seen last.
    last: Option<Seen>,
    /// The window ended, and too little had come.
    failed: bool,
}

/// How things stood when it was looked at.
#[derive(Debug, Clone, Copy)]
struct Seen {
    at: u64,
    bytes: u64,
    waiting: bool,
}

impl Pace {
    /// Takes in how things stand at `now`: how many heads, and bytes of bodies, came in on the
    /// connection, and
    /// whether we are `waiting` for more of a body.
    pub(crate) fn observe(
        &mut self,
        heads: u64,
        bytes: u64,
        waiting: bool,
        waits: &Waits,
        now: u64,
    ) {
        if self.heads != heads {
            let began_at = self.last.map_or(0, |last| last.bytes);
            *self = Self { heads, began_at, ..Self::default() };
        }
        if let Some(last) = self.last.filter(|last| last.waiting) {
            self.waited = self.waited.saturating_add(now.saturating_sub(last.at));
            let window = ticks_in(waits.body).max(1);
            if self.waited >= window {
                let slow = last.bytes.saturating_sub(self.began_at) < least(waits, window);
                // Acted on when it is waited for again: a body that is complete never is.
                self.failed |= slow;
                // What has come since then came after the end of the window.
                self.waited %= window;
                self.began_at = last.bytes;
            }
        }
        self.last = Some(Seen { at: now, bytes, waiting });
    }

    /// When the body will have been too slow, unless more of it comes.
    pub(crate) fn due(&self, waits: &Waits) -> Option<u64> {
        let last = self.last.filter(|_| waits.body_rate.is_some())?;
        if self.failed {
            return last.waiting.then_some(last.at);
        }
        let window = ticks_in(waits.body).max(1);
        let slow = last.bytes.saturating_sub(self.began_at) < least(waits, window);
        let left = window.saturating_sub(self.waited);
        (last.waiting && slow).then(|| last.at.saturating_add(left))
    }
}

/// The fewest bytes that must come in so many ticks.
fn least(waits: &Waits, window: u64) -> u64 {
    let tick = u64::try_from(TICK.as_millis()).unwrap_or(u64::MAX);
    let window = window.saturating_mul(tick);
    waits.body_rate.unwrap_or(0).saturating_mul(window) / 1000
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Windows of 30 s, 300 ticks, in which 7680 bytes must come.
    const WAITS: Waits = Waits {
        idle: Duration::from_secs(15),
        head: Duration::from_secs(10),
        body: Duration::from_secs(30),
        body_rate: Some(256),
        send: Duration::from_secs(60),
        tunnel: Duration::from_secs(3600),
    };

    /// A look at one request: now, bytes of its body, waiting.
    type Look = (u64, u64, bool);

    fn due(looks: &[Look]) -> Option<u64> {
        due_with(&WAITS, looks)
    }

    fn due_with(waits: &Waits, looks: &[Look]) -> Option<u64> {
        let mut pace = Pace::default();
        for (now, bytes, waiting) in looks {
            pace.observe(1, *bytes, *waiting, waits, *now);
        }
        pace.due(waits)
    }

    #[test]
    fn a_window_with_one_byte_too_few_is_the_last() {
        #[rustfmt::skip]
        let table: [(&str, &[Look], Option<u64>); 10] = [
            ("nothing yet",            &[(0, 0, true)],                                     Some(300)),
            ("a byte too few",         &[(0, 0, true), (290, 7679, true)],                  Some(300)),
            ("just enough",            &[(0, 0, true), (290, 7680, true)],                  None),
            ("the end of a slow one",  &[(0, 0, true), (290, 7679, true), (300, 7679, true)], Some(300)),
            ("the next window",        &[(0, 0, true), (290, 7680, true), (300, 7680, true)], Some(600)),
            ("that one's too few",     &[(0, 7680, true), (310, 7681, true), (590, 15_359, true)], Some(600)),
            ("that one's enough",      &[(0, 7680, true), (310, 7681, true), (590, 15_360, true)], None),
            ("bytes after the end",    &[(0, 0, true), (299, 7679, true), (301, 9000, true)], Some(301)),
            ("a drop at the end",      &[(0, 0, true), (299, 10, true), (300, 30, false), (300, 30, true)], Some(300)),
            ("done before the end",    &[(0, 0, true), (299, 10, true), (300, 20, false)],  None),
        ];
        for (what, looks, expected) in table {
            assert_eq!(due(looks), expected, "{what}");
        }
    }

    #[test]
    fn only_waiting_for_the_client_counts() {
        // The application took its time between 10 and 5000, and the client may have all of 300.
        let looks = [(0, 0, true), (10, 100, false), (5000, 100, true)];
        assert_eq!(due(&looks), Some(5290));
        assert_eq!(due(&[(0, 0, true), (10, 100, false), (9000, 100, false)]), None);
    }

    #[test]
    fn each_request_is_judged_by_its_own_bytes() {
        let mut pace = Pace::default();
        pace.observe(1, 1 << 20, true, &WAITS, 0);
        assert_eq!(pace.due(&WAITS), None);
        pace.observe(2, 1 << 20, true, &WAITS, 100);
        assert_eq!(pace.due(&WAITS), Some(400));
        pace.observe(3, (1 << 20) + 7680, true, &WAITS, 200);
        assert_eq!(pace.due(&WAITS), None);
    }

    #[test]
    fn without_a_rate_nothing_is_too_slow() {
        let waits = Waits { body_rate: None, ..WAITS };
        assert_eq!(due_with(&waits, &[(0, 0, true), (400, 1, true), (900, 2, true)]), None);
    }
}
