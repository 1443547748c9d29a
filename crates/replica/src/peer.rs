//! What is known of one other server at this moment.

use std::collections::VecDeque;
use std::time::Duration;

use copal_protocol::state::State;

use crate::heartbeat::{Heartbeat, HeartbeatAnswer};
use crate::incarnation::Incarnation;
use crate::timing::{HEARTBEAT, LEASE, PROMISE};

/// What is known of one other server at this moment. Times are of this server's own clock, which
/// nobody sets.
#[derive(Debug, Clone)]
pub struct Peer {
    link: Link,
    /// The start in which we met it last.
    incarnation: Option<Incarnation>,
    /// Starts of it that are over, the newest last.
    ended: VecDeque<Incarnation>,
    state: State,
    /// Heartbeats without an answer: number, and when they were sent.
    sent: VecDeque<(u64, Duration)>,
    /// When it was asked last.
    asked: Option<Duration>,
    /// When it answered last.
    heard: Option<Duration>,
    /// When the newest heartbeat was sent that it answered with "I hear you".
    covered_from: Option<Duration>,
    /// Goes up whenever we could not rely on it for a while.
    lease: u64,
    /// When we last answered it with "I hear you", or may have done so before we were started. An
    /// answer without that renews no lease, so it binds us to nothing: where only its questions reach
    /// us and our answers are lost, somebody else must be able to go on.
    relied_on: Duration,
}

/// The connection on which we ask it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    /// There is one.
    Open,
    /// There is none, which proves nothing.
    Closed,
    /// There is none, and nobody listens at its port: that process has ended.
    Refused,
}

/// The number of a stretch of time in which another server could be relied on without a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeaseNumber(pub u64);

/// Whether another server is heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hearing {
    /// It answered a moment ago.
    Yes,
    /// It does not answer.
    No,
    /// The connection broke and was not tried again yet, or it has just been made.
    Unsure,
}

/// How many heartbeats are remembered that were not answered: no lease comes from older ones. And
/// how many starts: epochs of older ones are over by the ordinary rule.
const REMEMBERED: usize = 8;
const _: () = assert!(HEARTBEAT.as_millis() * REMEMBERED as u128 > LEASE.as_millis());

/// A server that was just met may leave so many heartbeats without an answer before it counts as silent.
const FIRST: usize = 6;
const _: () = assert!(FIRST < REMEMBERED);

impl Peer {
    /// A server of which nothing is known. `now` is when this server was started: in an earlier
    /// start it may have answered anybody a moment ago.
    #[must_use]
    pub fn new(now: Duration) -> Self {
        Self {
            link: Link::Closed,
            incarnation: None,
            ended: VecDeque::new(),
            state: State::Down,
            sent: VecDeque::new(),
            asked: None,
            heard: None,
            covered_from: None,
            lease: 0,
            relied_on: now,
        }
    }

    /// A hello was exchanged with it, on any connection, just now: it said which start of it this is.
    pub fn met(&mut self, incarnation: Incarnation) {
        // A start that is over may still be heard of, late.
        if self.incarnation == Some(incarnation) || self.ended.contains(&incarnation) {
            return;
        }
        if let Some(before) = self.incarnation.replace(incarnation) {
            self.ended.push_back(before);
            if self.ended.len() > REMEMBERED {
                self.ended.pop_front();
            }
        }
        self.sent.clear();
        self.asked = None;
        self.heard = None;
        self.covered_from = None;
    }

    /// The connection on which we ask it is there.
    pub fn connected(&mut self) {
        self.link = Link::Open;
    }

    /// That connection broke.
    pub fn disconnected(&mut self) {
        self.link = Link::Closed;
        self.sent.clear();
    }

    /// Nobody listens at its port. Means nothing while there is a connection: the server may have
    /// closed its port and live on.
    pub fn refused(&mut self) {
        if self.link != Link::Open {
            self.link = Link::Refused;
        }
    }

    /// The heartbeat that is due, if one is.
    pub fn beat(&mut self, now: Duration, own: Incarnation, number: u64) -> Option<Heartbeat> {
        let due = self.asked.is_none_or(|asked| now >= asked + HEARTBEAT);
        if self.link != Link::Open || !due {
            return None;
        }
        self.asked = Some(now);
        if self.sent.len() == REMEMBERED {
            self.sent.pop_front();
        }
        self.sent.push_back((number, now));
        Some(Heartbeat { incarnation: own, number })
    }

