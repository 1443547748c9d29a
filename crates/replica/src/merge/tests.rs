//! Lines of one session that several servers carried on apart.

use litemap::LiteMap;

use bytes::Bytes;
use copal_protocol::server_index::ServerIndex;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::change::{Add, Base, Change, Refused, Verdict, decide};
use crate::epoch::Epoch;
use crate::incarnation::Incarnation;
use crate::samples::{change, number, proof, record, version};
use crate::version::Version;

/// What one server does to its copy.
#[derive(Debug, Clone)]
enum Deed {
    Set(usize),
    Remove(usize),
    Add(usize),
    Rotate,
    User,
    End,
    /// It takes in the copy of another server, and begins an epoch with what comes of it.
    Meet(usize),
}

/// Servers that each act for their own copy of the same session.
struct World {
    records: Vec<Record>,
    /// Makes every value another one.
    count: u64,
}

impl World {
    /// So many servers with the same copy.
    fn new(servers: usize) -> Self {
        let mut first = record(version(1, 1));
        let all: LiteMap<Box<str>, Option<Bytes>> =
            (0..3).map(|name| (name_of(name), Some("base".into()))).collect();
        carry_out(&mut first, &Change { attributes: all, ..change() }).unwrap();
        let mut world = Self { records: vec![first; servers], count: 0 };
        (0..servers).for_each(|server| world.begin(server));
        world
    }

    /// The server takes over: the next epoch, in its name.
    fn begin(&mut self, server: usize) {
        let record = &mut self.records[server];
        let index = ServerIndex::new(server).unwrap();
        let epoch: Epoch = record.version.epoch.next(index, Incarnation(7)).unwrap();
        record.version = Version { epoch, sequence: record.version.sequence + 1 };
        record.seen.add(record.version);
    }

    fn perform(&mut self, server: usize, deed: &Deed) {
        self.count += 1;
        let text = format!("{}-{server}", self.count);
        let value = Some(Bytes::from(text.clone()));
        let wanted = match deed {
            Deed::Set(name) => {
                Change { attributes: [(name_of(*name), value)].into_iter().collect(), ..change() }
            }
            Deed::Remove(name) => {
                Change { attributes: [(name_of(*name), None)].into_iter().collect(), ..change() }
            }
            Deed::Add(name) => {
                let add = Some(Add { name: format!("sum{name}").into(), by: 1 });
                Change { add, number: Some(number(self.count)), ..change() }
            }
            Deed::Rotate => Change { proof: Some(proof(&text)), ..change() },
            Deed::User => Change { user: Some(Some(text.into())), ..change() },
            Deed::End => Change { ends: true, ..change() },
            Deed::Meet(other) => return self.meet(server, *other),
        };
        let record = &mut self.records[server];
        if let Err(refused) = carry_out(record, &wanted) {
            assert!(record.live().is_none(), "{refused}");
        }
    }

    fn meet(&mut self, server: usize, other: usize) {
        let other = self.records[other % self.records.len()].clone();
        let record = &mut self.records[server];
        let Line { seen, content } = Line::of(record).merge(Line::of(&other));
        (record.seen, record.content) = (seen, content);
        record.version = record.version.max(other.version);
        self.begin(server);
    }

    fn lines(&self) -> Vec<Line> {
        self.records.iter().map(Line::of).collect()
    }
}

fn carry_out(record: &mut Record, change: &Change) -> Result<(), Refused> {
    match decide(record, change, &Base::of(record))? {
        Verdict::Take(step) => step.take(record).unwrap(),
        Verdict::Repeated(_) => unreachable!("every operation has its own number"),
    }
    Ok(())
}

fn name_of(number: usize) -> Box<str> {
    format!("a{number}").into()
}

