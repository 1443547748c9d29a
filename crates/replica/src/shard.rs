//! The sessions of one part of all keys, on one server.

use std::collections::BTreeSet;
use std::hash::{BuildHasherDefault, DefaultHasher};

use copal_protocol::session_key::SessionKey;
use indexmap::IndexMap;

use crate::act::Ticket;
use crate::answer::Answer;
use crate::call::{Call, Want};
use crate::effects::Effects;
use crate::finds::Finds;
use crate::frame::Frame;
use crate::incarnation::Incarnation;
use crate::live::WallTime;
use crate::place::Place;
use crate::plant::{Plant, has};
use crate::record::Record;
use crate::seat::Seat;
use crate::server_id::ServerId;
use crate::surroundings::{Clocks, Surroundings};
use crate::usage::{restored, wall_of};
use crate::waiting::Origin;

/// The sessions of one part of all keys, on one server: events in, effects out.
#[derive(Debug, Clone, Default)]
pub struct Shard {
    seats: IndexMap<SessionKey, Box<Seat>, BuildHasherDefault<DefaultHasher>>,
    /// Those with something under way: these are looked at whenever time passes.
    busy: BTreeSet<SessionKey>,
    finds: Finds,
    /// So many of them were looked after in this round, though nobody asks for them.
    cared: usize,
    /// The others, as they were when that was done last.
    situation: u64,
    /// For so many ticks more there may be much to do.
    hurry: usize,
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

/// In so many ticks all sessions are looked after once, though nobody asks for them: when something is
/// different about the other servers, and when nothing is. But at each tick not more than the third number
/// of them.
const HURRIED_ROUND: usize = 16;
const CALM_ROUND: usize = 64;
const CARE: usize = 256;

impl Shard {
    /// A session as the disk had it when this server was started, last used at this time of day.
    pub fn restore(&mut self, record: Record, used: Option<WallTime>, around: &Surroundings<'_>) {
        let key = record.key;
        let seat = self.seats.entry(key).or_insert_with(|| Box::new(Seat::new(key, around.now)));
        let used = restored(&record, used, around);
        seat.restore(record, used);
    }

    /// What the disk is to have of a session, with the time of day at which it was last used. The clocks
    /// stand at `clocks`.
    #[must_use]
    pub fn kept(&self, key: SessionKey, clocks: Clocks) -> Option<(&Record, Option<WallTime>)> {
        let seat = self.seats.get(&key)?;
        Some((seat.place().record()?, wall_of(seat.post.used, clocks.running, clocks.wall)))
    }

    /// What is here of a session.
    #[must_use]
    pub fn place(&self, key: SessionKey) -> Option<&Place> {
        self.seats.get(&key).map(|seat| seat.place())
    }

    /// All sessions of which something is here.
    pub fn places(&self) -> impl Iterator<Item = (SessionKey, &Place)> {
        self.seats.iter().map(|(key, seat)| (*key, seat.place()))
    }

    /// Something happens.
    pub fn on(&mut self, event: Event, around: &Surroundings<'_>, out: &mut Effects) {
        match event {
            Event::Call(ticket, call) => {
                if self.is_denied(&call, around, out) {
                    return out.answers.push((ticket, Answer::Absent));
                }
                let (key, origin) = (call.key, Origin::Here(ticket));
                self.at(key, around, out, |seat, out| seat.call(*call, origin, 0, around, out));
            }
            Event::Frame { from, incarnation, key, frame } => {
                if let Frame::Call { number, call, .. } = &*frame
                    && self.is_denied(call, around, out)
                {
                    let (number, answer) = (*number, Box::new(Answer::Absent));
                    return out.send(from, key, Frame::Answer { number, answer });
                }
                self.at(key, around, out, |seat, out| {
                    seat.hear(from, incarnation, *frame, around, out);
                });
            }
            Event::Met(server) => {
                for key in self.busy.clone() {
                    self.at(key, around, out, |seat, out| seat.met(server, around, out));
                }
            }
            Event::Lost(server) => {
                for key in self.busy.clone() {
                    self.at(key, around, out, |seat, out| seat.lost(server, around, out));
                }
            }
            Event::Tick => self.tick(around, out),
        }
    }

    fn tick(&mut self, around: &Surroundings<'_>, out: &mut Effects) {
        for key in self.busy.clone() {
            self.at(key, around, out, |seat, out| seat.tick(false, around, out));
        }
        let count = self.seats.len().div_ceil(self.round(around)).min(CARE);
        let next: Vec<SessionKey> =
            self.seats.keys().skip(self.cared).take(count).copied().collect();
        // Whoever moves to the place of one that goes may be left out once.
        self.cared = if next.len() == count { self.cared + count } else { 0 };
        for key in next {
            self.at(key, around, out, |seat, out| seat.tick(true, around, out));
        }
    }

    /// In how many ticks all sessions are looked after.
    fn round(&mut self, around: &Surroundings<'_>) -> usize {
        let situation = around.situation();
        if situation != self.situation {
            self.situation = situation;
            // What was not finished is begun anew; and so many sessions there are at the most.
            self.hurry = 2 * HURRIED_ROUND.max(self.seats.len().div_ceil(CARE));
        }
        if self.hurry == 0 {
            return CALM_ROUND;
        }
        self.hurry -= 1;
        HURRIED_ROUND
    }

    /// Whether a call asks for a session of which it was found a moment ago that there is none.
    fn is_denied(&self, call: &Call, around: &Surroundings<'_>, out: &mut Effects) -> bool {
        let loads = matches!(call.want, Want::Load(_)) && !self.seats.contains_key(&call.key);
        let denied = loads && out.strangers.denies(call.key, &call.order, around);
        out.counts.spared += u64::from(denied);
        denied
    }

    /// Something happens to one session.
    fn at(
        &mut self,
        key: SessionKey,
        around: &Surroundings<'_>,
        out: &mut Effects,
        what: impl FnOnce(&mut Seat, &mut Effects),
    ) {
        let finds = &mut self.finds;
        let seat = self.seats.entry(key).or_insert_with(|| {
            let mut seat = Seat::new(key, around.now);
            seat.post.hint = finds.take(key);
            Box::new(seat)
        });
        what(seat, out);
        if seat.holds_something() {
            out.strangers.are_met(key);
        }
        if seat.is_busy() {
            self.busy.insert(key);
        } else {
            self.busy.remove(&key);
            if !seat.is_used() && !has(Plant::KeepsSeats) {
                let gone = self.seats.swap_remove(&key).and_then(|seat| seat.post.hint);
                gone.into_iter().for_each(|server| self.finds.keep(key, server));
            }
        }
    }
}

#[cfg(test)]
mod tests;