    /// It asks whether we are there. Returns whether we hear it; then it may rely on us.
    pub fn asks(&mut self, now: Duration, heartbeat: Heartbeat) -> bool {
        let is_it = self.incarnation == Some(heartbeat.incarnation);
        let hears = is_it && self.hearing(now) == Hearing::Yes;
        if hears {
            self.relied_on = now;
        }
        hears
    }

    /// It says that it is there.
    pub fn answers(&mut self, now: Duration, answer: HeartbeatAnswer) {
        if self.incarnation != Some(answer.incarnation) {
            // From before it was started again, on a connection that was open then.
            return;
        }
        let Some(place) = self.sent.iter().position(|(number, _)| *number == answer.number) else {
            return;
        };
        let Some((_, sent)) = self.sent.drain(..=place).next_back() else { return };
        self.state = answer.state;
        if now >= sent + LEASE {
            // Too old to mean anything: one of us stood still.
            return;
        }
        self.heard = Some(now);
        if answer.hears_you {
            if self.lease_until().is_none_or(|until| now >= until) {
                self.lease += 1;
            }
            self.covered_from = self.covered_from.max(Some(sent));
        }
    }

    /// Whether it is heard: it answered less than a [`LEASE`] ago, and the connection is there.
    #[must_use]
    pub fn hearing(&self, now: Duration) -> Hearing {
        let lately = self.heard.is_some_and(|heard| now < heard + LEASE);
        match self.link {
            Link::Open if lately => Hearing::Yes,
            Link::Closed if lately => Hearing::Unsure,
            // It was met a moment ago, and has not had the time to answer.
            Link::Open if self.heard.is_none() && self.sent.len() < FIRST => Hearing::Unsure,
            _ => Hearing::No,
        }
    }

    /// The lease on it, if there is one at this moment: as long as there is one it helps nobody to
    /// take over from us. `holder` is the start in which it was given its copy; another start of it
    /// has promised nothing for that.
    #[must_use]
    pub fn lease(&self, now: Duration, holder: Incarnation) -> Option<LeaseNumber> {
        let valid = self.lease_until().is_some_and(|until| now < until);
        (valid && self.incarnation == Some(holder)).then_some(LeaseNumber(self.lease))
    }

    /// From when on we may help others to take over from it, as it was in the start `acting`: when
    /// no lease on us can be left. At once when that process has ended.
    #[must_use]
    pub fn promise_from(&self, acting: Incarnation) -> Duration {
        if self.link == Link::Refused || self.ended.contains(&acting) {
            Duration::ZERO
        } else {
            self.relied_on + PROMISE
        }
    }

    /// Whether it was ever met in this start, as far as that is remembered.
    #[must_use]
    pub fn was_met_in(&self, start: Incarnation) -> bool {
        self.incarnation == Some(start) || self.ended.contains(&start)
    }

    /// What it does at the moment, as far as it is heard.
    #[must_use]
    pub fn state(&self, now: Duration) -> State {
        if self.hearing(now) == Hearing::No { State::Down } else { self.state }
    }

    /// The start in which it was met last.
    #[must_use]
    pub const fn incarnation(&self) -> Option<Incarnation> {
        self.incarnation
    }

    /// When it answered last, in this start of it.
    #[must_use]
    pub const fn last_heard(&self) -> Option<Duration> {
        self.heard
    }

    /// Whether nobody listens at its port.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.link == Link::Refused
    }

    /// Whether there is a connection to it.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.link == Link::Open
    }

    /// Whether it was never met, and its port not found closed: nothing is known of it.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.incarnation.is_none() && self.link != Link::Refused
    }

    /// The newest lease that there was on it.
    #[must_use]
    pub const fn last_lease(&self) -> LeaseNumber {
        LeaseNumber(self.lease)
    }

    fn lease_until(&self) -> Option<Duration> {
        self.covered_from.map(|sent| sent + LEASE)
    }
}

#[cfg(test)]
mod tests;
