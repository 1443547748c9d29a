//! A few servers and one session, in virtual time: a test says what gets through, and who stands still.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use copal_protocol::server_index::ServerIndex;
use copal_protocol::session_key::SessionKey;
use copal_protocol::state::State;

use crate::act::Ticket;
use crate::answer::Answer;
use crate::call::{Birth, Call, Order, Want, Wish};
use crate::change::{Base, Change};
use crate::effects::Effects;
use crate::frame::Frame;
use crate::heartbeat::{Heartbeat, HeartbeatAnswer};
use crate::incarnation::Incarnation;
use crate::kept_code;
use crate::live::WallTime;
use crate::liveness::Liveness;
use crate::needed::is_needed;
use crate::place::Place;
use crate::record::Record;
use crate::running_time::RunningTime;
use crate::safety::{Acknowledge, Degraded, Safety};
use crate::samples::{key, proof};
use crate::server_id::ServerId;
use crate::shard::{Event, Shard};
use crate::surroundings::{Clocks, Own, Surroundings};

/// What a test lets be lost.
type Sieve = Box<dyn Fn(usize, usize, &Frame) -> bool>;

/// A few servers, one session.
pub(super) struct SmallRing {
    pub(super) servers: Vec<Server>,
    pub(super) now: u64,
    under_way: VecDeque<(usize, usize, Message)>,
    /// The session.
    pub(super) key: SessionKey,
    /// Nothing gets from the first to the second.
    pub(super) cut: BTreeSet<(usize, usize)>,
    /// The servers that the id names.
    pub(super) order: Order,
    /// No heartbeat is answered, whatever else gets through.
    pub(super) deaf: bool,
    /// What it says yes to is lost.
    pub(super) lose: Sieve,
    /// Every frame that was sent.
    pub(super) sent: Vec<(usize, usize, Frame)>,
    answers: BTreeMap<Ticket, Answer>,
    last: u64,
    starts: u64,
}

#[derive(Debug)]
enum Message {
    Beat(Heartbeat),
    BeatAnswer(HeartbeatAnswer),
    Frame(SessionKey, Incarnation, Frame),
}

/// One of them.
pub(super) struct Server {
    pub(super) own: Own,
    pub(super) safety: Safety,
    pub(super) others: Vec<(ServerId, ServerIndex)>,
    pub(super) liveness: Liveness,
    running: RunningTime,
    pub(super) shard: Shard,
    pub(super) out: Effects,
    pub(super) wall: u64,
    /// It stands still; this waits for it.
    stopped: bool,
    inbox: VecDeque<(usize, Message)>,
    /// Its process has ended.
    pub(super) down: bool,
    /// What its disk has of the session, as far as it was told.
    pub(super) kept: Vec<u8>,
    pub(super) max_away: Duration,
}

pub(super) fn name(number: usize) -> ServerId {
    ServerId::new(&format!("app-{}", ["a", "b", "c", "d"][number])).unwrap()
}

pub(super) fn index(number: usize) -> ServerIndex {
    ServerIndex::new(number).unwrap()
}

pub(super) fn safety() -> Safety {
    Safety {
        copies: 2,
        acknowledge: Acknowledge::Backup,
        acknowledge_timeout: Duration::from_millis(500),
        recovery_wait: Duration::from_secs(5),
        degraded: Degraded::Accept,
    }
}

impl Server {
    fn start(number: usize, count: usize, start: u64, safety: Safety, now: u64) -> Self {
        let incarnation = Incarnation(start);
        let own = Own { server: name(number), index: index(number), incarnation };
        let others = (0..count).filter(|other| *other != number);
        let others: Vec<_> = others.map(|other| (name(other), index(other))).collect();
        let mut liveness = Liveness::new(incarnation, Duration::from_millis(now));
        liveness.table(&others.iter().map(|(server, _)| *server).collect::<Vec<_>>());
        liveness.becomes(State::Ready);
        Self {
            own,
            safety,
            others,
            liveness,
            running: RunningTime::default(),
            shard: Shard::default(),
            out: Effects::default(),
            wall: 1_000_000,
            stopped: false,
            inbox: VecDeque::new(),
            down: false,
            kept: Vec::new(),
            max_away: Duration::from_secs(7 * 24 * 60 * 60),
        }
    }

    /// The table is another one from now on.
    pub(super) fn table(&mut self, others: &[(ServerId, ServerIndex)]) {
        self.others = others.to_vec();
        self.liveness.table(&others.iter().map(|(server, _)| *server).collect::<Vec<_>>());
    }

    fn clocks(&mut self, now: u64) -> Clocks {
        let clock = Duration::from_millis(now);
        Clocks { clock, running: self.running.tick(clock), wall: WallTime(self.wall + now) }
    }

