//! Over a network that loses, repeats and reorders what servers send.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::copy::{Copy, Reply};
use crate::outline::Outline;
use crate::record_code;

const OTHERS: [&str; 3] = ["app-b", "app-c", "app-d"];

/// What happens next.
#[derive(Debug, Clone)]
enum Event {
    /// A request changes an attribute.
    Change,
    /// So many milliseconds pass, and the owner looks at the clock.
    Wait(u64),
    /// A message arrives: which of those under way, and whether it will arrive once more.
    Deliver(prop::sample::Index, bool),
    /// A message is lost.
    Lose(prop::sample::Index),
}

#[derive(Debug, Clone)]
enum Message {
    Step(ServerId, Arc<Step>),
    Record(ServerId, std::sync::Arc<Record>),
    Outline(ServerId, Box<Outline>),
    Reply(ServerId, Reply),
}

/// An acting owner, the other servers, and what is under way between them.
struct World {
    now: Duration,
    owned: Owned,
    copies: BTreeMap<ServerId, Copy>,
    under_way: Vec<Message>,
    tickets: u64,
    versions: BTreeMap<Ticket, Version>,
    answered: BTreeSet<Ticket>,
}

impl World {
    fn new(safety: Safety) -> Self {
        let record = held_by(&OTHERS[..1], Standing::Current);
        let (owned, acts) = Owned::begin(server("app-a"), safety, record, Vec::new(), scene(0));
        let mut world = Self {
            now: Duration::ZERO,
            owned,
            copies: OTHERS.map(|name| (server(name), Copy::default())).into(),
            under_way: Vec::new(),
            tickets: 0,
            versions: BTreeMap::new(),
            answered: BTreeSet::new(),
        };
        world.perform(acts);
        world
    }

    fn happen(&mut self, event: &Event) {
        match event {
            Event::Change => {
                self.tickets += 1;
                let ticket = Ticket(self.tickets);
                let step = step(&self.owned, "a", &self.tickets.to_string());
                self.versions.insert(ticket, step.to);
                self.act(|owned, scene| owned.change(step, Some(ticket), scene).unwrap());
            }
            Event::Wait(milliseconds) => {
                self.now += Duration::from_millis(*milliseconds);
                self.act(Owned::tick);
            }
            Event::Deliver(which, again) if !self.under_way.is_empty() => {
                let place = which.index(self.under_way.len());
                let message = self.under_way[place].clone();
                if !again {
                    self.under_way.remove(place);
                }
                self.deliver(message);
            }
            Event::Lose(which) if !self.under_way.is_empty() => {
                self.under_way.remove(which.index(self.under_way.len()));
            }
            Event::Deliver(..) | Event::Lose(_) => {}
        }
    }

    fn deliver(&mut self, message: Message) {
        match message {
            Message::Step(to, step) => {
                let reply = self.copies.get_mut(&to).unwrap().take_step(&step);
                self.under_way.push(Message::Reply(to, reply));
            }
            Message::Record(to, record) => {
                let reply = self.copies.get_mut(&to).unwrap().take_record(record);
                self.under_way.push(Message::Reply(to, reply));
            }
            Message::Outline(to, outline) => {
                let reply = self.copies.get_mut(&to).unwrap().take_outline(&outline);
                self.under_way.push(Message::Reply(to, reply));
            }
            Message::Reply(from, Reply::Held(version)) => {
                self.act(|owned, scene| owned.held(from, Incarnation(1), version, scene));
            }
            Message::Reply(from, Reply::Lacks) => {
                self.act(|owned, scene| owned.lacks(from, scene));
            }
            Message::Reply(_, reply) => panic!("nobody else acts: {reply:?}"),
        }
    }

    fn act(&mut self, what: impl FnOnce(&mut Owned, Scene<'_>) -> Vec<Act>) {
        let candidates = OTHERS.map(candidate);
        let acts = what(
            &mut self.owned,
            Scene { candidates: &candidates, now: self.now, ..Scene::default() },
        );
        self.perform(acts);
    }

    fn perform(&mut self, acts: Vec<Act>) {
        let mut degraded = false;
        for act in acts {
            match act {
                Act::Step(to, step) => self.under_way.push(Message::Step(to, step)),
                Act::Record(to, record) => self.under_way.push(Message::Record(to, record)),
                Act::Outline(to, outline) => self.under_way.push(Message::Outline(to, outline)),
                Act::Acknowledge(ticket) => {
                    let (version, wanted) = (self.versions[&ticket], self.owned.safety.others());
                    let have = |copy: &&Copy| {
                        copy.record().is_some_and(|record| record.seen.contains(version))
                    };
                    let have = self.copies.values().filter(have).count();
                    let counted = std::mem::take(&mut degraded);
                    assert!(have >= wanted || counted, "{ticket:?} counts, and {have} have it");
                    assert!(self.answered.insert(ticket), "{ticket:?} is answered twice");
                }
                Act::Degraded => degraded = true,
                Act::Unsaved(ticket) => panic!("nothing is refused: {ticket:?}"),
                Act::Drop(server) => panic!("{server} is wanted"),
            }
        }
    }

    /// Whoever was sent anything is in the owner's list; the same version is the same bytes.
    fn check(&self) {
        let own = self.owned.record();
        for (server, copy) in &self.copies {
            let Some(record) = copy.record() else { continue };
            assert!(own.holders.get(*server).is_some(), "{server} is in no list");
            assert!(record.version <= own.version);
            if record.version == own.version {
                assert_eq!(record_code::write(record), record_code::write(own));
            }
        }
        // Answers come in the order of the changes.
        let answered: Vec<u64> = self.answered.iter().map(|ticket| ticket.0).collect();
        assert_eq!(answered, (1..=answered.len() as u64).collect::<Vec<_>>());
    }

    /// From here on nothing is lost, and whoever is behind is sent everything.
    fn settle(&mut self) {
        for _ in 0..50 {
            for message in std::mem::take(&mut self.under_way) {
                self.deliver(message);
            }
            self.now += Duration::from_millis(100);
            let behind = |holder: &&Holder| holder.standing == Standing::Behind;
            let behind: Vec<ServerId> =
                self.owned.record().holders.iter().filter(behind).map(|one| one.server).collect();
            for server in behind {
                self.act(|owned, scene| owned.catch_up(server, scene));
            }
            self.act(Owned::tick);
        }
    }
}

fn event() -> impl Strategy<Value = Event> {
    let which = any::<prop::sample::Index>;
    prop_oneof![
        4 => Just(Event::Change),
        4 => (1..300_u64).prop_map(Event::Wait),
        12 => (which(), prop::bool::weighted(0.1)).prop_map(|(one, again)| Event::Deliver(one, again)),
        3 => which().prop_map(Event::Lose),
    ]
}

fn safeties() -> impl Strategy<Value = Safety> {
    let who = [Acknowledge::Owner, Acknowledge::Backup, Acknowledge::All];
    (1..4_usize, prop::sample::select(who.to_vec())).prop_map(|(copies, who)| safety(copies, who))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_counts_is_held_and_in_the_end_all_have_the_same(
        safety in safeties(),
        events in vec(event(), 1..120),
    ) {
        let mut world = World::new(safety);
        for event in &events {
            world.happen(event);
            world.check();
        }
        world.settle();
        world.check();
        prop_assert_eq!(world.answered.len() as u64, world.tickets, "everybody was answered");
        let own = world.owned.record();
        prop_assert_eq!(world.owned.short(scene(0)), 0);
        for holder in own.holders.current().filter(|one| one.server != server("app-a")) {
            prop_assert_eq!(world.copies[&holder.server].record(), Some(own));
        }
    }
}
