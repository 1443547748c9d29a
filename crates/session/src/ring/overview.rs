//! What is to be known of a cluster beside its sessions.

use copal_protocol::letters::Letters;
use copal_protocol::server_index::ServerIndex;
use copal_replica::call::Order;
use copal_replica::counts::Counts;
use copal_replica::live::WallTime;
use copal_replica::peer::Hearing;
use copal_replica::record::Record;
use copal_replica::safety::Degraded;
use copal_replica::server_id::ServerId;

use crate::ring::census::Census;
use crate::ring::clockwork::{clock, wall};
use crate::ring::engine::Engine;
use crate::ring::shelf::{Shelf, word};

impl Engine {
    /// The servers that take new sessions, beside this one.
    pub(crate) fn ready(&self) -> Vec<ServerIndex> {
        let liveness = self.liveness();
        let ready = liveness.ready(clock());
        let roster = self.roster();
        let index = |server| roster.other(server).map(|member| member.index);
        ready.filter_map(index).collect()
    }

    /// The other servers that are not heard, in the order of their names.
    pub(crate) fn unheard(&self) -> Vec<ServerId> {
        let (now, roster, liveness) = (clock(), self.roster(), self.liveness());
        let others = roster.others.iter().map(|member| member.id);
        let mut unheard: Vec<ServerId> =
            others.filter(|id| liveness.hearing(now, *id) == Hearing::No).collect();
        unheard.sort_unstable();
        unheard
    }

    /// The servers that have all of a session and are there, the one that acts first.
    pub(crate) fn present_holders(&self, record: &Record) -> Vec<ServerIndex> {
        let (now, roster, liveness) = (clock(), self.roster(), self.liveness());
        let is_there = |id| id == roster.own.id || liveness.hearing(now, id) != Hearing::No;
        let current = record.holders.current().map(|holder| holder.server);
        let mut present: Vec<ServerIndex> =
            current.filter(|id| is_there(*id)).filter_map(|id| roster.index_of(id)).collect();
        present.sort_by_key(|index| *index != record.version.epoch.server);
        present
    }

    /// Whether nothing counts that only one server has.
    pub(crate) fn refuses(&self) -> bool {
        self.plan.safety.degraded == Degraded::Refuse
    }

    /// Whether all servers that take new sessions know the one at this place, so that it may be named in
    /// new ids.
    pub(crate) fn is_known_to_all(&self, index: ServerIndex) -> bool {
        let ready: Vec<ServerId> = self.liveness().ready(clock()).collect();
        self.tables.all_know(&ready, index)
    }

    /// Whether a new session may be made for a client whose own one is not found, because of servers
    /// that do not answer: all that are silent have been for too long. Where nobody is silent somebody
    /// was only late, and the session may be there.
    pub(crate) fn may_replace(&self) -> bool {
        let (now, roster, liveness) = (clock(), self.roster(), self.liveness());
        let others = roster.others.iter();
        let mut silent =
            others.filter_map(|member| liveness.silent_since(now, member.id)).peekable();
        let some = silent.peek().is_some();
        some && silent.all(|since| now >= since + self.plan.safety.recovery_wait)
    }

    /// The time of day, by which sessions get an absolute end.
    pub(crate) fn wall(&self) -> WallTime {
        wall()
    }

    /// The servers that an id names, as the engine knows them.
    pub(crate) fn order(&self, letters: Letters) -> Order {
        let roster = self.roster();
        let named = letters.in_order().into_iter().filter_map(|index| roster.at(index));
        let mut order = Order::new();
        for server in named {
            if !order.contains(&server) {
                order.push(server);
            }
        }
        order
    }

    /// What happened that somebody should be told of, counted.
    pub(crate) fn counts(&self) -> Counts {
        let mut sum = Counts::default();
        for bench in self.benches() {
            let Counts { degraded, degraded_takeovers, unknown, .. } = bench.effects.counts;
            sum.degraded += degraded;
            sum.degraded_takeovers += degraded_takeovers;
            sum.unknown += unknown;
        }
        sum
    }

    /// What there is on this server, counted.
    pub(crate) fn census(&self) -> Census {
        let disk = self.shelf().map(|shelf| (word(&shelf.disk().state()), shelf.disk().figures()));
        let disk_damaged = self.shelf().map_or(0, Shelf::damaged);
        let said = self.traffic.read();
        let mut census = Census { disk, disk_damaged, said, ..Census::default() };
        // One part after the other, and nothing is kept in between: heartbeats and requests go on.
        for bench in self.benches() {
            self.moment(|around| census.take_in(&bench, around));
        }
        let degraded = self.shelf().map(|shelf| ("degraded by disk", shelf.degradations()));
        census.happened.extend(degraded);
        let residents = self.residents();
        let count = |own: bool| {
            let some = residents.iter().filter(|(whose, _)| whose.is_some() == own);
            some.map(|(_, count)| *count as u64).sum()
        };
        (census.own_in_memory, census.copies_in_memory) = (count(true), count(false));
        census
    }
}
