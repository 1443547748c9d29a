//! A cluster, its network, its disks and its users, in virtual time.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use bytes::Bytes;
use copal_protocol::session_key::SessionKey;
use copal_replica::answer::Answer;
use copal_replica::call::Want;
use copal_replica::counts::Counts;
use copal_replica::frame::Frame;
use copal_replica::incarnation::Incarnation;

use crate::chance::Chance;
use crate::line::print;
use crate::network::{Message, Network, Parcel};
use crate::plan::Plan;
use crate::process::{Arrival, Process};
use crate::table::Table;
use crate::trigger::Trigger;
use crate::trouble::Trouble;
use crate::users::Users;

/// A cluster in virtual time. Times are milliseconds.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) chance: Chance,
    /// For what an operator does: a seed without that does what it always did.
    pub(crate) more: Chance,
    pub(crate) now: u64,
    pub(crate) servers: Vec<Server>,
    pub(crate) network: Network,
    pub(crate) table: Table,
    /// It leaves, and will not come back.
    pub(crate) removing: Option<usize>,
    pub(crate) users: Users,
    /// What was counted on servers that have ended since.
    pub(crate) counts: Vec<Counts>,
    /// How often what struck.
    pub(crate) struck: BTreeMap<&'static str, u64>,
    agenda: BinaryHeap<Reverse<(u64, u64)>>,
    items: BTreeMap<u64, Item>,
    last_item: u64,
    incarnations: u64,
    /// A server is killed in the moment in which it answers.
    pub(crate) armed: Option<Trigger>,
    /// The last change that a server was asked for: when, which server, which session.
    changing: (u64, usize, Option<SessionKey>),
    doomed: Option<usize>,
    /// What these sent is lost.
    pub(crate) lost: BTreeSet<Incarnation>,
    /// Whether what happens is printed.
    pub(crate) trace: bool,
    /// For what is put away and fetched.
    pub(crate) cellar: Chance,
    pub(crate) trouble: Option<Trouble>,
    /// A number made of everything that happened: the same seed gives the same one.
    pub(crate) digest: u64,
}

/// A machine with its disk, and the process on it.
#[derive(Debug, Default)]
pub(crate) struct Server {
    pub(crate) process: Option<Process>,
    /// It stands still.
    pub(crate) stopped: bool,
    pub(crate) disk: BTreeMap<SessionKey, Bytes>,
    /// What is not on the disk yet.
    pub(crate) unsynced: Vec<(SessionKey, Option<Bytes>)>,
    /// The disk as it was some time ago.
    pub(crate) old_disk: BTreeMap<SessionKey, Bytes>,
    /// Its wall clock is off by so many milliseconds.
    pub(crate) wall_offset: i64,
}

impl Server {
    /// The machine gets another name, and an empty disk.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }
}

#[derive(Debug)]
pub(crate) enum Item {
    Tick(usize, Incarnation),
    Arrive(usize, Arrival),
}

/// Servers look at the clock so often.
const TICK: u64 = 50;

impl World {
    pub(crate) fn new(plan: Plan, chance: Chance, trace: bool) -> Self {
        let machines = plan.servers + plan.spares;
        let servers = (0..machines).map(|_| Server::default()).collect();
        let (users, table) = (Users::new(plan.clients), Table::new(plan.servers));
        let more = Chance::new(plan.seed ^ 0x5bd1_e995);
        let cellar = Chance::new(plan.seed ^ 0x27d4_eb2f);
        let struck = plan.dimensions().into_iter().map(|name| (name, 1)).collect();
        let mut world = Self {
            plan,
            chance,
            now: 0,
            servers,
            more,
            network: Network::default(),
            table,
            removing: None,
            struck,
            users,
            counts: Vec::new(),
            agenda: BinaryHeap::new(),
            items: BTreeMap::new(),
            last_item: 0,
            incarnations: 0,
            armed: None,
            changing: (0, 0, None),
            doomed: None,
            lost: BTreeSet::new(),
            trace,
            cellar,
            trouble: None,
            digest: 0,
        };
        for number in 0..world.servers.len() {
            world.start(number);
        }
        world
    }

    pub(crate) fn say(&self, text: impl FnOnce() -> String) {
        if self.trace {
            let seconds = self.now / 1000;
            let text = text();
            print(&format!("{seconds:>4}.{:03} {text}", self.now % 1000));
        }
    }

    /// Nobody is killed any more.
    pub(crate) fn disarm(&mut self) {
        (self.armed, self.doomed) = (None, None);
    }