fn deed() -> impl Strategy<Value = (usize, Deed)> {
    let name = 0..6_usize;
    let deed = prop_oneof![
        8 => name.clone().prop_map(Deed::Set),
        5 => name.clone().prop_map(Deed::Remove),
        3 => name.prop_map(Deed::Add),
        1 => Just(Deed::Rotate),
        1 => Just(Deed::User),
        3 => (0..3_usize).prop_map(Deed::Meet),
    ];
    (0..3_usize, deed)
}

fn deeds() -> impl Strategy<Value = Vec<(usize, Deed)>> {
    vec(prop_oneof![60 => deed(), 1 => (0..3_usize).prop_map(|server| (server, Deed::End))], 0..40)
}

fn lived(deeds: &[(usize, Deed)]) -> World {
    let mut world = World::new(3);
    deeds.iter().for_each(|(server, deed)| world.perform(*server, deed));
    world
}

proptest! {
    #[test]
    fn order_and_repetition_do_not_matter(deeds in deeds()) {
        let lines = lived(&deeds).lines();
        let [one, two, three] = &lines[..] else { unreachable!() };
        let merge = |ours: &Line, theirs: &Line| ours.clone().merge(theirs.clone());
        prop_assert_eq!(&merge(one, one), one);
        prop_assert_eq!(merge(one, two), merge(two, one));
        let all = merge(&merge(one, two), three);
        prop_assert_eq!(&merge(one, &merge(two, three)), &all);
        prop_assert_eq!(&merge(&all, two), &all);
    }

    #[test]
    fn a_copy_that_is_only_older_adds_nothing(deeds in deeds(), more in deeds()) {
        let mut world = lived(&deeds);
        let before = world.lines();
        for (_, deed) in &more {
            world.perform(0, deed);
        }
        let now = Line::of(&world.records[0]);
        prop_assert!(now.seen.includes(&before[0].seen));
        prop_assert_eq!(&now.clone().merge(before[0].clone()), &now);
    }

    /// What was set last under the highest version, and not removed under a higher one, is there.
    #[test]
    fn nothing_is_lost_that_no_higher_version_has_replaced(deeds in deeds()) {
        let world = lived(&deeds);
        let lines = world.lines();
        let all = lines.iter().cloned().reduce(Line::merge).unwrap();
        let (Content::Live(merged), lives) = (&all.content, &lines) else { return Ok(()) };
        for line in lives {
            let Content::Live(live) = &line.content else { continue };
            for (web_app, name, entry) in live.attributes.iter() {
                let at = merged.attributes.changed_at(web_app, name);
                let superseded = at.is_some_and(|at| at > entry.at);
                let is_it = at == Some(entry.at)
                    && merged.attributes.get(web_app, name) == entry.value.as_ref();
                prop_assert!(superseded || is_it, "{name} of {:?}: {at:?}", entry.at);
            }
            prop_assert!(merged.proof.at >= live.proof.at && merged.user.at >= live.user.at);
        }
    }

    #[test]
    fn an_end_wins(deeds in deeds(), place: prop::sample::Index) {
        let lines = lived(&deeds).lines();
        let ended = Line {
            seen: Seen::default(),
            content: Content::Ended { at: version(1, 1) },
        };
        let merged = lines[place.index(3)].clone().merge(ended);
        let has_ended = matches!(merged.content, Content::Ended { .. });
        prop_assert!(has_ended);
    }
}

/// A server is away while so many attributes come and go that not every removal is remembered.
#[test]
fn what_was_removed_while_a_server_was_away_does_not_come_back() {
    let mut world = World::new(2);
    for name in 0..200 {
        world.perform(0, &Deed::Set(name));
    }
    world.meet(1, 0);
    world.meet(0, 1);
    for name in 0..200 {
        world.perform(0, &Deed::Remove(name));
    }
    world.perform(1, &Deed::Set(1000));
    world.meet(0, 1);
    let live = world.records[0].live().unwrap();
    let left: Vec<&str> = live.attributes.of("/").map(|(name, ..)| name).collect();
    assert_eq!(left, ["a1000"]);
}
