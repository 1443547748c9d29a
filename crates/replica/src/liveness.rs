//! Which servers are there, which of them can be relied on, and who may be helped to take over.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use copal_protocol::state::State;

use crate::heartbeat::{Heartbeat, HeartbeatAnswer};
use crate::incarnation::Incarnation;
use crate::peer::{Hearing, LeaseNumber, Peer};
use crate::plant::{Plant, has};
use crate::scene::Lease;
use crate::server_id::ServerId;
use crate::timing::{LEASE, PROMISE};

/// Which of the other servers are there, which can be relied on, and from whom another one may be
/// helped to take over. Every server has its own opinion, and keeps its word: as long as it has
/// told somebody "I hear you" a moment ago, it helps nobody to speak in his place.
///
/// `now` is always this server's own clock, which nobody sets and which goes on while the process
/// stands still. What a server may do is looked up in the moment in which it does it.
#[derive(Debug, Clone)]
pub struct Liveness {
    incarnation: Incarnation,
    /// When this server was started.
    started: Duration,
    /// When it last looked at the clock.
    ran: Duration,
    /// Goes up whenever it stood still for long, or hears a server that it did not hear before.
    stretch: u64,
    /// When it noticed last that it had stood still, if only for a moment, or was started.
    resumed: Duration,
    /// Until then it says of nobody that he is silent, because it has stood still for long.
    wakes_until: Duration,
    own: State,
    /// All that were ever in the table: what we told one that is not in it any more still binds us.
    peers: BTreeMap<ServerId, Peer>,
    /// The others that are in the table now.
    table: BTreeSet<ServerId>,
    /// When each of them was last known to run.
    there: BTreeMap<ServerId, Duration>,
    /// Of the last heartbeat.
    number: u64,
}

/// Whoever did not look at the clock for so long stood still.
const PAUSE: Duration = Duration::from_millis(500);

impl Liveness {
    /// A server that was started at `now` and is joining.
    #[must_use]
    pub fn new(incarnation: Incarnation, now: Duration) -> Self {
        Self {
            incarnation,
            started: now,
            ran: now,
            stretch: 0,
            resumed: now,
            wakes_until: now,
            own: State::Joining,
            peers: BTreeMap::new(),
            table: BTreeSet::new(),
            there: BTreeMap::new(),
            number: 0,
        }
    }

    /// The others are these from now on. What is known of those that stay is kept.
    pub fn table(&mut self, others: &[ServerId]) {
        self.table = others.iter().copied().collect();
        for server in others {
            self.peers.entry(*server).or_insert_with(|| Peer::new(self.started));
        }
    }

    /// This server does something else from now on.
    pub const fn becomes(&mut self, state: State) {
        self.own = state;
    }

    /// What is known of one; changed by what happens on the connections to it.
    pub fn peer_mut(&mut self, server: ServerId) -> Option<&mut Peer> {
        self.peers.get_mut(&server)
    }

    /// The heartbeats that are due. To be asked for at least every tenth of a second.
    pub fn beats(&mut self, now: Duration) -> Vec<(ServerId, Heartbeat)> {
        if now >= self.ran + LEASE {
            self.stretch += 1;
        }
        if now >= self.ran + LEASE {
            // Whoever stood still for so long may not be the only one: the others get the time that they
            // would have had to fall silent and come back.
            self.wakes_until = now + LEASE + PROMISE;
        }
        if now >= self.ran + PAUSE {
            self.resumed = now;
        }
        self.ran = now;
        let there = self.peers.iter().filter(|(_, peer)| peer.is_connected());
        self.there.extend(there.map(|(server, _)| (*server, now)));
        self.number += 1;
        let (own, number) = (self.incarnation, self.number);
        let table = &self.table;
        let listed = self.peers.iter_mut().filter(|(server, _)| table.contains(*server));
        let due = listed.map(|(server, peer)| (*server, peer.beat(now, own, number)));
        due.filter_map(|(server, beat)| Some((server, beat?))).collect()
    }

    /// The answer to a heartbeat; none for a server that is not in the table.
    pub fn asked(
        &mut self,
        now: Duration,
        from: ServerId,
        heartbeat: Heartbeat,
    ) -> Option<HeartbeatAnswer> {
        if !self.table.contains(&from) {
            return None;
        }
        let hears_you = self.peers.get_mut(&from)?.asks(now, heartbeat);
        Some(HeartbeatAnswer {
            incarnation: self.incarnation,
            number: heartbeat.number,
            hears_you,
            state: self.own,
        })
    }

    /// Another server has answered.
    pub fn answered(&mut self, now: Duration, from: ServerId, answer: HeartbeatAnswer) {
        if let Some(peer) = self.peers.get_mut(&from) {
            let before = peer.last_lease();
            peer.answers(now, answer);
            if peer.last_lease() != before {
                // It was not heard for a while, and may have acted meanwhile.
                self.stretch += 1;
            }
        }
    }