    pub(super) fn with(
        &mut self,
        now: u64,
        what: impl FnOnce(&mut Shard, &Surroundings<'_>, &mut Effects),
    ) {
        let clocks = self.clocks(now);
        let around = Surroundings::new(self.own, self.safety, &self.liveness, &self.others, clocks)
            .max_away(self.max_away);
        what(&mut self.shard, &around, &mut self.out);
    }
}

impl SmallRing {
    /// So many servers, all of which have known each other for a while.
    pub(super) fn new(count: usize, safety: Safety) -> Self {
        Self::started(count, safety, 1)
    }

    /// The same; the numbers of their starts begin here.
    pub(super) fn started(count: usize, safety: Safety, first: u64) -> Self {
        let start = |number| Server::start(number, count, first + number as u64, safety, 0);
        let mut ring = Self {
            servers: (0..count).map(start).collect(),
            now: 0,
            under_way: VecDeque::new(),
            cut: BTreeSet::new(),
            key: key(),
            order: (0..count.min(3)).map(name).collect(),
            deaf: false,
            lose: Box::new(|_, _, _| false),
            sent: Vec::new(),
            answers: BTreeMap::new(),
            last: 1000,
            starts: 10,
        };
        for one in 0..count {
            (0..one).for_each(|other| ring.connect(one, other));
        }
        ring.pass(3000);
        ring
    }

    /// A new connection between two servers.
    pub(super) fn connect(&mut self, one: usize, other: usize) {
        for (at, of) in [(one, other), (other, one)] {
            let start = self.servers[of].own.incarnation;
            if let Some(peer) = self.servers[at].liveness.peer_mut(name(of)) {
                peer.met(start);
                peer.connected();
            }
            let now = self.now;
            self.servers[at].with(now, |shard, around, out| {
                shard.on(Event::Met(name(of)), around, out);
            });
            self.collect(at);
        }
    }

    /// The process of a server ends. Nobody listens at its port.
    pub(super) fn kill(&mut self, number: usize) {
        self.servers[number].down = true;
        for other in (0..self.servers.len()).filter(|other| *other != number) {
            if let Some(peer) = self.servers[other].liveness.peer_mut(name(number)) {
                peer.disconnected();
                peer.refused();
            }
            let now = self.now;
            self.servers[other].with(now, |shard, around, out| {
                shard.on(Event::Lost(name(number)), around, out);
            });
            self.collect(other);
        }
    }

    /// It is started again, with an empty disk.
    pub(super) fn start(&mut self, number: usize) {
        self.starts += 1;
        let (count, safety) = (self.servers.len(), self.servers[number].safety);
        self.servers[number] = Server::start(number, count, self.starts, safety, self.now);
        let others = (0..count).filter(|other| *other != number);
        others.for_each(|other| self.connect(number, other));
    }

    /// Nothing gets from one to the other, nor back.
    pub(super) fn part(&mut self, one: usize, other: usize) {
        self.cut.extend([(one, other), (other, one)]);
    }

    pub(super) fn stop(&mut self, number: usize) {
        self.servers[number].stopped = true;
    }

    /// It goes on, with what has arrived meanwhile.
    pub(super) fn resume(&mut self, number: usize) {
        self.servers[number].stopped = false;
        while let Some((from, message)) = self.servers[number].inbox.pop_front() {
            self.arrive(from, number, message);
        }
        self.deliver();
    }

    /// Everything that is under way arrives, and what follows from that.
    pub(super) fn deliver(&mut self) {
        let before = self.sent.len();
        while let Some((from, to, message)) = self.under_way.pop_front() {
            assert!(
                self.sent.len() < before + 1000,
                "two servers say the same to each other for ever"
            );
            let lost = match &message {
                Message::Frame(_, _, frame) => (self.lose)(from, to, frame),
                Message::Beat(_) | Message::BeatAnswer(_) => self.deaf,
            };
            let gone = self.servers[to].down || self.servers[from].down;
            if lost || gone || self.cut.contains(&(from, to)) {
                continue;
            }
            if self.servers[to].stopped {
                self.servers[to].inbox.push_back((from, message));
            } else {
                self.arrive(from, to, message);
            }
        }
    }

    /// So many milliseconds pass.
    pub(super) fn pass(&mut self, time: u64) {
        for _ in 0..time.div_ceil(50) {
            self.now += 50;
            for number in 0..self.servers.len() {
                if !self.servers[number].down && !self.servers[number].stopped {
                    self.tick(number);
                }
            }
            self.deliver();
        }
    }

    /// One server looks at the clock.
    pub(super) fn tick(&mut self, number: usize) {
        let now = self.now;
        let beats = self.servers[number].liveness.beats(Duration::from_millis(now));
        for (to, beat) in beats {
            self.under_way.push_back((number, of(to), Message::Beat(beat)));
        }
        self.servers[number].with(now, |shard, around, out| shard.on(Event::Tick, around, out));
        self.collect(number);
    }

