//! What a server knows, at one moment, of itself and the others.

mod bounds;

use std::time::Duration;

use copal_protocol::letters::Letters;
use copal_protocol::server_index::ServerIndex;
use copal_protocol::session_key::SessionKey;
use copal_protocol::state::State;
use smallvec::SmallVec;

use crate::call::Order;
use crate::epoch::Epoch;
use crate::fnv::{FNV, fnv};
use crate::incarnation::Incarnation;
use crate::live::WallTime;
use crate::liveness::Liveness;
use crate::operations::OperationNumber;
use crate::peer::{Hearing, LeaseNumber};
use crate::plant::{Plant, has};
use crate::safety::Safety;
use crate::scene::{Candidate, Lease, Scene};
use crate::server_id::ServerId;
use crate::witness::Witness;

/// What a server knows, at one moment, of itself and the others.
#[derive(Debug)]
pub struct Surroundings<'l> {
    /// This server.
    pub own: Own,
    /// How many copies there are to be, and who must have a change.
    pub safety: Safety,
    /// Running time.
    pub now: Duration,
    /// The wall clock.
    pub wall: WallTime,
    clock: Duration,
    liveness: &'l Liveness,
    /// The others that are in the table.
    others: &'l [(ServerId, ServerIndex)],
    leases: Few<Lease>,
    own_lease: Option<LeaseNumber>,
    leaving: Few<ServerId>,
    gone: Few<ServerId>,
    starts: Few<Candidate>,
    misses: bool,
    crowded: Few<ServerId>,
    pressed: bool,
    max_away: Duration,
}

/// Something about other servers, of which there are few nearly always.
type Few<T> = SmallVec<[T; 3]>;

/// A server, in one start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Own {
    /// Its name.
    pub server: ServerId,
    /// Its place in the table.
    pub index: ServerIndex,
    /// Its start.
    pub incarnation: Incarnation,
}

impl Own {
    /// Whether an epoch is one of this server's, in this start.
    #[must_use]
    pub fn began(&self, epoch: Epoch) -> bool {
        (epoch.server, epoch.incarnation) == (self.index, self.incarnation)
    }

    /// The name of an operation that this server is asked for.
    #[must_use]
    pub const fn operation(&self, count: u64) -> OperationNumber {
        OperationNumber { server: self.server, incarnation: self.incarnation, count }
    }
}

/// The clocks of a server, read at the same moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clocks {
    /// Goes on while the process stands still, and nobody sets it.
    pub clock: Duration,
    /// The time in which the process ran.
    pub running: Duration,
    /// The time of day.
    pub wall: WallTime,
}

impl<'l> Surroundings<'l> {
    /// What is known at this moment. `others` are the other servers in the table.
    #[must_use]
    pub fn new(
        own: Own,
        safety: Safety,
        liveness: &'l Liveness,
        others: &'l [(ServerId, ServerIndex)],
        clocks: Clocks,
    ) -> Self {
        let Clocks { clock, running: now, wall } = clocks;
        let leases = liveness.leases(clock).collect();
        let own_lease = liveness.own_lease(clock);
        let is_leaving = |state: State| matches!(state, State::Leaving | State::Evict);
        let states = others.iter().map(|(server, _)| (*server, liveness.state(clock, *server)));
        let all = states.chain([(own.server, liveness.own_state())]);
        let leaving = all.filter(|(_, state)| is_leaving(*state)).map(|(server, _)| server);
        let leaving = leaving.collect();
        let start = |(server, _): &(ServerId, ServerIndex)| {
            let incarnation = liveness.incarnation(*server)?;
            Some(Candidate { server: *server, incarnation })
        };
        let starts = others.iter().filter_map(start).collect();
        let names = others.iter().map(|(server, _)| *server);
        let gone = names.filter(|server| liveness.is_gone(*server)).collect();
        Self {
            own,
            safety,
            now,
            wall,
            clock,
            liveness,
            others,
            leases,
            own_lease,
            leaving,
            gone,
            starts,
            misses: false,
            crowded: Few::new(),
            pressed: false,
            max_away: MAX_AWAY,
        }
    }

    /// The same for a server that may have lost sessions with its disk.
    #[must_use]
    pub const fn misses(mut self, misses: bool) -> Self {
        self.misses = misses;
        self
    }

