//! The sessions of one part of all keys, on one server.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use copal_protocol::session_key::SessionKey;

use crate::act::Ticket;
use crate::call::Call;
use crate::effects::Effects;
use crate::frame::Frame;
use crate::incarnation::Incarnation;
use crate::place::Place;
use crate::record::Record;
use crate::seat::Seat;
use crate::server_id::ServerId;
use crate::surroundings::Surroundings;
use crate::waiting::Origin;

/// The sessions of one part of all keys, on one server: events in, effects out.
#[derive(Debug, Default)]
pub struct Shard {
    seats: BTreeMap<SessionKey, Seat>,
    /// Those with something under way: these are looked at whenever time passes.
    busy: BTreeSet<SessionKey>,
    /// Up to here was looked after what nobody asks for.
    cared: Option<SessionKey>,
}

/// Something that happens.
#[derive(Debug, Clone)]
pub enum Event {
    /// A request of this server wants something. Its answer will bear the ticket.
    Call(Ticket, Box<Call>),
    /// Another server says something, in this start of it. What one connection brings comes in its
    /// order, and nothing of an older connection after something of a newer one.
    Frame {
        /// Who says it.
        from: ServerId,
        /// In which start.
        incarnation: Incarnation,
        /// About which session.
        key: SessionKey,
        /// What it says.
        frame: Box<Frame>,
    },
    /// There is a connection to another server.
    Met(ServerId),
    /// It broke.
    Lost(ServerId),
    /// Time has passed. To be told at least every tenth of a second.
    Tick,
}

/// In so many ticks all sessions are looked after once, though nobody asks for them; but at each tick not
/// more than the second number of them.
const ROUND: usize = 16;
const CARE: usize = 256;

impl Shard {
    /// A session as the disk had it when this server was started.
    pub fn restore(&mut self, record: Record, around: &Surroundings<'_>) {
        let key = record.key;
        let seat = self.seats.entry(key).or_insert_with(|| Seat::new(key, around.now));
        seat.restore(record);
    }

    /// What is here of a session.
    #[must_use]
    pub fn place(&self, key: SessionKey) -> Option<&Place> {
        self.seats.get(&key).map(Seat::place)
    }

    /// All sessions of which something is here.
    pub fn places(&self) -> impl Iterator<Item = (SessionKey, &Place)> {
        self.seats.iter().map(|(key, seat)| (*key, seat.place()))
    }

    /// Something happens.
    pub fn on(&mut self, event: Event, around: &Surroundings<'_>, out: &mut Effects) {
        match event {
            Event::Call(ticket, call) => {
                let (key, origin) = (call.key, Origin::Here(ticket));
                self.at(key, around, |seat| seat.call(*call, origin, 0, around, out));
            }
            Event::Frame { from, incarnation, key, frame } => {
                self.at(key, around, |seat| seat.hear(from, incarnation, *frame, around, out));
            }
            Event::Met(server) => {
                for key in self.busy.clone() {
                    self.at(key, around, |seat| seat.met(server, around, out));
                }
            }
            Event::Lost(server) => {
                for key in self.busy.clone() {
                    self.at(key, around, |seat| seat.lost(server, around, out));
                }
            }
            Event::Tick => self.tick(around, out),
        }
    }

    fn tick(&mut self, around: &Surroundings<'_>, out: &mut Effects) {
        for key in self.busy.clone() {
            self.at(key, around, |seat| seat.tick(false, around, out));
        }
        let from = self.cared.map_or(Bound::Unbounded, Bound::Excluded);
        let next = self.seats.range((from, Bound::Unbounded)).map(|(key, _)| *key);
        let count = self.seats.len().div_ceil(ROUND).min(CARE);
        let next: Vec<SessionKey> = next.take(count).collect();
        self.cared = next.last().copied().filter(|_| next.len() == count);
        for key in next {
            self.at(key, around, |seat| seat.tick(true, around, out));
        }
    }

    /// Something happens to one session.
    fn at(&mut self, key: SessionKey, around: &Surroundings<'_>, what: impl FnOnce(&mut Seat)) {
        let seat = self.seats.entry(key).or_insert_with(|| Seat::new(key, around.now));
        what(seat);
        if seat.is_busy() {
            self.busy.insert(key);
        } else {
            self.busy.remove(&key);
            if !seat.is_used() {
                self.seats.remove(&key);
            }
        }
    }
}