    /// Whether another server is heard. One that is not in the table is not.
    #[must_use]
    pub fn hearing(&self, now: Duration, server: ServerId) -> Hearing {
        let peer = self.peers.get(&server).filter(|_| self.table.contains(&server));
        peer.map_or(Hearing::No, |peer| peer.hearing(now))
    }

    /// The lease on a holder, if there is one in this moment; see [`Peer::lease`].
    #[must_use]
    pub fn lease(
        &self,
        now: Duration,
        server: ServerId,
        holder: Incarnation,
    ) -> Option<LeaseNumber> {
        self.peers.get(&server)?.lease(now, holder)
    }

    /// The stretch of time in which this server has been running without standing still for long, and
    /// without hearing a server again that was not heard; none when it has just begun to run again and
    /// has not noticed. Whoever acts for a session alone relies on nobody else; but while it stood
    /// still, or was cut off, the others may have gone on without it.
    #[must_use]
    pub fn own_lease(&self, now: Duration) -> Option<LeaseNumber> {
        (now < self.ran + LEASE).then_some(LeaseNumber(self.stretch))
    }

    /// From when on another server may be helped to take over from the one that acts in this start; see
    /// [`Peer::promise_from`]. It may have left the table, and its place may be another one's by now.
    /// A start that was never met was not told that we hear it, unless that was before this server was
    /// started.
    #[must_use]
    pub fn promise_from(&self, acting: Incarnation) -> Duration {
        let met = self.peers.values().filter(|peer| peer.was_met_in(acting));
        met.map(|peer| peer.promise_from(acting)).max().unwrap_or(self.started + PROMISE)
    }

    /// Whether this server has run for long enough to say who is silent: whoever stood still has heard
    /// nobody, and that says nothing about the others.
    #[must_use]
    pub fn can_judge(&self, now: Duration) -> bool {
        has(Plant::JudgesAfterPause) || now < self.ran + PAUSE && now >= self.resumed + LEASE
    }

    /// Whether this server has stood still for long, and the others have not had the time yet to be heard
    /// again.
    #[must_use]
    pub fn wakes(&self, now: Duration) -> bool {
        !has(Plant::JudgesAfterPause) && (now < self.wakes_until || now >= self.ran + LEASE)
    }

    /// The start in which a server was met last.
    #[must_use]
    pub fn incarnation(&self, server: ServerId) -> Option<Incarnation> {
        self.peers.get(&server)?.incarnation()
    }

    /// Since when another server has not been heard; `None` while it is.
    #[must_use]
    pub fn silent_since(&self, now: Duration, server: ServerId) -> Option<Duration> {
        if self.hearing(now, server) == Hearing::Yes {
            return None;
        }
        let heard = self.peers.get(&server).and_then(Peer::last_heard);
        Some(heard.unwrap_or(self.started))
    }

    /// How long a server has not been connected, whether it is in the table or not; one that never was, since
    /// this server was started.
    #[must_use]
    pub fn away(&self, now: Duration, server: ServerId) -> Duration {
        now.saturating_sub(self.there.get(&server).copied().unwrap_or(self.started))
    }

    /// Whether nobody listens at a server's port, so that its process has ended.
    #[must_use]
    pub fn is_gone(&self, server: ServerId) -> bool {
        self.peers.get(&server).is_some_and(Peer::is_gone)
    }

    /// Whether something can be sent to a server, and it may answer.
    #[must_use]
    pub fn reaches(&self, now: Duration, server: ServerId) -> bool {
        let connected = self.peers.get(&server).is_some_and(Peer::is_connected);
        connected && self.hearing(now, server) != Hearing::No
    }

    /// Whether a server was never heard since this one was started.
    #[must_use]
    pub fn is_new(&self, server: ServerId) -> bool {
        self.peers.get(&server).is_none_or(Peer::is_new)
    }

    /// The leases that are valid at this moment.
    pub fn leases(&self, now: Duration) -> impl Iterator<Item = Lease> {
        self.peers.iter().filter_map(move |(server, peer)| {
            let incarnation = peer.incarnation()?;
            Some(Lease { server: *server, incarnation, number: peer.lease(now, incarnation)? })
        })
    }

    /// What this server does itself.
    #[must_use]
    pub const fn own_state(&self) -> State {
        self.own
    }

    /// What one of the others does at the moment.
    #[must_use]
    pub fn state(&self, now: Duration, server: ServerId) -> State {
        let peer = self.peers.get(&server).filter(|_| self.table.contains(&server));
        peer.map_or(State::Down, |peer| peer.state(now))
    }

    /// The others that take new sessions, in the order of their names.
    pub fn ready(&self, now: Duration) -> impl Iterator<Item = ServerId> {
        let ready = move |(server, peer): (&ServerId, &Peer)| {
            let listed = self.table.contains(server);
            let ready = listed && matches!(peer.state(now), State::Ready | State::Warming);
            (ready && peer.hearing(now) == Hearing::Yes).then_some(*server)
        };
        self.peers.iter().filter_map(ready)
    }
}

#[cfg(test)]
mod tests;
