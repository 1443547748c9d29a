//! One server while it runs: the engine, and what drives it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use copal_protocol::server_index::ServerIndex;
use copal_protocol::session_key::SessionKey;
use copal_protocol::state::State;
use copal_replica::act::Ticket;
use copal_replica::answer::Answer;
use copal_replica::call::Call;
use copal_replica::effects::{Effects, Fetch};
use copal_replica::incarnation::Incarnation;
use copal_replica::kept_code;
use copal_replica::live::WallTime;
use copal_replica::liveness::Liveness;
use copal_replica::needed::is_needed;
use copal_replica::peer::Hearing;
use copal_replica::record::Record;
use copal_replica::running_time::RunningTime;
use copal_replica::safety::Safety;
use copal_replica::server_id::ServerId;
use copal_replica::shard::{Event, Shard};
use copal_replica::surroundings::{Clocks, Own, Surroundings};

use crate::network::{Message, Parcel};
use crate::table::Table;

/// One server while it runs.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) own: Own,
    safety: Safety,
    others: Vec<(ServerId, ServerIndex)>,
    pub(crate) liveness: Liveness,
    running: RunningTime,
    pub(crate) shard: Shard,
    pub(crate) effects: Effects,
    /// The connections that it knows of, by the number of the other server.
    pub(crate) links: BTreeMap<usize, u64>,
    /// What arrived while it stood still.
    pub(crate) inbox: VecDeque<Arrival>,
    started: u64,
    clock_offset: u64,
    /// Its wall clock is off by so many milliseconds.
    pub(crate) wall_offset: i64,
    /// What an operator wants of it, and since when.
    pub(crate) wished: Option<(State, u64)>,
    /// Of the table that it has.
    pub(crate) table_version: u64,
    /// How many questions it had curbed when that was last looked at.
    pub(crate) curbed: u64,
}

/// Something that arrives at a server.
#[derive(Debug, Clone)]
pub(crate) enum Arrival {
    /// From another server.
    Parcel(Parcel),
    /// A request.
    Call(Ticket, Box<Call>),
    /// A connection broke.
    Lost(usize, u64),
    /// A connection is there.
    Met(usize, u64, Incarnation),
    /// From the disk, for this start of the server.
    Fetched(Incarnation, Fetch, Option<Box<Record>>),
}

/// The names of all servers. Made once: they are asked for at every message.
static NAMES: LazyLock<[ServerId; 9]> = LazyLock::new(|| {
    ["app-a", "app-b", "app-c", "app-d", "app-e", "app-f", "app-g", "app-h", "app-i"]
        .map(|name| ServerId::new(name).unwrap_or_else(|| unreachable!("a good name")))
});

/// The name of a server.
pub(crate) fn name(number: usize) -> ServerId {
    NAMES.get(number).copied().unwrap_or_else(|| unreachable!("there are few servers"))
}

pub(crate) fn index(number: usize) -> ServerIndex {
    ServerIndex::new(number).unwrap_or_else(|| unreachable!("there are few servers"))
}

/// What a wall clock shows.
pub(crate) const fn wall(now: u64) -> u64 {
    now + 1_000_000_000
}

/// The number of a server.
pub(crate) fn number_of(server: ServerId) -> usize {
    NAMES.iter().position(|name| *name == server).unwrap_or_default()
}

impl Process {
    /// Starts a server with what its disk has, now, with a wall clock that is off by so much.
    pub(crate) fn start(
        number: usize,
        table: &Table,
        safety: Safety,
        incarnation: Incarnation,
        (disk, stowed): (&BTreeMap<SessionKey, Bytes>, bool),
        (now, wall_offset): (u64, i64),
    ) -> Self {
        let letter = table.letter(number).unwrap_or(number);
        let own = Own { server: name(number), index: index(letter), incarnation };
        let clock_offset = incarnation.0 * 7919;
        let clock = Duration::from_millis(now + clock_offset);
        let liveness = Liveness::new(incarnation, clock);
        let mut process = Self {
            own,
            safety,
            others: Vec::new(),
            liveness,
            running: RunningTime::default(),
            shard: Shard::default(),
            effects: Effects::default(),
            links: BTreeMap::new(),
            inbox: VecDeque::new(),
            started: now,
            clock_offset,
            wall_offset,
            wished: None,
            table_version: 0,
            curbed: 0,
        };
        process.adopt(table);
        process.tick_clock(now);
        for bytes in disk.values() {
            if let Ok((record, used)) = kept_code::read(bytes.clone()) {
                process.with(now, |shard, around, _| shard.restore(record, used, stowed, around));
            }
        }
        process
    }

    fn tick_clock(&mut self, now: u64) -> Clocks {
        let clock = Duration::from_millis(now + self.clock_offset);
        let running = self.running.tick(clock);
        Clocks { clock, running, wall: WallTime(wall(now).saturating_add_signed(self.wall_offset)) }
    }

