//! What may be lost with a server: what it alone had, where nobody promised that others have it too.

use copal_protocol::session_key::SessionKey;
use copal_replica::place::Place;
use copal_replica::record::Record;
use copal_replica::record_code;
use copal_replica::safety::Acknowledge;

use crate::process::Process;
use crate::world::{Server, World};

impl World {
    /// What a server alone had may be lost, where a change counts as soon as its acting owner has it.
    pub(crate) fn excuse(&mut self, number: usize) {
        let Some(process) = &self.servers[number].process else { return };
        if self.plan.safety.acknowledge != Acknowledge::Owner {
            return;
        }
        let others = self.servers.iter().enumerate().filter(|(other, _)| *other != number);
        let others: Vec<&Server> = others.map(|(_, one)| one).collect();
        for (key, survivor) in lost_with(process, &others) {
            self.strikes("change of the owner alone");
            self.users.survives_as(key, survivor);
        }
    }

    /// A server is taken out of the table, and its disk with it. While it was cut off it may have
    /// acknowledged ends alone, which is counted as degraded: these may be lost.
    pub(crate) fn excuse_ends(&mut self, number: usize) {
        let Some(process) = &self.servers[number].process else { return };
        if self.plan.kind.is_strict() {
            return;
        }
        let others = self.servers.iter().enumerate().filter(|(other, _)| *other != number);
        let others: Vec<&Server> = others.map(|(_, one)| one).collect();
        let lost = ends_lost_with(process, &others);
        for (key, survivor) in lost {
            self.say(|| format!("that {key} has ended only {number} knows"));
            self.users.survives_as(key, survivor);
        }
    }
}

/// What may be lost with a server that is about to end, or stands still: of each session for which it acts
/// and of which no other one has everything at this moment, what is left.
fn lost_with(process: &Process, others: &[&Server]) -> Vec<(SessionKey, Option<Box<Record>>)> {
    let mut lost = Vec::new();
    for (key, place) in process.shard.places() {
        let Place::Acts(owned) = place else { continue };
        let records = others.iter().filter_map(|other| {
            Some((*other, other.process.as_ref()?.shard.place(key)?.record()?))
        });
        let best = records.max_by_key(|(_, record)| record.version);
        if best.is_none_or(|(_, best)| best.version < owned.record().version) {
            lost.push((key, best.map(|(server, record)| Box::new(server.whole(record)))));
        }
    }
    lost
}

/// Sessions of which only this server knows that they have ended, with what others have of them.
fn ends_lost_with(process: &Process, others: &[&Server]) -> Vec<(SessionKey, Option<Box<Record>>)> {
    let has_ended = |record: &Record| record.live().is_none();
    let mut lost = Vec::new();
    for (key, place) in process.shard.places() {
        if !place.record().is_some_and(has_ended) {
            continue;
        }
        let records: Vec<Record> = others.iter().filter_map(|one| record_at(one, key)).collect();
        if !records.iter().any(has_ended) {
            let best = records.into_iter().max_by_key(|record| record.version);
            lost.push((key, best.map(Box::new)));
        }
    }
    lost
}

/// What a machine has of a session: in its process, or, where none runs, on its disk.
fn record_at(server: &Server, key: SessionKey) -> Option<Record> {
    match &server.process {
        Some(process) => Some(server.whole(process.shard.place(key)?.record()?)),
        None => record_code::read(server.disk.get(&key)?.clone()).ok(),
    }
}
