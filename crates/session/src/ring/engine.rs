//! The engine of this server's sessions: what happens goes in, what follows is carried out.

use std::collections::BTreeMap;
use std::sync::{
    Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
};

use copal_protocol::link_frame::Channel;
use copal_protocol::server_index::ServerIndex;
use copal_protocol::session_key::SessionKey;
use copal_protocol::state::State;
use copal_replica::answer::Answer;
use copal_replica::call::Call;
use copal_replica::frame::Frame;
use copal_replica::frame_code;
use copal_replica::heartbeat::{Heartbeat, HeartbeatAnswer};
use copal_replica::heartbeat_code;
use copal_replica::incarnation::Incarnation;
use copal_replica::liveness::Liveness;
use copal_replica::place::Place;
use copal_replica::safety::Safety;
use copal_replica::server_id::ServerId;
use copal_replica::shard::Event;
use copal_replica::surroundings::{Clocks, Own, Surroundings};
use tokio::sync::watch;

use crate::ring::bench::Bench;
use crate::ring::clockwork::{Clockwork, clock};
use crate::ring::fetcher::Fetcher;
use crate::ring::limits::{CROWDED, SHARDS};
use crate::ring::line::{Line, LinkKind};
use crate::ring::news::News;
use crate::ring::panics;
use crate::ring::plan::RingPlan;
use crate::ring::room::Room;
use crate::ring::roster::{Member, Roster};
use crate::ring::shelf::Shelf;
use crate::ring::tables::Tables;
use crate::ring::traffic::Traffic;

/// The engine of this server's sessions. Used by all threads; locks are taken in the order in which
/// the fields stand here, and none of them is held while something is waited for.
///
/// First the sessions, then what is known of the others, then the clocks: whoever has waited for the
/// sessions must not go by what was so before. And nobody keeps heartbeats from being noted while he
/// waits for sessions.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) plan: RingPlan,
    pub(super) roster: watch::Sender<Arc<Roster>>,
    pub(super) benches: Vec<Mutex<Bench>>,
    liveness: RwLock<Liveness>,
    clocks: Clockwork,
    pub(super) lines: RwLock<BTreeMap<ServerId, Line>>,
    /// What has happened to connections.
    pub(super) news: News,
    /// What the others know of each other.
    pub(super) tables: Tables,
    pub(crate) traffic: Traffic,
    pub(super) shelf: OnceLock<Shelf>,
    pub(crate) room: Room,
    pub(super) fetcher: OnceLock<Fetcher>,
}

impl Engine {
    /// No session is known yet.
    pub(crate) fn new(plan: RingPlan) -> Self {
        let room = Room::new(plan.session_max);
        let roster = Arc::new(plan.roster.clone());
        let mut liveness = Liveness::new(plan.incarnation, clock());
        liveness.table(&roster.names());
        Self {
            plan,
            roster: watch::Sender::new(roster),
            benches: (0..SHARDS).map(|_| Mutex::default()).collect(),
            liveness: RwLock::new(liveness),
            clocks: Clockwork::default(),
            lines: RwLock::default(),
            news: News::default(),
            tables: Tables::default(),
            traffic: Traffic::default(),
            shelf: OnceLock::new(),
            room,
            fetcher: OnceLock::new(),
        }
    }

    /// A request of this server wants something.
    pub(crate) async fn call(&self, call: Call) -> Answer {
        let answer = self.with_then(
            call.key,
            |bench, around| {
                let ticket = bench.ticket();
                bench.shard.on(Event::Call(ticket, Box::new(call)), around, &mut bench.effects);
                ticket
            },
            Bench::answer_to,
        );
        match answer {
            Ok(answer) => answer,
            // The engine answers everything, and lives as long as whoever waits here.
            Err(receiver) => receiver.await.unwrap_or(Answer::Failed),
        }
    }

    /// Another server says something about a session.
    pub(crate) fn hear(&self, from: ServerId, start: Incarnation, key: SessionKey, frame: Frame) {
        let frame = Box::new(frame);
        let event = Event::Frame { from, incarnation: start, key, frame };
        self.with(key, |bench, around| bench.shard.on(event, around, &mut bench.effects));
    }

