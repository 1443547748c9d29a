//! The connections between the servers, and what is under way on them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use copal_protocol::session_key::SessionKey;
use copal_replica::frame::Frame;
use copal_replica::heartbeat::{Heartbeat, HeartbeatAnswer};
use copal_replica::incarnation::Incarnation;

/// Something that one server sends to another. On the wire all of it would be bytes.
#[derive(Debug, Clone)]
pub(crate) enum Message {
    /// Are you there?
    Beat(Heartbeat),
    /// I am.
    BeatAnswer(HeartbeatAnswer),
    /// About a session.
    Frame(SessionKey, Box<Frame>),
}

/// A message, with its connection.
#[derive(Debug, Clone)]
pub(crate) struct Parcel {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) generation: u64,
    pub(crate) incarnation: Incarnation,
    pub(crate) message: Message,
}

/// The network. Servers are numbers here; a connection is known by its generation, and brings what
/// is sent over it in order and once, as TCP does, unless the network plays tricks.
#[derive(Debug, Default)]
pub(crate) struct Network {
    /// The generation of the connection between two servers, the lower number first.
    open: BTreeMap<(usize, usize), u64>,
    generation: u64,
    /// One-way cuts.
    cut: BTreeSet<(usize, usize)>,
    /// What does not get through a cut.
    held: BTreeMap<(usize, usize), VecDeque<Parcel>>,
    /// When the last message of one direction arrives.
    last: BTreeMap<(usize, usize), u64>,
}

const fn pair(one: usize, other: usize) -> (usize, usize) {
    if one < other { (one, other) } else { (other, one) }
}

impl Network {
    pub(crate) fn generation(&self, one: usize, other: usize) -> Option<u64> {
        self.open.get(&pair(one, other)).copied()
    }

    /// Opens a connection between two servers.
    pub(crate) fn open(&mut self, one: usize, other: usize) -> u64 {
        self.generation += 1;
        self.open.insert(pair(one, other), self.generation);
        self.held.remove(&(one, other));
        self.held.remove(&(other, one));
        self.generation
    }

    /// Closes it. What was sent before still arrives.
    pub(crate) fn close(&mut self, one: usize, other: usize) {
        self.open.remove(&pair(one, other));
        self.held.remove(&(one, other));
        self.held.remove(&(other, one));
    }

    pub(crate) fn is_cut(&self, from: usize, to: usize) -> bool {
        self.cut.contains(&(from, to))
    }

    /// Whether a packet gets there and back.
    pub(crate) fn reaches(&self, one: usize, other: usize) -> bool {
        !self.is_cut(one, other) && !self.is_cut(other, one)
    }

    pub(crate) fn cut(&mut self, from: usize, to: usize) {
        self.cut.insert((from, to));
    }

    /// Mends a cut. What was held goes on.
    pub(crate) fn mend(&mut self, from: usize, to: usize) -> VecDeque<Parcel> {
        self.cut.remove(&(from, to));
        self.held.remove(&(from, to)).unwrap_or_default()
    }

    pub(crate) fn cuts(&self) -> Vec<(usize, usize)> {
        self.cut.iter().copied().collect()
    }

    /// Holds a message back that does not get through. Returns it when it does.
    pub(crate) fn pass(&mut self, parcel: Parcel) -> Option<Parcel> {
        let way = (parcel.from, parcel.to);
        if !self.cut.contains(&way) {
            return Some(parcel);
        }
        if self.generation(parcel.from, parcel.to) == Some(parcel.generation) {
            self.held.entry(way).or_default().push_back(parcel);
        }
        None
    }

    /// When a message arrives that would take until `at`: never before the one that was sent before.
    pub(crate) fn arrival(&mut self, from: usize, to: usize, at: u64) -> u64 {
        let last = self.last.entry((from, to)).or_default();
        *last = at.max(*last);
        *last
    }
}