    fn arrive(&mut self, from: usize, to: usize, message: Message) {
        let clock = Duration::from_millis(self.now);
        let server = &mut self.servers[to];
        match message {
            Message::Beat(beat) => {
                if let Some(answer) = server.liveness.asked(clock, name(from), beat) {
                    self.under_way.push_back((to, from, Message::BeatAnswer(answer)));
                }
            }
            Message::BeatAnswer(answer) => server.liveness.answered(clock, name(from), answer),
            Message::Frame(key, incarnation, frame) => {
                let frame = Box::new(frame);
                let event = Event::Frame { from: name(from), incarnation, key, frame };
                server.with(self.now, |shard, around, out| shard.on(event, around, out));
            }
        }
        self.collect(to);
    }

    /// A server says something that it would not say by itself.
    pub(super) fn says(&mut self, from: usize, to: usize, frame: Frame) {
        let incarnation = self.servers[from].own.incarnation;
        self.under_way.push_back((from, to, Message::Frame(self.key, incarnation, frame)));
    }

    pub(super) fn collect(&mut self, number: usize) {
        let incarnation = self.servers[number].own.incarnation;
        let out = &mut self.servers[number].out;
        for (to, key, frame) in std::mem::take(&mut out.frames) {
            self.sent.push((number, of(to), frame.clone()));
            self.under_way.push_back((number, of(to), Message::Frame(key, incarnation, frame)));
        }
        for (ticket, answer) in std::mem::take(&mut out.answers) {
            assert_eq!(self.answers.insert(ticket, answer), None, "{ticket:?} is answered twice");
        }
        if !std::mem::take(&mut out.changed).is_empty() {
            self.servers[number].kept = self.disk(number).unwrap_or_default();
        }
    }

    /// What the disk of a server would have of the session now.
    pub(super) fn disk(&mut self, number: usize) -> Option<Vec<u8>> {
        let clocks = self.servers[number].clocks(self.now);
        let (record, used) = self.servers[number].shard.kept(key(), clocks)?;
        Some(kept_code::write(record, used))
    }

    /// A server that was just started finds this on its disk.
    pub(super) fn restore(&mut self, number: usize, disk: &[u8]) {
        let (record, used) = kept_code::read(disk.to_vec().into()).unwrap();
        let now = self.now;
        self.servers[number]
            .with(now, |shard, around, _| shard.restore(record, used, false, around));
    }

    /// A request wants something; nothing is delivered yet.
    pub(super) fn ask(&mut self, number: usize, want: Want) -> Ticket {
        self.last += 1;
        let ticket = Ticket(self.last);
        let call = Box::new(Call { key: self.key, order: self.order.clone(), want });
        let now = self.now;
        self.servers[number].with(now, |shard, around, out| {
            shard.on(Event::Call(ticket, call), around, out);
        });
        self.collect(number);
        ticket
    }

    /// The same, and everything that follows at once.
    pub(super) fn call(&mut self, number: usize, want: Want) -> Option<Answer> {
        let ticket = self.ask(number, want);
        self.deliver();
        self.answer(ticket)
    }

    pub(super) fn answer(&mut self, ticket: Ticket) -> Option<Answer> {
        self.answers.remove(&ticket)
    }

    /// A session that app-a makes, and that has all its copies.
    pub(super) fn create(&mut self) {
        assert!(matches!(self.call(0, birth()), Some(Answer::Done { .. })));
        self.pass(1000);
    }

    pub(super) fn acts(&self, number: usize) -> bool {
        matches!(self.servers[number].shard.place(self.key), Some(Place::Acts(_)))
    }

    /// Whether others do not have what they need of what a server has that stops.
    pub(super) fn is_needed(&mut self, number: usize) -> bool {
        let mut needed = false;
        self.servers[number].with(self.now, |shard, around, _| {
            needed = shard.places().any(|(_, place)| is_needed(place, around));
        });
        needed
    }

    pub(super) fn record(&self, number: usize) -> Option<&Record> {
        self.servers[number].shard.place(self.key)?.record()
    }

    /// A change by somebody who has read what a server has now.
    pub(super) fn change(&self, number: usize, change: Change) -> Want {
        let base = Base::of(self.record(number).unwrap());
        Want::Change(Box::new(Wish { change, base, made: Vec::new() }))
    }
}

fn of(server: ServerId) -> usize {
    (0..4).find(|number| name(*number) == server).unwrap()
}

pub(super) fn birth() -> Want {
    birth_with(None, None)
}

pub(super) fn birth_with(idle: Option<Duration>, end: Option<WallTime>) -> Want {
    Want::Create(Box::new(Birth {
        created: WallTime(1_000_000),
        absolute_end: end,
        idle,
        proof: proof("SECRET"),
        user: None,
        web_app: "/".into(),
        attributes: Vec::new(),
    }))
}

/// What an answer shows of an attribute.
pub(super) fn shown(answer: &Option<Answer>, name: &str) -> Option<Bytes> {
    match answer {
        Some(Answer::Session { record, .. }) => {
            record.live().and_then(|live| live.attributes.get("/", name)).cloned()
        }
        other => panic!("no session: {other:?}"),
    }
}
