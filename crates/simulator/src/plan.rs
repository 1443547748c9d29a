//! What a seed stands for: how large the cluster is, and what goes wrong.

use std::time::Duration;

use copal_replica::safety::{Acknowledge, Degraded, Safety};

use crate::chance::Chance;

/// What a seed stands for.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) servers: usize,
    pub(crate) clients: usize,
    pub(crate) sessions: usize,
    pub(crate) safety: Safety,
    /// How long clients and faults are at work, in milliseconds.
    pub(crate) length: u64,
    /// Milliseconds between two faults.
    pub(crate) faults: u64,
    pub(crate) kind: Kind,
    /// Whether clients go to the server that the id names first, or to any.
    pub(crate) sticky: bool,
    /// Of a thousand messages so many are lost, doubled or delayed by the network itself.
    pub(crate) tricks: u64,
    pub(crate) seed: u64,
    /// Servers that are not in the table at first.
    pub(crate) spares: usize,
    /// Wall clocks are set.
    pub(crate) clocks: bool,
    /// Servers are drained, evicted and stopped.
    pub(crate) states: bool,
    /// Servers are added and removed.
    pub(crate) tables: bool,
    /// Somebody tries ids that nobody was given.
    pub(crate) floods: bool,
    /// Whoever changes something is looked over the shoulder.
    pub(crate) echoes: bool,
    /// Sessions have time-outs from a second to ten minutes.
    pub(crate) time_outs: bool,
    /// The cluster moves: the servers that were there first go one after the other, others come under
    /// letters that were nobody's, and sessions outlive all servers that their ids name.
    pub(crate) moves: bool,
    /// Sessions are made all the time.
    pub(crate) births: bool,
    /// What is on the disk is put out of memory.
    pub(crate) stows: bool,
    /// There is no room for some sessions.
    pub(crate) crowds: bool,
}

/// What a plan may have beside its faults. Every one of them should be in some seed.
pub(crate) const DIMENSIONS: [&str; 12] = [
    "clocks",
    "states",
    "tables",
    "floods",
    "time-outs",
    "echoes",
    "degraded = refuse",
    "acknowledge = owner",
    "moves",
    "births",
    "stows",
    "crowds",
];

/// Which faults there are, and what is promised then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One server at a time is killed or stands still, and the next one when all is well again: all
    /// promises hold.
    OneAtATime,
    /// The connection between two servers is cut, one pair at a time, while everybody else hears both:
    /// all promises hold.
    OneLink,
    /// Cuts, broken connections and servers that stand still, at any time; but nobody is killed, so
    /// what was acknowledged is still somewhere.
    Cuts,
    /// Anything at any time, cuts too: everything must agree in the end, and nothing be made up.
    Anything,
}

impl Kind {
    /// Whether all promises hold.
    pub(crate) const fn is_strict(self) -> bool {
        matches!(self, Self::OneAtATime | Self::OneLink)
    }
}

impl Plan {
    pub(crate) fn new(seed: u64, chance: &mut Chance) -> Self {
        let servers = usize::try_from(chance.of(1..8)).unwrap_or(3);
        let servers = if chance.percent(40) { 3 } else { servers };
        let copies = if chance.percent(25) { 3 } else { 2 };
        let copies = copies.min(servers);
        // With one copy nothing is promised.
        let kind = match chance.of(0..100) {
            0..40 if copies > 1 => Kind::OneAtATime,
            40..65 => Kind::Cuts,
            65..75 if copies > 1 && servers > 2 => Kind::OneLink,
            _ => Kind::Anything,
        };
        let acknowledge =
            if copies == 3 && chance.percent(50) { Acknowledge::All } else { Acknowledge::Backup };
        let plan = Self {
            servers,
            clients: usize::try_from(chance.of(1..5)).unwrap_or(2),
            sessions: usize::try_from(chance.of(1..6)).unwrap_or(2),
            safety: Safety {
                copies,
                acknowledge,
                acknowledge_timeout: Duration::from_millis(chance.of(200..1000)),
                recovery_wait: Duration::from_millis(chance.of(2_000..30_000)),
                degraded: Degraded::Accept,
            },
            length: chance.of(20_000..90_000),
            faults: chance.of(300..8000),
            kind,
            sticky: chance.percent(60),
            tricks: match kind {
                _ if chance.percent(70) => 0,
                Kind::OneAtATime | Kind::OneLink => chance.of(5..80),
                _ => chance.of(1..20),
            },
            seed,
            spares: 0,
            clocks: false,
            states: false,
            tables: false,
            floods: false,
            time_outs: false,
            echoes: false,
            moves: false,
            births: false,
            stows: false,
            crowds: false,
        };
        plan.with_more(&mut Chance::new(seed ^ 0x9e37_79b9))
    }

    /// What was added later is drawn from numbers of its own: a seed without that does what it always did.
    fn with_more(mut self, chance: &mut Chance) -> Self {
        self.clocks = chance.percent(20);
        self.states = chance.percent(25);
        // Two servers with a cut between them are no case for promises.
        let may_shrink = self.kind != Kind::OneLink;
        self.tables = chance.percent(25) && self.servers > 1 && may_shrink;
        self.spares = if self.tables { 2 } else { 0 };
        self.floods = chance.percent(15);
        self.time_outs = chance.percent(20);
        let many = self.safety.copies > 1;
        if chance.percent(12) && many {
            self.safety.degraded = Degraded::Refuse;
        }
        if chance.percent(12) && many {
            self.safety.acknowledge = Acknowledge::Owner;
        }
        self.echoes = chance.percent(30);
        self.moves = chance.percent(40) && self.tables;
        self.births = chance.percent(25);
        if chance.percent(60) && self.births && many {
            self.safety.degraded = Degraded::Refuse;
        }
        self.stows = chance.percent(40);
        self.crowds = chance.percent(12);
        self
    }

    /// Whether a request may have to wait until a server is back: nobody is there in its place, and what
    /// is not safe is not shown.
    pub(crate) fn must_wait(&self) -> bool {
        self.safety.degraded == Degraded::Refuse && self.servers <= self.safety.copies
    }

    /// Whether no server ever ends.
    pub(crate) fn nobody_ends(&self) -> bool {
        matches!(self.kind, Kind::Cuts | Kind::OneLink) && !self.states && !self.tables
    }

    /// Which of the dimensions it has.
    pub(crate) fn dimensions(&self) -> Vec<&'static str> {
        let refuses = self.safety.degraded == Degraded::Refuse;
        let owner = self.safety.acknowledge == Acknowledge::Owner;
        let all = [
            self.clocks,
            self.states,
            self.tables,
            self.floods,
            self.time_outs,
            self.echoes,
            refuses,
            owner,
            self.moves,
            self.births,
            self.stows,
            self.crowds,
        ];
        DIMENSIONS.into_iter().zip(all).filter_map(|(name, is)| is.then_some(name)).collect()
    }
}
