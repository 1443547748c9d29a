//! What a session holds is on the disk only, and is fetched when somebody needs it.

use std::time::Duration;

use crate::answer::Answer;
use crate::call::Want;
use crate::effects::Fetch;
use crate::frame::Frame;
use crate::record::Record;
use crate::samples::{key, set};
use crate::shard::Event;
use crate::shard::tests::small_ring::{SmallRing, birth, birth_with, safety, shown};

/// Two servers with a session that both have on their disks only, and what is there.
fn stowed() -> (SmallRing, Record) {
    let mut ring = SmallRing::new(2, safety());
    ring.create();
    let change = ring.change(0, set("a", "1"));
    assert!(matches!(ring.call(0, change), Some(Answer::Done { .. })));
    let record = ring.record(0).unwrap().clone();
    assert_eq!(ring.record(1), Some(&record));
    assert!(ring.stow(0) && ring.stow(1));
    (ring, record)
}

impl SmallRing {
    /// What a server has is on its disk, and need not be in memory.
    fn stow(&mut self, number: usize) -> bool {
        let (now, mut stowed) = (self.now, false);
        self.servers[number].with(now, |shard, around, out| {
            stowed = shard.stow(key(), around, out);
        });
        stowed
    }

    fn fetches(&mut self, number: usize) -> Vec<Fetch> {
        std::mem::take(&mut self.servers[number].out.fetches)
    }

    /// The disk gives this, or fails.
    fn fetched(&mut self, number: usize, fetch: Fetch, record: Option<&Record>) {
        let (now, record) = (self.now, record.cloned().map(Box::new));
        let event = Event::Fetched { key: fetch.key, number: fetch.number, record };
        self.servers[number].with(now, |shard, around, out| shard.on(event, around, out));
        self.collect(number);
        self.deliver();
    }

    /// The only thing that a server wants from its disk.
    fn fetch(&mut self, number: usize) -> Fetch {
        let fetches = self.fetches(number);
        assert_eq!(fetches.len(), 1, "{fetches:?}");
        fetches[0]
    }
}

#[test]
fn what_is_on_the_disk_only_is_fetched_once_for_all_who_want_it() {
    let (mut ring, record) = stowed();
    let asked = [ring.ask(0, Want::Load(None)), ring.ask(0, Want::Load(None))];
    let fetch = ring.fetch(0);
    assert!(asked.iter().all(|ticket| ring.answer(*ticket).is_none()));
    ring.fetched(0, fetch, Some(&record));
    for ticket in asked {
        assert_eq!(shown(&ring.answer(ticket), "a").unwrap(), "1");
    }
    assert_eq!(ring.record(0), Some(&record));
    assert!(ring.call(0, Want::Load(None)).is_some(), "it is in memory now");
}

#[test]
fn what_comes_meanwhile_happens_in_its_order() {
    let (mut ring, record) = stowed();
    let load = ring.ask(0, Want::Load(None));
    let changes = [set("a", "2"), set("a", "3")].map(|change| {
        let base = crate::change::Base::of(&record);
        let wish = crate::call::Wish { change, base, made: Vec::new() };
        ring.ask(0, Want::Change(Box::new(wish)))
    });
    let fetch = ring.fetch(0);
    ring.fetched(0, fetch, Some(&record));
    assert_eq!(shown(&ring.answer(load), "a").unwrap(), "1");
    // The holder has it on the disk only, too, and both steps wait for that.
    let held = ring.fetch(1);
    ring.fetched(1, held, Some(&record));
    assert!(matches!(ring.answer(changes[0]), Some(Answer::Done { .. })));
    assert_eq!(ring.record(1), ring.record(0));
    let shows = ring.call(0, Want::Load(None));
    assert_eq!(shown(&shows, "a").unwrap(), "3");
}

#[test]
fn nothing_is_fetched_while_nobody_wants_anything() {
    let (mut ring, record) = stowed();
    ring.pass(10 * 60_000);
    assert!(ring.fetches(0).is_empty() && ring.fetches(1).is_empty());
    let touches = ring.sent.iter().filter(|(.., frame)| matches!(frame, Frame::Touch { .. }));
    assert!(touches.count() >= 9, "the holder hears of it");
    assert_eq!(ring.record(0).map(|record| record.version), Some(record.version));
    assert!(ring.record(0).is_some_and(Record::is_stowed));
}

#[test]
fn what_the_disk_does_not_give_back_the_others_are_asked_for() {
    let (mut ring, record) = stowed();
    // An older version is as good as none.
    let mut older = record.clone();
    older.version.sequence -= 1;
    for spoilt in [None, Some(&older)] {
        let load = ring.ask(0, Want::Load(None));
        let fetch = ring.fetch(0);
        ring.fetched(0, fetch, spoilt);
        assert!(!ring.acts(0) && ring.answer(load).is_none());
        let held = ring.fetch(1);
        ring.fetched(1, held, Some(&record));
        ring.pass(500);
        assert_eq!(shown(&ring.answer(load), "a").unwrap(), "1");
        assert_eq!(ring.servers[0].out.counts.unreadable, 1);
        (ring, _) = stowed();
    }
}

