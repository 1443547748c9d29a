//! A small ring in one state, and what can happen next.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use copal_replica::act::Ticket;
use copal_replica::call::{Birth, Call, Order, Want, Wish};
use copal_replica::change::{Base, Change};
use copal_replica::frame::Frame;
use copal_replica::live::WallTime;
use copal_replica::proof::Proof;
use copal_replica::shard::Event;
use copal_replica::version::Version;

use crate::budget::Budget;
use crate::node::{Node, SERVERS, key, name, number_of};
use crate::witness::{Witness, attribute};

/// A small ring in one state.
#[derive(Debug, Clone)]
pub(crate) struct Ring {
    pub(crate) nodes: Vec<Node>,
    /// What is under way from the first to the second, in its order.
    links: BTreeMap<(usize, usize), VecDeque<Frame>>,
    now: Duration,
    pub(crate) left: Budget,
    last: u64,
    base: Option<Base>,
    /// The last version that each server had.
    had: Vec<Option<Version>>,
    pub(crate) witness: Witness,
}

/// What can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Choice {
    /// The oldest message from the first to the second arrives.
    Deliver(usize, usize),
    /// The next writer writes, by way of the server of its number.
    Write,
    /// Somebody reads by way of this server.
    Read(usize),
    /// The process of a server ends. What it has sent may still arrive.
    Crash(usize),
    /// A server stands still.
    Stop(usize),
    /// It goes on.
    Resume(usize),
    /// Time passes, until every lease and every promise is over that is not renewed. Servers that run
    /// hear each other meanwhile.
    Pass,
}

const STEP: Duration = Duration::from_millis(50);

impl Ring {
    /// Three servers that know each other, and a session with two copies.
    pub(crate) fn new(budget: Budget) -> Self {
        let mut ring = Self {
            nodes: (0..SERVERS).map(Node::new).collect(),
            links: BTreeMap::new(),
            now: Duration::ZERO,
            left: budget,
            last: 0,
            base: None,
            had: vec![None; SERVERS],
            witness: Witness::default(),
        };
        for (at, of) in pairs() {
            let start = ring.nodes[of].incarnation();
            if let Some(peer) = ring.nodes[at].liveness.peer_mut(name(of)) {
                peer.met(start);
                peer.connected();
            }
        }
        ring.pass(3000);
        let birth = Birth {
            created: WallTime(0),
            absolute_end: None,
            idle: None,
            proof: Proof::new(b"proof-of-one").unwrap_or_else(|| unreachable!("long enough")),
            user: None,
            web_app: "/".into(),
            attributes: Vec::new(),
        };
        ring.call(0, Want::Create(Box::new(birth)));
        ring.settle();
        ring.base = ring.nodes[0].record().map(Base::of);
        ring.witness = Witness::default();
        ring
    }

    /// Delivers everything that is under way.
    fn settle(&mut self) {
        while let Some((from, to)) = self.arriving().first().copied() {
            self.deliver(from, to);
        }
    }

    fn arriving(&self) -> Vec<(usize, usize)> {
        let can = |to: usize| self.nodes[to].is_up && !self.nodes[to].stands_still;
        let full = self.links.iter().filter(|(_, link)| !link.is_empty());
        full.map(|(way, _)| *way).filter(|(_, to)| can(*to)).collect()
    }

    /// What can happen now.
    pub(crate) fn choices(&self) -> Vec<Choice> {
        if self.witness.wrong.is_some() {
            return Vec::new();
        }
        let deliveries = self.arriving().into_iter().map(|(from, to)| Choice::Deliver(from, to));
        let mut all: Vec<Choice> = deliveries.collect();
        let runs = |one: &usize| self.nodes[*one].is_up && !self.nodes[*one].stands_still;
        let running: Vec<usize> = (0..SERVERS).filter(runs).collect();
        if self.left.writers > 0 && running.contains(&self.writer()) {
            all.push(Choice::Write);
        }
        if self.left.reads > 0 {
            let readers = running.iter().copied().filter(|one| *one < self.left.readers);
            all.extend(readers.map(Choice::Read));
        }
        if self.left.crashes > 0 {
            all.extend(running.iter().copied().map(Choice::Crash));
        }
        if self.left.stops > 0 {
            // The one that acts: whoever else stands still is only late.
            all.extend(running.iter().copied().filter(|one| *one == 0).map(Choice::Stop));
        }
        all.extend((0..SERVERS).filter(|one| self.nodes[*one].stands_still).map(Choice::Resume));
        let waits = self.nodes.iter().any(|node| !node.is_up || node.stands_still);
        if self.left.passes > 0 && waits && (self.witness.waits() || self.left.reads > 0) {
            all.push(Choice::Pass);
        }
        all
    }

    fn writer(&self) -> usize {
        self.left.writers - 1
    }

