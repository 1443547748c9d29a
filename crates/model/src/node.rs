//! One server of a small ring.

use std::time::Duration;

use copal_protocol::server_index::ServerIndex;
use copal_protocol::session_key::SessionKey;
use copal_protocol::state::State;
use copal_replica::effects::Effects;
use copal_replica::incarnation::Incarnation;
use copal_replica::live::WallTime;
use copal_replica::liveness::Liveness;
use copal_replica::place::Place;
use copal_replica::record::Record;
use copal_replica::running_time::RunningTime;
use copal_replica::safety::{Acknowledge, Degraded, Safety};
use copal_replica::server_id::ServerId;
use copal_replica::shard::{Event, Shard};
use copal_replica::surroundings::{Clocks, Own, Surroundings};

/// The number of servers.
pub(crate) const SERVERS: usize = 3;

/// One server of a small ring.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    own: Own,
    others: Vec<(ServerId, ServerIndex)>,
    pub(crate) liveness: Liveness,
    running: RunningTime,
    pub(crate) shard: Shard,
    pub(crate) effects: Effects,
    pub(crate) is_up: bool,
    pub(crate) stands_still: bool,
}

pub(crate) fn name(number: usize) -> ServerId {
    let names = ["app-a", "app-b", "app-c"];
    let name = names.get(number).copied().unwrap_or("app-x");
    ServerId::new(name).unwrap_or_else(|| unreachable!("a good name"))
}

pub(crate) fn number_of(server: ServerId) -> usize {
    (0..SERVERS).find(|number| name(*number) == server).unwrap_or_default()
}

fn index(number: usize) -> ServerIndex {
    ServerIndex::new(number).unwrap_or_else(|| unreachable!("there are few servers"))
}

pub(crate) fn key() -> SessionKey {
    SessionKey::parse(b"X8ZwooOzabc").unwrap_or_else(|| unreachable!("eleven characters"))
}

impl Node {
    pub(crate) fn new(number: usize) -> Self {
        let incarnation = Incarnation(1 + number as u64);
        let own = Own { server: name(number), index: index(number), incarnation };
        let others = (0..SERVERS).filter(|other| *other != number);
        let others: Vec<_> = others.map(|other| (name(other), index(other))).collect();
        let mut liveness = Liveness::new(incarnation, Duration::ZERO);
        liveness.table(&others.iter().map(|(server, _)| *server).collect::<Vec<_>>());
        liveness.becomes(State::Ready);
        Self {
            own,
            others,
            liveness,
            running: RunningTime::default(),
            shard: Shard::default(),
            effects: Effects::default(),
            is_up: true,
            stands_still: false,
        }
    }

    pub(crate) const fn incarnation(&self) -> Incarnation {
        self.own.incarnation
    }

    /// Something happens at this time.
    pub(crate) fn on(&mut self, now: Duration, event: Event) {
        let running = self.running.tick(now);
        let clocks = Clocks { clock: now, running, wall: WallTime(1_000_000) };
        let around = Surroundings::new(self.own, safety(), &self.liveness, &self.others, clocks);
        self.shard.on(event, &around, &mut self.effects);
        self.effects.changed.clear();
    }

    /// Whether it acts, and would answer at this time without asking anybody.
    pub(crate) fn speaks(&self, now: Duration) -> bool {
        let Some(Place::Acts(owned)) = self.shard.place(key()) else { return false };
        let clocks = Clocks { clock: now, running: now, wall: WallTime(0) };
        let around = Surroundings::new(self.own, safety(), &self.liveness, &self.others, clocks);
        owned.may_speak(around.scene(&[]))
    }

    /// What is here of the session.
    pub(crate) fn record(&self) -> Option<&Record> {
        self.shard.place(key())?.record()
    }
}

const fn safety() -> Safety {
    Safety {
        copies: 2,
        acknowledge: Acknowledge::Backup,
        acknowledge_timeout: Duration::from_millis(500),
        recovery_wait: Duration::from_secs(5),
        degraded: Degraded::Accept,
    }
}
