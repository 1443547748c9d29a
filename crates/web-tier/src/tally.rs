//! What worker threads count, each for itself.

use copal_serve::count::Count;
use copal_serve::histogram::Histogram;

/// What one thread counts of all its requests.
// Alone on its cache lines: neighbours are written by other threads.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct ThreadTally {
    /// Requests whose head was good.
    pub(crate) requests: Count,
    /// Final answers by the first digit of their status, as they went to the client.
    pub(crate) answers: [Count; 5],
    /// Requests whose head was refused, or never came to its end.
    pub(crate) refused: Count,
    /// Requests that were sent again, by the reason.
    pub(crate) again: [Count; Again::COUNT],
    /// Requests that no server answered, by what was the gravest about it.
    pub(crate) unanswered: [Count; Unanswered::COUNT],
    /// Client connections that were taken.
    pub(crate) connections: Count,
}

impl ThreadTally {
    /// Counts an answer with this status.
    pub(crate) fn answer(&self, status: u16) {
        let class = usize::from(status / 100).checked_sub(1);
        if let Some(count) = class.and_then(|class| self.answers.get(class)) {
            count.add(1);
        }
    }

    /// Counts a request that no server answered.
    pub(crate) fn unanswered(&self, reason: Unanswered) {
        if let Some(count) = self.unanswered.get(reason as usize) {
            count.add(1);
        }
    }

    /// Counts a request that is sent again.
    pub(crate) fn again(&self, reason: Again) {
        if let Some(count) = self.again.get(reason as usize) {
            count.add(1);
        }
    }
}

/// Why no server answered a request, or not to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unanswered {
    /// No server could be reached.
    NoServer = 0,
    /// None had a place in time.
    Queue = 1,
    /// A server broke off, or sent something that is no answer.
    Broken = 2,
    /// A server was silent.
    Silent = 3,
    /// A server broke off in the body of its answer.
    Cut = 4,
    /// The request was at fault: its body was refused, or too slow, or too large.
    Request = 5,
    /// The client went away.
    Client = 6,
}

impl Unanswered {
    pub(crate) const COUNT: usize = 7;

    /// Every reason, with its word in the figures.
    pub(crate) const ALL: [(Self, &'static str); Self::COUNT] = [
        (Self::NoServer, "no-server"),
        (Self::Queue, "queue"),
        (Self::Broken, "broken"),
        (Self::Silent, "silent"),
        (Self::Cut, "cut"),
        (Self::Request, "request"),
        (Self::Client, "client"),
    ];
}

/// Why a request went to another server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    /// The first was not reached, and nothing had been sent.
    Unreached = 0,
    /// The connection broke before a byte of the answer.
    NoAnswer = 1,
    /// The server was declared down meanwhile.
    Down = 2,
    /// The server said that it had not begun.
    NotBegun = 3,
    /// A foreign server answered 503.
    Unavailable = 4,
}

impl Again {
    pub(crate) const COUNT: usize = 5;

    /// Every reason, with its word in the figures.
    pub(crate) const ALL: [(Self, &'static str); Self::COUNT] = [
        (Self::Unreached, "unreached"),
        (Self::NoAnswer, "no-answer"),
        (Self::Down, "down"),
        (Self::NotBegun, "not-begun"),
        (Self::Unavailable, "unavailable"),
    ];
}

/// What one thread counts of its requests to one server.
// Alone on its cache lines: neighbours are written by other threads.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct ServerTally {
    /// Requests that were sent to it.
    pub(crate) requests: Count,
    /// Tries that it failed, by the reason.
    pub(crate) failures: [Count; Fault::COUNT],
    /// From the sending of a request to the head of its answer, in microseconds.
    pub(crate) first_byte: Histogram,
}

impl ServerTally {
    pub(crate) fn failure(&self, fault: Fault) {
        if let Some(count) = self.failures.get(fault as usize) {
            count.add(1);
        }
    }
}

/// What a server did wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It could not be reached.
    Unreached = 0,
    /// It broke off before or within the head of its answer, or sent something else than one.
    Broken = 1,
    /// It was silent.
    Silent = 2,
    /// It broke off in the body.
    Cut = 3,
    /// It said that it is busy, or that it had not begun.
    Unavailable = 4,
}

impl Fault {
    pub(crate) const COUNT: usize = 5;

    /// Every fault, with its word in the figures.
    pub(crate) const ALL: [(Self, &'static str); Self::COUNT] = [
        (Self::Unreached, "unreached"),
        (Self::Broken, "broken"),
        (Self::Silent, "silent"),
        (Self::Cut, "cut"),
        (Self::Unavailable, "unavailable"),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_of_a_client_is_counted_once() {
        let tally = ThreadTally::default();
        [100, 200, 204, 301, 404, 503, 599].into_iter().for_each(|status| tally.answer(status));
        tally.answer(0);
        tally.answer(600);
        let counts: Vec<u64> = tally.answers.iter().map(Count::get).collect();
        assert_eq!(counts, [1, 2, 1, 1, 2]);
    }

    #[test]
    fn words_stand_where_their_counts_do() {
        for (position, (reason, _)) in Again::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, position);
        }
        for (position, (reason, _)) in Unanswered::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, position);
        }
        for (position, (fault, _)) in Fault::ALL.into_iter().enumerate() {
            assert_eq!(fault as usize, position);
        }
    }
}