    /// The servers as they are now.
    pub(crate) fn roster(&self) -> Arc<Roster> {
        Arc::clone(&self.roster.borrow())
    }

    /// Tells when there are other servers.
    pub(crate) fn rosters(&self) -> watch::Receiver<Arc<Roster>> {
        self.roster.subscribe()
    }

    /// Nobody listens at the port of another server.
    pub(crate) fn refused(&self, server: ServerId) {
        if let Some(peer) = self.liveness_mut().peer_mut(server) {
            peer.refused();
        }
    }

    /// Time has passed.
    pub(crate) fn tick(&self) {
        self.with_all(&Event::Tick);
    }

    /// Sends the heartbeats that are due, and notes what this server does.
    pub(crate) fn beat(&self, state: State) {
        let mut liveness = self.liveness_mut();
        liveness.becomes(state);
        let due = liveness.beats(clock());
        drop(liveness);
        let lines = self.lines();
        for (to, heartbeat) in due {
            if let Some(outbox) = lines.get(&to).and_then(|line| line.outbox(LinkKind::Pulse)) {
                let content = heartbeat_code::write(&heartbeat);
                outbox.put(Channel::Heartbeat, &content);
            }
        }
    }

    /// Another server asks whether this one is there.
    pub(crate) fn asked(&self, from: ServerId, heartbeat: Heartbeat) -> Option<HeartbeatAnswer> {
        self.liveness_mut().asked(clock(), from, heartbeat)
    }

    /// Another server says that it is there.
    pub(crate) fn answered(&self, from: ServerId, answer: HeartbeatAnswer) {
        self.liveness_mut().answered(clock(), from, answer);
    }

    /// Whether this server acts for a session.
    pub(crate) fn acts_for(&self, key: SessionKey) -> bool {
        matches!(self.bench(key).shard.place(key), Some(Place::Acts(_)))
    }

    /// The clocks, now.
    pub(crate) fn clocks(&self) -> Clocks {
        self.clocks.read()
    }