    pub(crate) fn later(&mut self, at: u64, item: Item) {
        self.last_item += 1;
        self.agenda.push(Reverse((at, self.last_item)));
        self.items.insert(self.last_item, item);
    }

    /// Lets everything happen up to this time.
    pub(crate) fn run_until(&mut self, end: u64) {
        while let Some(Reverse((at, number))) = self.agenda.peek().copied() {
            if at > end {
                break;
            }
            self.agenda.pop();
            self.now = self.now.max(at);
            match self.items.remove(&number) {
                Some(Item::Tick(server, incarnation)) => self.tick(server, incarnation),
                Some(Item::Arrive(server, arrival)) => self.arrive(server, arrival),
                None => {}
            }
            if let Some(doomed) = self.doomed.take() {
                self.kill(doomed);
            }
        }
        self.now = end;
    }

    /// Starts a server with what is on its disk.
    pub(crate) fn start(&mut self, number: usize) {
        if self.servers[number].process.is_some() || !self.table.lists(number) {
            return;
        }
        self.incarnations += 1;
        let incarnation = Incarnation(self.incarnations);
        self.say(|| format!("{number} starts as {incarnation:?}"));
        let server = &mut self.servers[number];
        let process = Process::start(
            number,
            &self.table,
            self.plan.safety,
            incarnation,
            (&server.disk, self.plan.stows),
            (self.now, server.wall_offset),
        );
        server.process = Some(process);
        server.stopped = false;
        self.later(self.now, Item::Tick(number, incarnation));
    }

    /// Ends a server at once: what was not on its disk is gone, or nearly.
    pub(crate) fn kill(&mut self, number: usize) {
        self.excuse(number);
        let Some(process) = self.servers[number].process.take() else { return };
        self.say(|| format!("{number} is killed"));
        self.counts.push(process.effects.counts);
        if self.chance.percent(50) {
            // It was still in the machine.
            self.lost.insert(process.own.incarnation);
            self.users.forgets_uses(self.now);
        }
        self.servers[number].unsynced.clear();
        self.servers[number].stopped = false;
        self.is_gone(number);
    }

    pub(crate) fn is_gone(&mut self, number: usize) {
        self.users.lost(number);
        for other in 0..self.servers.len() {
            self.break_link(number, other);
        }
    }

    /// Something goes wrong, or is done by an operator: to be counted.
    pub(crate) fn strikes(&mut self, name: &'static str) {
        *self.struck.entry(name).or_default() += 1;
    }

    /// Everything that waited while a server stood still happens at once, and before that these requests
    /// come: its sockets are not read in any order.
    pub(crate) fn resume(&mut self, number: usize, first: Vec<Arrival>) {
        self.servers[number].stopped = false;
        self.say(|| format!("{number} goes on"));
        let inbox = match &mut self.servers[number].process {
            Some(process) => std::mem::take(&mut process.inbox),
            None => return,
        };
        for arrival in first.into_iter().chain(inbox) {
            self.arrive(number, arrival);
        }
    }

    /// A request reaches a server, unless that one is down.
    pub(crate) fn request(&mut self, number: usize, arrival: Arrival) -> bool {
        if self.servers[number].process.is_none() {
            return false;
        }
        if let Arrival::Call(_, call) = &arrival
            && let Want::Change(_) = call.want
        {
            self.changing = (self.now, number, Some(call.key));
        }
        self.arrive(number, arrival);
        true
    }

    fn tick(&mut self, number: usize, incarnation: Incarnation) {
        let is_it = |process: &&mut Process| process.own.incarnation == incarnation;
        let server = &mut self.servers[number];
        let Some(process) = server.process.as_mut().filter(is_it) else { return };
        let stopped = server.stopped;
        let must_meet = self.plan.tables;
        let beats = if stopped { Vec::new() } else { process.tick(self.now, must_meet) };
        let next = self.now + TICK + self.chance.of(0..10);
        self.later(next, Item::Tick(number, incarnation));
        if stopped {
            return;
        }
        beats.into_iter().for_each(|(to, message)| self.send(number, to, message));
        self.drain(number);
        if self.chance.percent(30) {
            self.sync(number);
        }
        self.stow(number);
        self.crowd(number);
        self.adopt(number);
        self.connect(number);
    }

    /// Writes to the disk what is due.
    pub(crate) fn sync(&mut self, number: usize) {
        let server = &mut self.servers[number];
        for (key, bytes) in server.unsynced.drain(..) {
            match bytes {
                Some(bytes) => drop(server.disk.insert(key, bytes)),
                None => drop(server.disk.remove(&key)),
            }
        }
        if self.chance.percent(2) {
            server.old_disk = server.disk.clone();
        }
    }

