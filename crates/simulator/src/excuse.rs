//! What may be lost with a server: what it alone had, where nobody promised that others have it too.

use copal_protocol::letters::Letters;
use copal_protocol::session_key::SessionKey;
use copal_replica::act::Ticket;
use copal_replica::kept_code;
use copal_replica::place::Place;
use copal_replica::record::Record;
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

impl World {
    /// A user is told that there is no such session. When the id names as many servers as there could be, and
    /// none of them has a copy, now or on its disk, all of them say no with a good conscience.
    pub(crate) fn notice_astray(&mut self, ticket: Ticket) {
        let Some(made) = self.users.made.get(&ticket) else { return };
        let Some(story) = self.users.stories.get(made.session) else { return };
        let named: Vec<usize> =
            story.letters.iter().filter_map(|letter| self.table.at(*letter)).collect();
        let has_copy = |number: &usize| record_at(&self.servers[*number], story.key).is_some();
        let are_enough = named.len() >= Letters::COUNT.min(self.table.servers().count());
        let astray = are_enough && !named.iter().any(has_copy);
        self.users.made.entry(ticket).and_modify(|made| made.astray = astray);
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
        if records.iter().any(has_ended) {
            continue;
        }
        // Where nobody has anything of it, nothing comes back.
        if let Some(best) = records.into_iter().max_by_key(|record| record.version) {
            lost.push((key, Some(Box::new(best))));
        }
    }
    lost
}

/// What a machine has of a session: in its process, or, where none runs, on its disk.
fn record_at(server: &Server, key: SessionKey) -> Option<Record> {
    match &server.process {
        Some(process) => Some(server.whole(process.shard.place(key)?.record()?)),
        None => kept_code::read(server.disk.get(&key)?.clone()).ok().map(|(record, _)| record),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Chance;
    use crate::plan::{Kind, Plan};
    use copal_replica::call::Birth;
    use copal_replica::epoch::Epoch;
    use copal_replica::holders::{Holder, Holders, Standing};
    use copal_replica::incarnation::Incarnation;
    use copal_replica::live::WallTime;
    use copal_replica::proof::Proof;
    use copal_replica::record::Content;
    use copal_replica::seen::Seen;
    use copal_replica::version::Version;

    use crate::process::{index, name};

    fn ended(key: SessionKey) -> Record {
        let epoch = Epoch { counter: 1, server: index(0), incarnation: Incarnation(1) };
        let version = Version { epoch, sequence: 5 };
        let mut holders = Holders::default();
        for server in 0..2 {
            let incarnation = Incarnation(1);
            let holder = Holder { server: name(server), incarnation, standing: Standing::Current };
            assert!(holders.put(holder));
        }
        Record {
            key,
            version,
            seen: Seen::new(None, [(epoch, 5)]),
            acknowledged: 5,
            holders,
            content: Content::Ended { at: version },
            unknown: Vec::new(),
        }
    }

    /// The same before it ended.
    fn live(key: SessionKey) -> Record {
        let birth = Birth {
            created: WallTime(0),
            absolute_end: None,
            idle: None,
            proof: Proof::new(b"SECRETsecret").unwrap(),
            user: None,
            web_app: "/".into(),
            attributes: Vec::new(),
        };
        let holder = ended(key).holders.get(name(0)).copied().unwrap();
        birth.record(key, ended(key).version, holder)
    }

    /// A server that was cut off acknowledged an end alone, and was taken out of the table before it was
    /// heard again: the session lived on.
    #[test]
    fn an_end_is_excused_that_only_a_server_knew_of_that_is_taken_away() {
        let mut chance = Chance::new(1);
        let plan = Plan { servers: 3, kind: Kind::Cuts, ..Plan::new(1, &mut chance) };
        let mut world = World::new(plan, chance, false);
        let key = SessionKey::parse(b"X8ZwooOzabc").unwrap();
        let keep = |world: &mut World, number: usize| {
            let process = world.servers[number].process.as_mut().unwrap();
            process.with(0, |shard, around, _| shard.restore(ended(key), None, false, around));
        };
        let lost = |world: &World| {
            let others: Vec<&Server> = world.servers.iter().skip(1).collect();
            ends_lost_with(world.servers[0].process.as_ref().unwrap(), &others)
        };
        keep(&mut world, 0);
        assert_eq!(lost(&world), [], "nobody could bring it back");
        world.servers[1].disk.insert(key, kept_code::write(&live(key), None).into());
        assert_eq!(lost(&world), [], "it runs, and has it no more");
        world.servers[1].process = None;
        assert_eq!(lost(&world), [(key, Some(Box::new(live(key))))]);
        // Another one knows.
        keep(&mut world, 2);
        assert_eq!(lost(&world), []);
    }
}