    /// The connections to the others.
    pub(crate) fn lines(&self) -> RwLockReadGuard<'_, BTreeMap<ServerId, Line>> {
        self.lines.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// All sessions, one part after the other.
    pub(crate) fn benches(&self) -> impl Iterator<Item = MutexGuard<'_, Bench>> {
        self.benches.iter().map(lock)
    }

    /// What is known of the others.
    pub(crate) fn liveness(&self) -> RwLockReadGuard<'_, Liveness> {
        self.liveness.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with the sessions that share a lock with this one.
    pub(super) fn with(&self, key: SessionKey, what: impl FnOnce(&mut Bench, &Surroundings<'_>)) {
        self.with_then(key, what, |_, ()| ());
    }

    /// The same with the sessions of a part.
    pub(crate) fn with_part(&self, part: usize, what: impl FnOnce(&mut Bench, &Surroundings<'_>)) {
        let (clocks, roster) = (self.clocks.read(), self.roster());
        let liveness = self.liveness();
        let around = self.around(&liveness, &roster, clocks);
        let Some(mut bench) = self.benches.get(part).map(lock) else { return };
        what(&mut bench, &around);
        self.carry_out(&mut bench, part);
        bench.hand_out();
    }

    /// The same, and then something before the answers are given to those who wait.
    fn with_then<T, U>(
        &self,
        key: SessionKey,
        what: impl FnOnce(&mut Bench, &Surroundings<'_>) -> T,
        then: impl FnOnce(&mut Bench, T) -> U,
    ) -> U {
        let mut bench = self.bench(key);
        let done = self.moment(|around| what(&mut bench, around));
        self.carry_out(&mut bench, part(key));
        let done = then(&mut bench, done);
        bench.hand_out();
        done
    }

    /// Tells all sessions of something.
    pub(super) fn with_all(&self, event: &Event) {
        for (part, bench) in self.benches.iter().enumerate() {
            let mut bench = lock(bench);
            let Bench { shard, effects, .. } = &mut *bench;
            // Before each part anew: the one before may have sent much.
            let crowded = if matches!(event, Event::Tick) { self.crowded() } else { Vec::new() };
            self.moment_with(crowded, |around| shard.on(event.clone(), around, effects));
            self.carry_out(&mut bench, part);
            bench.hand_out();
        }
    }

    /// What is known at this moment of this server and the others.
    pub(crate) fn moment<T>(&self, what: impl FnOnce(&Surroundings<'_>) -> T) -> T {
        self.moment_with(Vec::new(), what)
    }

    /// The same when nothing that can wait is to be sent to some of them.
    fn moment_with<T>(
        &self,
        crowded: Vec<ServerId>,
        what: impl FnOnce(&Surroundings<'_>) -> T,
    ) -> T {
        let (roster, liveness) = (self.roster(), self.liveness());
        // Last: a lease that has run out while the others were waited for is none.
        let clocks = self.clocks.read();
        what(&self.around(&liveness, &roster, clocks).crowded(crowded))
    }

    /// The servers to which much waits to be sent.
    fn crowded(&self) -> Vec<ServerId> {
        let lines = self.lines();
        let crowded = lines.iter().filter(|(_, line)| {
            line.outbox(LinkKind::Sessions).is_some_and(|outbox| outbox.unsent() > CROWDED)
        });
        crowded.map(|(server, _)| *server).collect()
    }

    fn around<'l>(
        &'l self,
        liveness: &'l Liveness,
        roster: &'l Roster,
        clocks: Clocks,
    ) -> Surroundings<'l> {
        let Member { id, index, .. } = &roster.own;
        let own = Own { server: *id, index: *index, incarnation: self.plan.incarnation };
        let safety = &self.plan.safety;
        // More copies than servers there cannot be, and nobody is short of them.
        let copies = safety.copies.min(roster.others.len() + 1);
        let safety = Safety { copies, ..*safety };
        let around = Surroundings::new(own, safety, liveness, roster.table(), clocks);
        let misses = self.shelf().is_some_and(Shelf::is_doubtful);
        around.misses(misses).pressed(self.room.is_pressed()).max_away(self.plan.max_away)
    }

    /// Carries out what follows. Under the lock, so that what is said about a session leaves in the
    /// order in which it was said; nothing here waits.
    fn carry_out(&self, bench: &mut Bench, part: usize) {
        if let Some(fetcher) = self.fetcher.get() {
            bench.effects.fetches.drain(..).for_each(|fetch| fetcher.fetch(fetch));
        }
        let receipt = self.save(bench, part);
        if receipt.is_some() || bench.is_holding() {
            bench.hold(receipt, clock());
            self.let_go(bench);
        }
        self.send(bench);
    }

    pub(super) fn send(&self, bench: &mut Bench) {
        if !bench.effects.frames.is_empty() {
            let lines = self.lines();
            for (to, key, frame) in bench.effects.frames.drain(..) {
                // To a server to which there is no connection nothing is sent.
                let line = lines.get(&to);
                if let Some(outbox) = line.and_then(|line| line.outbox(LinkKind::Sessions)) {
                    let content = frame_code::write(key, &frame);
                    self.traffic.add(content.len());
                    outbox.put(Channel::Session, &content);
                }
            }
        }
    }

    pub(super) fn bench(&self, key: SessionKey) -> MutexGuard<'_, Bench> {
        #[expect(clippy::indexing_slicing, reason = "an index is below 64, and so many there are")]
        lock(&self.benches[part(key)])
    }

    pub(super) fn liveness_mut(&self) -> RwLockWriteGuard<'_, Liveness> {
        self.liveness.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The part of all sessions to which a key belongs.
pub(super) fn part(key: SessionKey) -> usize {
    let [first, ..] = key.as_bytes();
    ServerIndex::from_letter(*first).map_or(0, ServerIndex::get)
}

/// A lock is held for one event of the engine. If that has panicked, sessions may be half changed.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|_| panics::end("what a session went through has panicked"))
}