    fn arrive(&mut self, number: usize, arrival: Arrival) {
        let arrival = match arrival {
            Arrival::Parcel(parcel) if self.is_lost(parcel.incarnation) => return,
            Arrival::Parcel(parcel) => match self.network.pass(parcel) {
                Some(parcel) => Arrival::Parcel(parcel),
                None => return,
            },
            other => other,
        };
        let server = &mut self.servers[number];
        let Some(process) = &mut server.process else { return };
        if server.stopped {
            process.inbox.push_back(arrival);
            return;
        }
        if self.trace
            && let Arrival::Parcel(Parcel { from, message: Message::Frame(key, frame), .. }) =
                &arrival
        {
            let text = format!("{from} -> {number} {key} {frame:?}");
            print(&format!("{:>8} {}", self.now, text.chars().take(2000).collect::<String>()));
        }
        if let Some((to, message)) = process.arrives(self.now, arrival) {
            self.send(number, to, message);
        }
        self.drain(number);
    }

    /// Carries out what a server wants.
    pub(crate) fn drain(&mut self, number: usize) {
        let server = &mut self.servers[number];
        let Some(process) = &mut server.process else { return };
        let changed = process.changed(self.now);
        server.unsynced.extend(changed);
        let curbed = process.effects.counts.curbed;
        if curbed > std::mem::replace(&mut process.curbed, curbed) {
            self.users.curbed.insert(number, self.now);
            *self.struck.entry("questions curbed").or_default() += 1;
        }
        self.fetch(number);
        let Some(process) = &mut self.servers[number].process else { return };
        let frames = std::mem::take(&mut process.effects.frames);
        let answers = process.answers();
        for (to, key, frame) in frames {
            if let Frame::Dropped(_) = frame {
                // Is said when the copy is gone from the disk too.
                let server = &mut self.servers[number];
                server.unsynced.retain(|(changed, _)| *changed != key);
                server.disk.remove(&key);
            }
            let to = crate::process::number_of(to);
            self.send(number, to, Message::Frame(key, Box::new(frame)));
        }
        for (ticket, answer) in answers {
            self.digest = self.digest.wrapping_mul(31).wrapping_add(ticket.0 ^ self.now);
            self.say(|| format!("{number} answers {ticket:?}: {}", brief(&answer)));
            let fires = match (&self.armed, &answer) {
                (Some(Trigger::Answers), Answer::Done { .. } | Answer::Session { .. }) => true,
                (Some(Trigger::ShowsChange), Answer::Session { record, .. }) => {
                    let (at, server, key) = self.changing;
                    server == number && key == Some(record.key) && self.now <= at + 10
                }
                _ => false,
            };
            if answer == Answer::Absent {
                self.notice_astray(ticket);
            }
            self.users.hear(ticket, answer, self.now);
            if fires {
                self.armed = None;
                self.doomed = Some(number);
            }
        }
    }

    fn send(&mut self, from: usize, to: usize, message: Message) {
        let Some(process) = &self.servers[from].process else { return };
        let Some(generation) = process.links.get(&to).copied() else { return };
        let incarnation = process.own.incarnation;
        let parcel = Parcel { from, to, generation, incarnation, message };
        let mut delay = 1 + self.chance.of(0..3);
        let tricks = self.plan.tricks;
        let mut copies = 1;
        let plays = tricks > 0 && matches!(parcel.message, Message::Frame(..));
        if plays && self.chance.of(0..1000) < tricks {
            // Where all promises are to hold nothing is lost, as long as the connection is there.
            let first = u64::from(self.plan.kind.is_strict());
            match self.chance.of(first..3) {
                0 => copies = 0,
                1 => copies = 2,
                // Less than what makes others give up.
                _ if first == 1 => delay += self.chance.of(1..90),
                _ => delay += self.chance.of(1..2000),
            }
        }
        for _ in 0..copies {
            let when = if delay > 4 || copies > 1 {
                self.now + delay + self.chance.of(0..50)
            } else {
                self.network.arrival(from, to, self.now + delay)
            };
            self.later(when, Item::Arrive(to, Arrival::Parcel(parcel.clone())));
        }
    }
}

fn brief(answer: &Answer) -> String {
    match answer {
        Answer::Session { record, .. } => {
            format!("{:?} {:?}", record.version, record.live().map(|live| &live.attributes))
        }
        other => format!("{other:?}"),
    }
}