#[test]
fn a_holder_that_cannot_read_its_copy_gets_it_anew() {
    let (mut ring, record) = stowed();
    let load = ring.ask(0, Want::Load(None));
    let fetch = ring.fetch(0);
    ring.fetched(0, fetch, Some(&record));
    assert!(ring.answer(load).is_some());
    let change = ring.change(0, set("a", "2"));
    let change = ring.ask(0, change);
    ring.deliver();
    let held = ring.fetch(1);
    ring.fetched(1, held, None);
    assert!(matches!(ring.answer(change), Some(Answer::Done { .. })));
    assert_eq!(ring.record(1), ring.record(0));
}

#[test]
fn where_nobody_else_has_it_nothing_old_is_shown_and_nothing_is_called_gone() {
    let (mut ring, _) = stowed();
    ring.kill(1);
    let load = ring.ask(0, Want::Load(None));
    let fetch = ring.fetch(0);
    ring.fetched(0, fetch, None);
    ring.pass(3000);
    assert_eq!(ring.answer(load), Some(Answer::Unknown));
}

#[test]
fn a_disk_that_hangs_is_not_waited_for_where_another_server_has_it() {
    let (mut ring, record) = stowed();
    let load = ring.ask(0, Want::Load(None));
    let late = ring.fetch(0);
    ring.pass(2900);
    assert!(ring.acts(0) && ring.answer(load).is_none());
    ring.pass(200);
    let held = ring.fetch(1);
    ring.fetched(1, held, Some(&record));
    ring.pass(500);
    assert_eq!(shown(&ring.answer(load), "a").unwrap(), "1");
    // What comes at last is of no use any more.
    let now = ring.record(0).cloned();
    ring.fetched(0, late, Some(&record));
    assert_eq!(ring.record(0), now.as_ref());
}

#[test]
fn a_disk_that_hangs_lets_no_call_wait_for_ever() {
    let (mut ring, record) = stowed();
    ring.kill(1);
    let load = ring.ask(0, Want::Load(None));
    let late = ring.fetch(0);
    ring.pass(7900);
    assert_eq!(ring.answer(load), None);
    ring.pass(200);
    assert_eq!(ring.answer(load), Some(Answer::Failed));
    ring.fetched(0, late, Some(&record));
    ring.pass(3000);
    assert!(ring.call(0, Want::Load(None)).is_some(), "it is not lost");
}

#[test]
fn a_session_that_was_not_used_ends_wherever_what_it_holds_is() {
    let mut ring = SmallRing::new(2, safety());
    let idle = Some(Duration::from_secs(60));
    assert!(ring.call(0, birth_with(idle, None)).is_some());
    ring.pass(1000);
    let record = ring.record(0).unwrap().clone();
    assert!(ring.stow(0) && ring.stow(1));
    ring.pass(60_000);
    while ring.servers[0].out.fetches.is_empty() {
        assert!(ring.now < 70_000, "it should have ended");
        ring.pass(50);
    }
    let fetch = ring.fetch(0);
    ring.fetched(0, fetch, Some(&record));
    let held = ring.fetch(1);
    ring.fetched(1, held, Some(&record));
    assert!(ring.record(0).unwrap().live().is_none());
    assert!(ring.record(1).unwrap().live().is_none());
}

#[test]
fn nothing_leaves_memory_while_something_is_under_way() {
    let mut ring = SmallRing::new(2, safety());
    ring.create();
    let change = ring.change(0, set("a", "1"));
    let change = ring.ask(0, change);
    assert!(!ring.stow(0), "the holder has not confirmed it");
    ring.deliver();
    assert!(ring.answer(change).is_some() && ring.stow(0));
    assert!(!ring.stow(0), "twice");
}

#[test]
fn a_session_for_which_there_is_no_room_ends() {
    let mut ring = SmallRing::new(2, safety());
    assert!(ring.call(0, birth()).is_some());
    let now = ring.now;
    ring.servers[0].with(now, |shard, around, out| shard.on(Event::NoRoom(key()), around, out));
    ring.collect(0);
    ring.deliver();
    assert!(ring.record(1).unwrap().live().is_none());
    assert_eq!(ring.call(0, Want::Load(None)), Some(Answer::Absent));
    let counts = ring.servers[0].out.counts;
    assert_eq!((counts.crowded_out, counts.expired), (1, 0));
}

#[test]
fn the_least_used_are_listed_first_and_those_on_the_disk_not_at_all() {
    let mut ring = SmallRing::new(2, safety());
    ring.create();
    let listed = |ring: &SmallRing, number: usize, whose: Option<&str>| {
        ring.servers[number].shard.least_used(whose, 9).map(|(used, _)| used).collect::<Vec<_>>()
    };
    let of = |ring: &SmallRing, number: usize| {
        let counts = ring.servers[number].shard.residents();
        counts.map(|(whose, count)| (whose.map(str::to_owned), count)).collect::<Vec<_>>()
    };
    assert_eq!(of(&ring, 0), [(Some("/".to_owned()), 1)]);
    assert_eq!(of(&ring, 1), [(None, 1)]);
    let before = listed(&ring, 0, Some("/"));
    ring.pass(5000);
    assert!(ring.call(0, Want::Load(None)).is_some());
    assert!(listed(&ring, 0, Some("/")) > before, "it was used");
    assert!(ring.stow(0));
    assert!(listed(&ring, 0, Some("/")).is_empty());
}