    /// Does something with the engine.
    pub(crate) fn with(
        &mut self,
        now: u64,
        what: impl FnOnce(&mut Shard, &Surroundings<'_>, &mut Effects),
    ) {
        let clocks = self.tick_clock(now);
        let around = Surroundings::new(self.own, self.safety, &self.liveness, &self.others, clocks);
        what(&mut self.shard, &around, &mut self.effects);
    }

    /// Something arrives, and the server runs. Returns what is to be sent about liveness.
    pub(crate) fn arrives(&mut self, now: u64, arrival: Arrival) -> Option<(usize, Message)> {
        let clock = self.tick_clock(now).clock;
        match arrival {
            Arrival::Parcel(parcel) => return self.receive(now, clock, parcel),
            Arrival::Call(ticket, call) => {
                self.with(now, |shard, around, out| {
                    shard.on(Event::Call(ticket, call), around, out);
                });
            }
            Arrival::Fetched(incarnation, Fetch { key, number }, record) => {
                if incarnation == self.own.incarnation {
                    let event = Event::Fetched { key, number, record };
                    self.with(now, |shard, around, out| shard.on(event, around, out));
                }
            }
            Arrival::Lost(other, generation) => {
                if self.links.get(&other) == Some(&generation) {
                    self.links.remove(&other);
                    if let Some(peer) = self.liveness.peer_mut(name(other)) {
                        peer.disconnected();
                    }
                    self.with(now, |shard, around, out| {
                        shard.on(Event::Lost(name(other)), around, out);
                    });
                }
            }
            Arrival::Met(other, generation, incarnation) => {
                if self.links.get(&other).is_none_or(|known| *known < generation) {
                    self.links.insert(other, generation);
                    if let Some(peer) = self.liveness.peer_mut(name(other)) {
                        peer.met(incarnation);
                        peer.connected();
                    }
                    self.with(now, |shard, around, out| {
                        shard.on(Event::Met(name(other)), around, out);
                    });
                }
            }
        }
        None
    }

    fn receive(&mut self, now: u64, clock: Duration, parcel: Parcel) -> Option<(usize, Message)> {
        let Parcel { from, generation, incarnation, message, .. } = parcel;
        if self.links.get(&from) != Some(&generation) {
            return None;
        }
        let server = name(from);
        match message {
            Message::Beat(beat) => {
                let answer = self.liveness.asked(clock, server, beat)?;
                return Some((from, Message::BeatAnswer(answer)));
            }
            Message::BeatAnswer(answer) => self.liveness.answered(clock, server, answer),
            Message::Frame(key, frame) => {
                let event = Event::Frame { from: server, incarnation, key, frame };
                self.with(now, |shard, around, out| shard.on(event, around, out));
            }
        }
        None
    }

    /// Time has passed. Returns the heartbeats that are due.
    /// `must_meet`: it is ready only when it has met all others.
    pub(crate) fn tick(&mut self, now: u64, must_meet: bool) -> Vec<(usize, Message)> {
        let clock = self.tick_clock(now).clock;
        let beats = self.liveness.beats(clock);
        self.with(now, |shard, around, out| shard.on(Event::Tick, around, out));
        let has_met = !must_meet
            || now >= self.started + 10_000
            || self.others.iter().all(|(other, _)| self.links.contains_key(&number_of(*other)));
        let joins = self.liveness.own_state() == State::Joining;
        if joins && now >= self.started + 600 && has_met {
            self.liveness.becomes(State::Ready);
        }
        beats.into_iter().map(|(to, beat)| (number_of(to), Message::Beat(beat))).collect()
    }

    /// What an operator wants of it from now on.
    pub(crate) fn becomes(&mut self, state: State, now: u64) {
        self.wished = (state != State::Ready).then_some((state, now));
        self.liveness.becomes(state);
    }

    /// Whether others do not have all that they need of what it has.
    pub(crate) fn is_needed(&mut self, now: u64) -> bool {
        let mut needed = false;
        self.with(now, |shard, around, _| {
            needed = shard.places().any(|(_, place)| is_needed(place, around));
        });
        needed
    }

    /// Whether it is not joining any more.
    pub(crate) fn is_ready(&self) -> bool {
        self.liveness.own_state() != State::Joining
    }

    /// The servers are these from now on.
    pub(crate) fn adopt(&mut self, table: &Table) {
        self.table_version = table.version;
        let others = table.servers().filter(|other| name(*other) != self.own.server);
        self.others =
            others.filter_map(|other| Some((name(other), index(table.letter(other)?)))).collect();
        let names: Vec<ServerId> = self.others.iter().map(|(server, _)| *server).collect();
        self.liveness.table(&names);
    }

    /// Whether it has another server in its table.
    pub(crate) fn knows(&self, other: usize) -> bool {
        self.others.iter().any(|(server, _)| *server == name(other))
    }

    /// Nobody listens at the port of another server.
    pub(crate) fn refused(&mut self, other: usize) {
        if let Some(peer) = self.liveness.peer_mut(name(other)) {
            peer.refused();
        }
    }

    /// Whether it hears another server.
    pub(crate) fn hears(&self, other: usize, now: u64) -> bool {
        let clock = Duration::from_millis(now + self.clock_offset);
        self.liveness.hearing(clock, name(other)) == Hearing::Yes
    }

    /// The answers that are ready.
    pub(crate) fn answers(&mut self) -> Vec<(Ticket, Answer)> {
        std::mem::take(&mut self.effects.answers)
    }

    /// What the disk is to have of what has changed.
    pub(crate) fn changed(&mut self, now: u64) -> Vec<(SessionKey, Option<Bytes>)> {
        let clocks = self.tick_clock(now);
        let mut keys = std::mem::take(&mut self.effects.changed);
        keys.sort_unstable();
        keys.dedup();
        let bytes = |key: SessionKey| {
            let kept = self.shard.kept(key, clocks);
            (key, kept.map(|(record, used)| Bytes::from(kept_code::write(record, used))))
        };
        keys.into_iter().map(bytes).collect()
    }
}
