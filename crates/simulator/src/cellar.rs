//! What servers have on their disks only, and how it gets back into memory.

use bytes::Bytes;
use copal_protocol::session_key::SessionKey;
use copal_replica::effects::Fetch;
use copal_replica::frame::Frame;
use copal_replica::kept_code;
use copal_replica::place::Place;
use copal_replica::record::Record;
use copal_replica::safety::Acknowledge;
use copal_replica::shard::Event;

use crate::plan::Kind;
use crate::process::Arrival;
use crate::story::Deed;
use crate::trouble::Trouble;
use crate::world::{Item, Server, World};

impl Server {
    /// The newest bytes of a session that were given to the disk.
    fn newest(&self, key: SessionKey) -> Option<Bytes> {
        let mut waiting = self.unsynced.iter().rev();
        match waiting.find(|(changed, _)| *changed == key) {
            Some((_, bytes)) => bytes.clone(),
            None => self.disk.get(&key).cloned(),
        }
    }

    /// A record with what it holds, wherever that is.
    pub(crate) fn whole(&self, record: &Record) -> Record {
        if !record.is_stowed() {
            return record.clone();
        }
        let read = self.newest(record.key).and_then(|bytes| kept_code::read(bytes).ok());
        let Some(read) = read.map(|(read, _)| read).filter(|read| read.version == record.version)
        else {
            unreachable!("{} is neither in memory nor on the disk in this version", record.key);
        };
        Record { content: read.content, ..record.clone() }
    }
}

impl World {
    /// Some of what is on the disk needs no room in memory.
    pub(crate) fn stow(&mut self, number: usize) {
        if !self.plan.stows || !self.cellar.percent(40) {
            return;
        }
        let server = &mut self.servers[number];
        let Some(process) = &mut server.process else { return };
        let keys: Vec<SessionKey> = process.shard.places().map(|(key, _)| key).collect();
        for key in keys {
            let waits = server.unsynced.iter().any(|(changed, _)| *changed == key);
            let record = process.shard.place(key).and_then(|place| place.record());
            let Some(record) = record.filter(|record| !record.is_stowed() && !waits) else {
                continue;
            };
            let bytes = server.disk.get(&key).cloned();
            let Some((kept, _)) = bytes.and_then(|bytes| kept_code::read(bytes).ok()) else {
                continue;
            };
            if self.cellar.percent(40) {
                assert_eq!(kept.version, record.version, "every change of {key} is told");
                process.with(self.now, |shard, around, out| {
                    shard.stow(key, around, out);
                });
            }
        }
    }

    /// There is no room for one of the sessions for which a server acts, and it ends.
    pub(crate) fn crowd(&mut self, number: usize) {
        if !self.plan.crowds || self.cellar.of(0..300) > 0 {
            return;
        }
        let Some(process) = &mut self.servers[number].process else { return };
        let places = process.shard.places();
        let own = places.filter(|(_, place)| matches!(place, Place::Acts(_)));
        let own: Vec<SessionKey> = own.map(|(key, _)| key).collect();
        if own.is_empty() {
            return;
        }
        let key = own[self.cellar.place(own.len())];
        let stories = self.users.stories.iter_mut();
        stories.filter(|story| story.key == key).for_each(|story| story.attempted(Deed::End));
        process.with(self.now, |shard, around, out| shard.on(Event::NoRoom(key), around, out));
        self.drain(number);
    }

    /// What a server wants from its disk gets there after a while.
    pub(crate) fn fetch(&mut self, number: usize) {
        let Some(process) = &mut self.servers[number].process else { return };
        let incarnation = process.own.incarnation;
        let shows_stowed = |frame: &Frame| frame.record().is_some_and(Record::is_stowed);
        assert!(!process.effects.frames.iter().any(|(.., frame)| shows_stowed(frame)));
        for fetch in std::mem::take(&mut process.effects.fetches) {
            let trouble = self.trouble.filter(|trouble| trouble.server == number);
            let fails = trouble.is_some_and(|trouble| trouble.fails);
            let ends = trouble.map_or(self.now, |trouble| trouble.until);
            let at = if fails { self.now } else { ends.max(self.now) } + 1 + self.cellar.of(0..20);
            let record = if fails { None } else { self.read(number, fetch) };
            self.later(at, Item::Arrive(number, Arrival::Fetched(incarnation, fetch, record)));
        }
    }

    fn read(&self, number: usize, fetch: Fetch) -> Option<Box<Record>> {
        let bytes = self.servers[number].newest(fetch.key)?;
        kept_code::read(bytes).ok().map(|(record, _)| Box::new(record))
    }

    /// The disk of a server takes its time, or does not read any more. Returns whether it does.
    pub(crate) fn spoil(&mut self, server: usize) -> bool {
        if !self.plan.stows || self.trouble.is_some() || !self.cellar.percent(20) {
            return false;
        }
        // Where others need not have anything, and where they cannot be asked, it would be lost.
        let may_fail =
            self.plan.safety.acknowledge != Acknowledge::Owner && self.plan.kind != Kind::Cuts;
        let fails = may_fail && self.cellar.percent(50);
        let until = self.now + self.cellar.of(200..6000);
        self.say(|| format!("the disk of {server} {}", if fails { "fails" } else { "hangs" }));
        self.strikes(if fails { "disk fails" } else { "disk hangs" });
        self.trouble = Some(Trouble { server, until, fails });
        true
    }

    /// Disks that were in trouble are well again, when it is time for that.
    pub(crate) fn mend_disks(&mut self) {
        self.trouble = self.trouble.filter(|trouble| self.now < trouble.until);
    }
}
