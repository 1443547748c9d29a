//! How long a connection may stay as it is.

use std::time::Duration;

use copal_serve::deadlines::ticks_in;

use crate::conversation::{Reading, State};
use crate::entrance::Waits;
use crate::pace::Pace;

/// What has taken too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expiry {
    /// No request came.
    Idle,
    /// A head that was begun.
    Head,
    /// The next bytes of a body that was begun.
    Body,
    /// A body that comes drop by drop.
    BodyRate,
    /// The client takes nothing.
    Send,
    /// Nothing moves in a tunnel.
    Tunnel,
}

/// How long a connection may stay as it is. Times are ticks of the worker's deadline list.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    read: Wait,
    write: Wait,
    pace: Pace,
}

/// Something that is waited for, with everything that begins the wait anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Wait {
    what: Option<Expiry>,
    progress: (u64, u64),
    since: u64,
}

impl Patience {
    /// Takes in how things stand at `now`.
    pub(crate) fn observe(&mut self, state: &State, waits: &Waits, now: u64) {
        let (what, progress) = reading(state);
        self.read.renew(what, progress, now);
        let stalled = state.stalled && !state.tunnel;
        let send = stalled.then_some(Expiry::Send);
        self.write.renew(send, (state.departures, 0), now);
        let in_body = what == Some(Expiry::Body);
        self.pace.observe(state.heads, state.body_bytes, in_body, waits, now);
    }

    /// When patience ends, and with what; `None` waits for ever.
    #[must_use]
    pub(crate) fn due(&self, waits: &Waits) -> Option<(u64, Expiry)> {
        let ends = |wait: &Wait| {
            let what = wait.what?;
            let length = ticks_in(limit(waits, what));
            Some((wait.since.saturating_add(length), what))
        };
        let all = [&self.read, &self.write].into_iter().filter_map(ends);
        let pace = self.pace.due(waits).map(|due| (due, Expiry::BodyRate));
        all.chain(pace).min_by_key(|(due, _)| *due)
    }
}

fn limit(waits: &Waits, what: Expiry) -> Duration {
    match what {
        Expiry::Idle => waits.idle,
        Expiry::Head => waits.head,
        Expiry::Body | Expiry::BodyRate => waits.body,
        Expiry::Send => waits.send,
        Expiry::Tunnel => waits.tunnel,
    }
}

impl Wait {
    fn renew(&mut self, what: Option<Expiry>, progress: (u64, u64), now: u64) {
        if (self.what, self.progress) != (what, progress) {
            *self = Self { what, progress, since: now };
        }
    }
}

/// What the reading side waits for, and what begins that wait anew.
fn reading(state: &State) -> (Option<Expiry>, (u64, u64)) {
    if state.tunnel {
        return (Some(Expiry::Tunnel), (state.arrivals, state.departures));
    }
    match state.reading {
        Reading::Body => (Some(Expiry::Body), (state.arrivals, 0)),
        // While an answer is owed the client may take its time with the next request.
        _ if state.owed > 0 => (None, (0, 0)),
        Reading::Request => (Some(Expiry::Idle), (state.heads, state.arrivals)),
        // However many bytes of it come, a head has to be there in time.
        Reading::Head => (Some(Expiry::Head), (state.heads, 0)),
        // A client that closed its sending half waits for its answer, however long that takes.
        Reading::Nothing | Reading::Decision | Reading::Tunnel | Reading::Answer => (None, (0, 0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAITS: Waits = Waits {
        idle: Duration::from_secs(15),
        head: Duration::from_secs(10),
        body: Duration::from_secs(30),
        body_rate: None,
        send: Duration::from_secs(60),
        tunnel: Duration::from_secs(3600),
    };

    fn state(reading: Reading) -> State {
        State { reading, ..State::default() }
    }

    fn due(states: &[(u64, State)]) -> Option<(u64, Expiry)> {
        let mut patience = Patience::default();
        for (now, state) in states {
            patience.observe(state, &WAITS, *now);
        }
        patience.due(&WAITS)
    }

    #[test]
    fn every_wait_has_its_own_length() {
        #[rustfmt::skip]
        let table = [
            (state(Reading::Nothing),                                     None),
            (state(Reading::Decision),                                    None),
            (state(Reading::Request),                                     Some((1150, Expiry::Idle))),
            (state(Reading::Head),                                        Some((1100, Expiry::Head))),
            (State { owed: 1, ..state(Reading::Request) },                None),
            (State { owed: 1, ..state(Reading::Head) },                   None),
            (State { owed: 1, ..state(Reading::Body) },                   Some((1300, Expiry::Body))),
            (State { owed: 1, ..state(Reading::Answer) },                 None),
            (State { stalled: true, owed: 1, ..state(Reading::Answer) },  Some((1600, Expiry::Send))),
            (State { stalled: true, owed: 1, ..State::default() },        Some((1600, Expiry::Send))),
            (State { stalled: true, owed: 1, ..state(Reading::Body) },    Some((1300, Expiry::Body))),
            (State { tunnel: true, stalled: true, ..State::default() },   Some((37_000, Expiry::Tunnel))),
        ];
        for (state, expected) in table {
            assert_eq!(due(&[(1000, state.clone())]), expected, "{state:?}");
        }
    }

    #[test]
    fn a_head_in_drips_is_one_wait_and_a_body_is_a_new_one_each_time() {
        let drip = |reading, arrivals| State { arrivals, ..state(reading) };
        let head = [(0, drip(Reading::Head, 1)), (50, drip(Reading::Head, 2))];
        assert_eq!(due(&head), Some((100, Expiry::Head)));
        let body = [(0, drip(Reading::Body, 1)), (50, drip(Reading::Body, 2))];
        assert_eq!(due(&body), Some((350, Expiry::Body)));
    }

    #[test]
    fn a_body_in_drips_is_too_slow_before_it_is_silent() {
        let waits = Waits { body_rate: Some(256), ..WAITS };
        let mut patience = Patience::default();
        let drip = |bytes| State { arrivals: bytes, body_bytes: bytes, ..state(Reading::Body) };
        patience.observe(&drip(1), &waits, 0);
        // A silent body is told so.
        assert_eq!(patience.due(&waits), Some((300, Expiry::Body)));
        patience.observe(&drip(2), &waits, 290);
        assert_eq!(patience.due(&waits), Some((300, Expiry::BodyRate)));
        patience.observe(&drip(7680), &waits, 295);
        assert_eq!(patience.due(&waits), Some((595, Expiry::Body)));
    }

    #[test]
    fn the_next_request_is_a_wait_of_its_own() {
        let answered = State { heads: 1, arrivals: 1, ..state(Reading::Request) };
        let states = [(0, state(Reading::Request)), (140, answered)];
        assert_eq!(due(&states), Some((290, Expiry::Idle)));
    }
}