    /// The same when so much waits to be sent to these servers that what can wait does.
    #[must_use]
    pub fn crowded(mut self, servers: impl IntoIterator<Item = ServerId>) -> Self {
        self.crowded.extend(servers);
        self
    }

    /// The servers to which nothing is sent that can wait.
    #[must_use]
    pub fn crowds(&self) -> &[ServerId] {
        &self.crowded
    }

    /// Whether this server may have had sessions of which it knows nothing.
    #[must_use]
    pub const fn may_miss(&self) -> bool {
        self.misses
    }

    /// A number that is another one whenever something is different about the other servers that
    /// sessions may have to follow: who is there, in which start, and who is about to go.
    #[must_use]
    pub fn situation(&self) -> u64 {
        let mut hash = FNV;
        for (server, _) in self.others {
            let start = self.liveness.incarnation(*server).map_or(0, |start| start.0);
            let flags = [self.hears(*server), self.is_gone(*server), self.leaving.contains(server)];
            hash = fnv(hash, server.as_str().as_bytes());
            hash = fnv(hash, &start.to_be_bytes());
            hash = fnv(hash, &flags.map(u8::from));
        }
        fnv(hash, &[self.is_leaving(), self.is_stopping()].map(u8::from))
    }

    /// Whether this server takes new sessions, so that others put copies here.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        matches!(self.liveness.own_state(), State::Ready | State::Warming)
    }

    /// Whether this server is about to go.
    #[must_use]
    pub fn is_leaving(&self) -> bool {
        self.leaving.contains(&self.own.server)
    }

    /// Whether this server stops: it gives all its sessions away.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.liveness.own_state() == State::Leaving
    }

    /// Whether this server is to have no more requests: it gives a session away when it is asked for.
    #[must_use]
    pub fn is_evicting(&self) -> bool {
        self.liveness.own_state() == State::Evict
    }

    /// How many of the others could hold a session now or soon: they run, and nobody took them out of service.
    #[must_use]
    pub fn others_that_could_hold(&self) -> usize {
        let could = |server: &ServerId| {
            let state = self.liveness.state(self.clock, *server);
            let is_out = matches!(state, State::Drain | State::Evict | State::Leaving);
            !is_out && state != State::Maintenance && !self.is_gone(*server)
        };
        self.others().filter(could).count()
    }

    /// This server's own clock, which goes on while the process stands still.
    #[must_use]
    pub const fn clock(&self) -> Duration {
        self.clock
    }

    /// The other servers in the table.
    pub fn others(&self) -> impl Iterator<Item = ServerId> {
        self.others.iter().map(|(server, _)| *server)
    }

    /// The leases that are valid now.
    #[must_use]
    pub fn leases(&self) -> &[Lease] {
        &self.leases
    }

    /// The stretch in which this server runs; see [`Liveness::own_lease`].
    #[must_use]
    pub const fn own_lease(&self) -> Option<LeaseNumber> {
        self.own_lease
    }

    /// What an acting owner sees, with the candidates for its session.
    #[must_use]
    pub fn scene<'s>(&'s self, candidates: &'s [Candidate]) -> Scene<'s> {
        Scene {
            candidates,
            leaving: &self.leaving,
            gone: &self.gone,
            starts: &self.starts,
            leases: &self.leases,
            own_lease: self.own_lease,
            now: self.now,
        }
    }

    /// The others that could hold a session, the best first: those that its id names, then by a
    /// random order of its own, so that the sessions of a server that is lost fall on all the others.
    #[must_use]
    pub fn candidates(&self, key: SessionKey, order: &Order) -> Vec<Candidate> {
        let ready = self.liveness.ready(self.clock).filter_map(|server| {
            let incarnation = self.liveness.incarnation(server)?;
            Some(Candidate { server, incarnation })
        });
        let mut ready: Vec<Candidate> = ready.collect();
        let place = |server: ServerId| order.iter().position(|named| *named == server);
        ready.sort_by_key(|one| {
            let place = place(one.server).unwrap_or(usize::MAX);
            (place, std::cmp::Reverse(weight(key, one.server)), one.server)
        });
        ready
    }

    /// The server at a place of the table.
    #[must_use]
    pub fn server_at(&self, index: ServerIndex) -> Option<ServerId> {
        if index == self.own.index {
            return Some(self.own.server);
        }
        self.others.iter().find(|(_, at)| *at == index).map(|(server, _)| *server)
    }

    /// The place of one of the others in the table.
    #[must_use]
    pub fn index_of(&self, server: ServerId) -> Option<ServerIndex> {
        self.others.iter().find(|(other, _)| *other == server).map(|(_, index)| *index)
    }

    /// The server that acts by an epoch, if it may still do so: in that start.
    #[must_use]
    pub fn acting(&self, epoch: Epoch) -> Option<ServerId> {
        let server = self.server_at(epoch.server)?;
        let incarnation = if server == self.own.server {
            Some(self.own.incarnation)
        } else {
            self.liveness.incarnation(server)
        };
        // One that was never met may be in that start.
        incarnation.is_none_or(|now| now == epoch.incarnation).then_some(server)
    }

    /// Whether another server is heard, or was a moment ago.
    #[must_use]
    pub fn hears(&self, server: ServerId) -> bool {
        self.liveness.hearing(self.clock, server) != Hearing::No
    }

    /// Whether a server that was met does not answer, as far as this one can say that.
    #[must_use]
    pub fn is_silent(&self, server: ServerId) -> bool {
        let met = !self.liveness.is_new(server);
        met && !self.hears(server) && !self.liveness.wakes(self.clock)
    }

    /// Whether something can be sent to a server, and it may answer.
    #[must_use]
    pub fn reaches(&self, server: ServerId) -> bool {
        self.liveness.reaches(self.clock, server)
    }

    /// Whether nobody listens at a server's port.
    #[must_use]
    pub fn is_gone(&self, server: ServerId) -> bool {
        self.liveness.is_gone(server)
    }

    /// The start in which a server was met last.
    #[must_use]
    pub fn incarnation(&self, server: ServerId) -> Option<Incarnation> {
        self.liveness.incarnation(server)
    }

    /// Those that are asked who acts for a session.
    #[must_use]
    pub fn witnesses(&self, order: &Order) -> Vec<Witness> {
        let safety = &self.safety;
        // Whoever was just started has heard nobody yet, and that says nothing about the others.
        let waits = safety.recovery_wait.saturating_sub(self.now);
        // A letter whose server has left the table says nothing: then all the others have to.
        let names_few =
            !has(Plant::BelievesFew) && order.len() < Letters::COUNT.min(self.others.len() + 1);
        // Are the others away, or is this server? It may be reached again at this very moment.
        let hears_nobody =
            !has(Plant::JudgesAfterPause) && !self.others().any(|server| self.hears(server));
        let witness = |(server, index): &(ServerId, ServerIndex)| Witness {
            server: *server,
            index: *index,
            named: names_few || order.contains(server),
            ended: self.liveness.is_gone(*server),
            is_there: !(self.is_silent(*server)
                || waits.is_zero() && self.liveness.is_new(*server)),
            patience: if self.liveness.is_new(*server) {
                waits.max(safety.acknowledge_timeout)
            } else if !self.is_silent(*server) {
                // It is there, and will answer; should it fall silent, nobody waits any longer.
                BUSY.max(safety.acknowledge_timeout)
            } else if self.liveness.can_judge(self.clock) && !hears_nobody {
                Duration::ZERO
            } else {
                safety.acknowledge_timeout
            },
        };
        self.others.iter().map(witness).collect()
    }

    /// After which time this server may help somebody to act in the place of this epoch's server.
    #[must_use]
    pub fn helps_in(&self, epoch: Epoch) -> Duration {
        if epoch.server == self.own.index {
            // It does not act, so it may help.
            return Duration::ZERO;
        }
        self.liveness.promise_from(epoch.incarnation).saturating_sub(self.clock)
    }
}

/// How much a server is wanted for a session, among those that its id does not name.
fn weight(key: SessionKey, server: ServerId) -> u64 {
    // FNV-1a, and then the last step of splitmix64, because the first alone is not even.
    let hash = fnv(fnv(FNV, key.as_bytes()), server.as_str().as_bytes());
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

/// After so long nobody counts on a server any more that has left the table, unless something else is said.
const MAX_AWAY: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How long a server that answers heartbeats may take to answer a question.
const BUSY: Duration = Duration::from_secs(4);
