//! The sessions of one part of all keys, on one server.

use std::collections::BTreeSet;
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::time::Duration;

use copal_protocol::session_key::SessionKey;
use indexmap::IndexMap;

use crate::act::Ticket;
use crate::answer::Answer;
use crate::call::{Call, Want};
use crate::dossier::Dossier;
use crate::effects::Effects;
use crate::finds::Finds;
use crate::frame::Frame;
use crate::happening::Happening;
use crate::incarnation::Incarnation;
use crate::live::WallTime;
use crate::place::Place;
use crate::plant::{Plant, has};
use crate::record::Record;
use crate::residents::Residents;
use crate::server_id::ServerId;
use crate::surroundings::{Clocks, Surroundings};
use crate::usage::{last_use_of, wall_of};
use crate::waiting::Origin;

/// The sessions of one part of all keys, on one server: events in, effects out.
#[derive(Debug, Clone, Default)]
pub struct Shard {
    dossiers: Dossiers,
    /// Those with something under way: these are looked at whenever time passes.
    busy: BTreeSet<SessionKey>,
    finds: Finds,
    /// So many of them were looked after in this round, though nobody asks for them.
    cared: usize,
    /// The others, as they were when that was done last.
    situation: u64,
    /// For so many ticks more there may be much to do.
    hurry: usize,
    /// Those whose content is in memory.
    residents: Residents,
    /// So many are being fetched from the disk.
    fetching: usize,
}

type Dossiers = IndexMap<SessionKey, Box<Dossier>, BuildHasherDefault<DefaultHasher>>;

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
    /// What [`Effects::fetches`] asked for was read from the disk: the newest record that there is.
    Fetched {
        /// Which session.
        key: SessionKey,
        /// The number of the fetch.
        number: u64,
        /// What was read; `None` when that cannot be, or is damaged.
        record: Option<Box<Record>>,
    },
    /// There is no room in memory for this session, and no disk: it ends.
    NoRoom(SessionKey),
    /// Time has passed. To be told at least every tenth of a second.
    Tick,
}

/// In so many ticks all sessions are looked after once, though nobody asks for them: when something is
/// different about the other servers, and when nothing is. But at each tick not more than the third number
/// of them.
const HURRIED_ROUND: usize = 16;
const CALM_ROUND: usize = 64;
const CARE: usize = 256;

/// At each tick not much more than this is sent for sessions for which nobody asks, in bytes: whoever asks
/// for one does not wait behind them.
const SENT_AT_ONCE: usize = 1 << 20;

/// About how many bytes a frame has, if it may have many.
fn weight(frame: &Frame) -> usize {
    match frame {
        Frame::Record { record, .. } => record.live().map_or(0, |live| live.attributes.size()),
        _ => 0,
    }
}
/// While so many sessions are being fetched from the disk no more are for what nobody waits for.
const FETCHES: usize = 64;

impl Shard {
    /// A session as the disk had it when this server was started, last used at this time of day. With `stowed`
    /// what it holds stays on the disk until somebody needs it.
    pub fn restore(
        &mut self,
        record: Record,
        used: Option<WallTime>,
        stowed: bool,
        around: &Surroundings<'_>,
    ) {
        let (key, kept) = (record.key, last_use_of(used, around));
        dossier(&mut self.dossiers, &mut self.finds, key, around)
            .restore(record, kept, stowed, around.now);
        self.note(key, false, around);
    }

    /// What the disk is to have of a session, with the time of day at which it was last used. The clocks
    /// stand at `clocks`.
    #[must_use]
    pub fn kept(&self, key: SessionKey, clocks: Clocks) -> Option<(&Record, Option<WallTime>)> {
        let dossier = self.dossiers.get(&key)?;
        let used = wall_of(dossier.used(), clocks.running, clocks.wall);
        Some((dossier.place().record()?, used))
    }

    /// How many sessions take room in memory: own ones by the path of their web-app, and under `None` those
    /// for which other servers act.
    pub fn residents(&self) -> impl Iterator<Item = (Option<&str>, usize)> {
        self.residents.counts()
    }

    /// The least used of them, so many at most, each with when it was used, in running time.
    pub fn least_used(
        &self,
        whose: Option<&str>,
        most: usize,
    ) -> impl Iterator<Item = (Duration, SessionKey)> {
        self.residents.least_used(whose, most)
    }

    /// The record of this session, as it is here, is safe on the disk: what it holds need not be in memory.
    /// Returns whether it is not any more; it stays while something is under way.
    pub fn stow(&mut self, key: SessionKey, around: &Surroundings<'_>, out: &mut Effects) -> bool {
        let stowed = self.dossiers.get_mut(&key).is_some_and(|dossier| dossier.stow());
        out.counts.stowed += u64::from(stowed);
        // One that stays is not looked at again so soon.
        self.note(key, !stowed, around);
        stowed
    }

    /// This session cannot leave memory at this moment: it is not looked at again so soon.
    pub fn spare(&mut self, key: SessionKey, around: &Surroundings<'_>) {
        self.note(key, true, around);
    }

    /// What is here of a session.
    #[must_use]
    pub fn place(&self, key: SessionKey) -> Option<&Place> {
        self.dossiers.get(&key).map(|dossier| dossier.place())
    }

    /// All sessions of which something is here.
    pub fn places(&self) -> impl Iterator<Item = (SessionKey, &Place)> {
        self.dossiers.iter().map(|(key, dossier)| (*key, dossier.place()))
    }