    /// The state after a choice.
    pub(crate) fn after(&self, choice: Choice) -> Self {
        let mut next = self.clone();
        match choice {
            Choice::Deliver(from, to) => next.deliver(from, to),
            Choice::Write => next.write(),
            Choice::Read(server) => {
                next.left.reads -= 1;
                let ticket = next.ticket();
                next.witness.reads(ticket);
                next.ask(server, ticket, Want::Load(None));
            }
            Choice::Crash(server) => next.crash(server),
            Choice::Stop(server) => {
                next.left.stops -= 1;
                next.nodes[server].stands_still = true;
            }
            Choice::Resume(server) => next.nodes[server].stands_still = false,
            Choice::Pass => {
                next.left.passes -= 1;
                next.pass(2500);
            }
        }
        next.look();
        next
    }

    fn write(&mut self) {
        let (writer, ticket) = (self.writer(), self.ticket());
        self.left.writers -= 1;
        let mut change = Change::of("/");
        if self.left.ends && self.left.writers == 0 {
            change.ends = true;
            self.witness.ends(ticket);
        } else {
            let value = Some("1".into());
            change.attributes.insert(attribute(writer).into(), value);
            self.witness.writes(ticket, writer);
        }
        let Some(base) = self.base.clone() else { return };
        let wish = Wish { change, base, made: Vec::new() };
        self.ask(writer, ticket, Want::Change(Box::new(wish)));
    }

    fn crash(&mut self, server: usize) {
        self.left.crashes -= 1;
        self.nodes[server].is_up = false;
        for other in (0..SERVERS).filter(|other| *other != server) {
            if let Some(peer) = self.nodes[other].liveness.peer_mut(name(server)) {
                peer.disconnected();
                peer.refused();
            }
            self.nodes[other].on(self.now, Event::Lost(name(server)));
            self.collect(other);
        }
    }

    const fn ticket(&mut self) -> Ticket {
        self.last += 1;
        Ticket(self.last)
    }

    fn call(&mut self, server: usize, want: Want) {
        let ticket = self.ticket();
        self.ask(server, ticket, want);
    }

    fn ask(&mut self, server: usize, ticket: Ticket, want: Want) {
        let order: Order = (0..SERVERS).map(name).collect();
        let call = Call { key: key(), order, want };
        self.nodes[server].on(self.now, Event::Call(ticket, Box::new(call)));
        self.collect(server);
    }

    fn deliver(&mut self, from: usize, to: usize) {
        let frame = self.links.get_mut(&(from, to)).and_then(VecDeque::pop_front);
        let Some(frame) = frame.map(Box::new) else { return };
        let incarnation = self.nodes[from].incarnation();
        let event = Event::Frame { from: name(from), incarnation, key: key(), frame };
        self.nodes[to].on(self.now, event);
        self.collect(to);
    }

    fn collect(&mut self, server: usize) {
        let effects = &mut self.nodes[server].effects;
        let frames = std::mem::take(&mut effects.frames);
        let answers = std::mem::take(&mut effects.answers);
        for (to, _, frame) in frames {
            let to = number_of(to);
            if self.nodes[to].is_up {
                self.links.entry((server, to)).or_default().push_back(frame);
            }
        }
        // What is degraded is counted, and nothing is promised.
        let counts = &self.nodes[server].effects.counts;
        if counts.degraded + counts.degraded_takeovers > 0 {
            self.witness.promised_nothing();
        }
        for (ticket, answer) in answers {
            self.witness.hears(ticket, &answer);
        }
    }

    /// Time passes, and everything arrives that can.
    fn pass(&mut self, milliseconds: u64) {
        let end = self.now + Duration::from_millis(milliseconds);
        while self.now < end {
            self.now += STEP;
            for number in 0..SERVERS {
                if self.nodes[number].is_up && !self.nodes[number].stands_still {
                    self.beat(number);
                    self.nodes[number].on(self.now, Event::Tick);
                    self.collect(number);
                }
            }
            self.settle();
        }
    }

    fn beat(&mut self, number: usize) {
        for (to, beat) in self.nodes[number].liveness.beats(self.now) {
            let other = &mut self.nodes[number_of(to)];
            if !other.is_up || other.stands_still {
                continue;
            }
            if let Some(answer) = other.liveness.asked(self.now, name(number), beat) {
                self.nodes[number].liveness.answered(self.now, to, answer);
            }
        }
    }

    /// What must be true in every state.
    fn look(&mut self) {
        let runs = |node: &&Node| node.is_up && !node.stands_still;
        let speak = self.nodes.iter().filter(runs).filter(|node| node.speaks(self.now)).count();
        if speak > 1 {
            self.witness.is_wrong("two servers speak for the session".into());
        }
        for number in 0..SERVERS {
            let Some(record) = self.nodes[number].record() else { continue };
            let goes_down = self.had[number].is_some_and(|had| had.epoch > record.version.epoch);
            self.had[number] = self.had[number].max(Some(record.version));
            let record = record.clone();
            if goes_down {
                self.witness.is_wrong(format!("the epoch at {number} goes down"));
            }
            self.witness.sees(key(), &record);
        }
    }
}

fn pairs() -> impl Iterator<Item = (usize, usize)> {
    let all = (0..SERVERS).flat_map(|one| (0..SERVERS).map(move |other| (one, other)));
    all.filter(|(one, other)| one != other)
}