    /// Something happens.
    pub fn on(&mut self, event: Event, around: &Surroundings<'_>, out: &mut Effects) {
        match event {
            Event::Call(ticket, call) => {
                if self.is_denied(&call, around, out) {
                    return out.answers.push((ticket, Answer::Absent));
                }
                let (key, origin) = (call.key, Origin::Here(ticket));
                self.at(key, Happening::Call { call, origin, hops: 0 }, around, out);
            }
            Event::Frame { from, incarnation, key, frame } => {
                if let Frame::Call { number, call, .. } = &*frame
                    && self.is_denied(call, around, out)
                {
                    let (number, answer) = (*number, Box::new(Answer::Absent));
                    return out.send(from, key, Frame::Answer { number, answer });
                }
                self.at(key, Happening::Frame { from, incarnation, frame }, around, out);
            }
            Event::Met(server) => self.at_all_busy(&Happening::Met(server), around, out),
            Event::Lost(server) => self.at_all_busy(&Happening::Lost(server), around, out),
            Event::Fetched { key, number, record } => {
                let record = record.map(|record| *record);
                self.with(key, true, around, out, |one, out| {
                    one.fetched(number, record, around, out);
                });
            }
            Event::NoRoom(key) => {
                self.at(key, Happening::NoRoom, around, out);
                // One that stays is not looked at again so soon.
                self.note(key, true, around);
            }
            Event::Tick => self.tick(around, out),
        }
    }

    fn tick(&mut self, around: &Surroundings<'_>, out: &mut Effects) {
        self.at_all_busy(&Happening::Tick, around, out);
        let count = self.dossiers.len().div_ceil(self.round(around)).min(CARE);
        let next: Vec<SessionKey> =
            self.dossiers.keys().skip(self.cared).take(count).copied().collect();
        let (mut sent, mut done) = (0, 0);
        for key in &next {
            let before = out.frames.len();
            self.at(*key, Happening::Care, around, out);
            sent += out.frames.iter().skip(before).map(|(.., frame)| weight(frame)).sum::<usize>();
            done += 1;
            if sent >= SENT_AT_ONCE {
                break;
            }
        }
        // Whoever moves to the place of one that goes may be left out once.
        self.cared = if done == count || done < next.len() { self.cared + done } else { 0 };
    }

    /// In how many ticks all sessions are looked after.
    fn round(&mut self, around: &Surroundings<'_>) -> usize {
        let situation = around.situation();
        if situation != self.situation {
            self.situation = situation;
            // What was not finished is begun anew; and so many sessions there are at the most.
            self.hurry = 2 * HURRIED_ROUND.max(self.dossiers.len().div_ceil(CARE));
        }
        if self.hurry == 0 {
            return CALM_ROUND;
        }
        self.hurry -= 1;
        HURRIED_ROUND
    }

    /// Whether a call asks for a session of which it was found a moment ago that there is none.
    fn is_denied(&self, call: &Call, around: &Surroundings<'_>, out: &mut Effects) -> bool {
        let loads = matches!(call.want, Want::Load(_)) && !self.dossiers.contains_key(&call.key);
        let denied = loads && out.strangers.denies(call.key, &call.order, around);
        out.counts.spared += u64::from(denied);
        denied
    }

    fn at_all_busy(&mut self, happening: &Happening, around: &Surroundings<'_>, out: &mut Effects) {
        for key in self.busy.clone() {
            self.at(key, happening.clone(), around, out);
        }
    }

    /// Something happens to one session.
    fn at(
        &mut self,
        key: SessionKey,
        happening: Happening,
        around: &Surroundings<'_>,
        out: &mut Effects,
    ) {
        let may_fetch = self.fetching < FETCHES && !around.is_pressed();
        let uses = happening.uses();
        self.with(key, uses, around, out, |one, out| one.on(happening, may_fetch, around, out));
    }

    fn with(
        &mut self,
        key: SessionKey,
        uses: bool,
        around: &Surroundings<'_>,
        out: &mut Effects,
        what: impl FnOnce(&mut Dossier, &mut Effects),
    ) {
        let dossier = dossier(&mut self.dossiers, &mut self.finds, key, around);
        let fetched_before = dossier.is_fetched();
        what(dossier, out);
        self.fetching += usize::from(dossier.is_fetched());
        self.fetching -= usize::from(fetched_before);
        if dossier.place().is_something() {
            out.strangers.are_met(key);
        }
        if dossier.is_busy() {
            self.busy.insert(key);
        } else {
            self.busy.remove(&key);
        }
        self.note(key, uses, around);
    }

    /// Lists a session, or not, after something happened to it; one of which nothing is left is forgotten.
    fn note(&mut self, key: SessionKey, used: bool, around: &Surroundings<'_>) {
        let Some(dossier) = self.dossiers.get_mut(&key) else { return };
        let mut stay = dossier.stay.take();
        let place = dossier.is_resident().then(|| dossier.place());
        self.residents.note(key, place, &mut stay, used, around.now);
        dossier.stay = stay;
        if !dossier.is_used() && !has(Plant::KeepsSeats) {
            let gone = self.dossiers.swap_remove(&key).and_then(|dossier| dossier.found_at());
            gone.into_iter().for_each(|server| self.finds.keep(key, server));
        }
    }
}

fn dossier<'d>(
    dossiers: &'d mut Dossiers,
    finds: &mut Finds,
    key: SessionKey,
    around: &Surroundings<'_>,
) -> &'d mut Dossier {
    dossiers.entry(key).or_insert_with(|| {
        let mut new = Box::new(Dossier::new(key, around.now));
        new.expect_at(finds.take(key));
        new
    })
}

#[cfg(test)]
mod tests;
