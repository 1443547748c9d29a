//! What this server is for one session, with the duties of that: acting owner, holder, or neither.

use std::mem;
use std::time::Duration;

use copal_protocol::session_key::SessionKey;

use crate::act::{Act, Ticket};
use crate::answer::Answer;
use crate::beginning::Beginning;
use crate::call::Order;
use crate::copy::{Copy, Reply};
use crate::effects::Effects;
use crate::epoch::Epoch;
use crate::frame::Frame;
use crate::holders::{Holder, Standing};
use crate::incarnation::Incarnation;
use crate::inquiry::Question;
use crate::last_use::LastUse;
use crate::news::News;
use crate::opinion::Opinion;
use crate::owned::Owned;
use crate::place::Place;
use crate::plant::{Plant, has};
use crate::record::Record;
use crate::scene::Scene;
use crate::server_id::ServerId;
use crate::surroundings::Surroundings;
use crate::version::Version;

/// What this server is for one session. Times are running time.
#[derive(Debug, Clone)]
pub(crate) struct Post {
    pub(crate) key: SessionKey,
    pub(crate) place: Place,
    /// The servers that the id names, as far as a call has told.
    pub(crate) order: Order,
    /// The server that acts, as far as it is known.
    pub(crate) hint: Option<ServerId>,
    /// The highest epoch of which others have said that it was begun.
    pub(crate) begun: Option<Epoch>,
    /// The highest epoch that was ever heard of, begun or not.
    pub(crate) heard_of: Option<Epoch>,
    /// When it was used last, as far as this server knows.
    pub(crate) used: LastUse,
    /// When the acting owner was heard of last, or this server began to act.
    pub(crate) heard: Duration,
    /// The last use of which the others were told, and when they were told anything.
    pub(crate) told: LastUse,
    pub(crate) touched: Duration,
    /// The last use of which the disk was told.
    pub(crate) kept: LastUse,
    /// When the id was rotated last, as far as this server saw that.
    pub(crate) rotated: Option<Duration>,
    /// Since when everybody knows that it has ended.
    pub(crate) over: Option<Duration>,
    /// What calls have to be told.
    pub(crate) news: News,
}

impl Post {
    /// Nothing is known of the session.
    pub(crate) fn new(key: SessionKey, now: Duration) -> Self {
        Self {
            key,
            place: Place::default(),
            order: Order::new(),
            hint: None,
            begun: None,
            heard_of: None,
            used: LastUse::default(),
            heard: now,
            told: LastUse::default(),
            touched: now,
            kept: LastUse::default(),
            rotated: None,
            over: None,
            news: News::default(),
        }
    }

    /// The next epoch that this server may begin: above everything that it has heard of.
    pub(crate) fn proposal(&self, around: &Surroundings<'_>) -> Option<Epoch> {
        let own = around.own;
        match self.place.begun().max(self.place.promised()).max(self.heard_of) {
            Some(known) => known.next(own.index, own.incarnation),
            None => Some(Epoch::first(own.index, own.incarnation)),
        }
    }

    /// What this server says to one that asks who acts, and would begin `proposed` itself.
    pub(crate) fn opinion(
        &mut self,
        question: &Question,
        proposed: Option<Epoch>,
        around: &Surroundings<'_>,
    ) -> Opinion {
        let opinion = self.place.answer(question, proposed, around);
        let age = self.used.age(around.now).filter(|_| opinion.copy.is_some());
        Opinion { age, ..opinion }
    }

    /// Another server has answered a call. Who does not have the session is not asked first the next time.
    pub(crate) fn has_answered(&mut self, from: ServerId, answer: &Answer) {
        let lacks = matches!(answer, Answer::Absent | Answer::Unknown | Answer::Failed);
        self.hint = Some(from).filter(|_| !lacks);
    }

    /// Whether this server may show what it has at this moment.
    pub(crate) fn may_speak(&self, around: &Surroundings<'_>) -> bool {
        match &self.place {
            Place::Acts(owned) => owned.may_speak(around.scene(&[])),
            Place::Copy(_) => false,
        }
    }

    /// The acting owner does something.
    pub(crate) fn act(
        &mut self,
        around: &Surroundings<'_>,
        out: &mut Effects,
        what: impl FnOnce(&mut Owned, Scene<'_>) -> Vec<Act>,
    ) {
        let Place::Acts(owned) = &mut self.place else { return };
        let wanted = owned.wants_others(around.scene(&[]));
        let candidates = if wanted { around.candidates(self.key, &self.order) } else { Vec::new() };
        let (holders, version) = (owned.record().holders.iter().len(), owned.record().version);
        let late = owned.late;
        let acts = what(owned, around.scene(&candidates));
        let now = owned.record();
        out.counts.late += owned.late - late;
        out.counts.substitutes += now.holders.iter().len().saturating_sub(holders) as u64;
        if now.version != version {
            out.changed.push(self.key);
        }
        self.perform(acts, around.now, out);
        self.withdraw_refused(around, out);
    }

    /// This server acts from now on; `tickets` wait until that counts.
    pub(crate) fn begin(
        &mut self,
        beginning: Beginning,
        epoch: Epoch,
        tickets: Vec<Ticket>,
        around: &Surroundings<'_>,
        out: &mut Effects,
    ) {
        let (server, incarnation) = (around.own.server, around.own.incarnation);
        let own = Holder { server, incarnation, standing: Standing::Current };
        out.counts.merges += u64::from(beginning.merges());
        if let Some(record) = beginning.record(epoch, own) {
            self.begin_with(record, tickets, around, out);
        }
    }

    /// The same, with a record that is made.
    pub(crate) fn begin_with(
        &mut self,
        record: Record,
        tickets: Vec<Ticket>,
        around: &Surroundings<'_>,
        out: &mut Effects,
    ) {
        let candidates = around.candidates(self.key, &self.order);
        let scene = around.scene(&candidates);
        let own = around.own.server;
        let (owned, acts) = Owned::begin(own, around.safety, record, tickets, scene);
        self.place = Place::Acts(Box::new(owned));
        self.hint = None;
        // Where nobody has said when it was used, that counts as now.
        self.used = self.used.or_now(around.now);
        // With the records.
        (self.told, self.kept) = (self.used, self.used);
        (self.heard, self.touched) = (around.now, around.now);
        out.changed.push(self.key);
        self.perform(acts, around.now, out);
        self.withdraw_refused(around, out);
    }

    /// Somebody else acts, or will.
    pub(crate) fn depose(&mut self, begun: Option<Epoch>, out: &mut Effects) {
        let before = mem::take(&mut self.place);
        let deposed = match before {
            Place::Acts(owned) => owned.depose(),
            copy @ Place::Copy(_) => {
                if !has(Plant::LosesCopy) {
                    self.place = copy;
                }
                return;
            }
        };
        let mut copy = Copy::left(deposed.record, &deposed.holders);
        begun.into_iter().for_each(|epoch| copy.hear_of(epoch));
        self.place = Place::Copy(copy);
        self.news.taken_back.extend(deposed.waiting);
        out.counts.deposed += 1;
        out.changed.push(self.key);
    }

    /// What a holder makes of what it was sent.
    pub(crate) fn hear_reply(
        &mut self,
        from: ServerId,
        incarnation: Incarnation,
        reply: Reply,
        around: &Surroundings<'_>,
        out: &mut Effects,
    ) {
        match reply {
            Reply::Held(version) => {
                self.act(around, out, |owned, scene| owned.held(from, incarnation, version, scene))
            }
            Reply::Lacks => self.act(around, out, |owned, scene| owned.lacks(from, scene)),
            Reply::Higher(epoch) => {
                self.heard_of = self.heard_of.max(Some(epoch));
                if self.place.begun() < Some(epoch) {
                    self.depose(None, out);
                }
            }
            // The other line is a matter of its own.
            Reply::Differs(..) => {}
        }
    }

    /// The acting owner does not need the copy, if it is not newer than this.
    pub(crate) fn drop_copy(&mut self, from: ServerId, version: Version, out: &mut Effects) {
        let Place::Copy(copy) = &self.place else { return };
        let known = copy.begun().max(copy.promised());
        let frame = match known.filter(|known| *known > version.epoch) {
            Some(higher) => Frame::Reply(Reply::Higher(higher)),
            // It was told to hold it again since.
            None if copy.record().is_some_and(|record| record.version > version) => return,
            None => {
                self.place = Place::default();
                self.hint = Some(from);
                out.changed.push(self.key);
                Frame::Dropped(version.epoch)
            }
        };
        out.send(from, self.key, frame);
    }

    /// It ended, and everybody knows.
    pub(crate) fn forget(&mut self, version: Version, out: &mut Effects) {
        let Place::Copy(copy) = &self.place else { return };
        let is_it = |record: &Record| record.live().is_none() && record.version <= version;
        if copy.record().is_some_and(is_it) {
            self.place = Place::default();
            out.changed.push(self.key);
        }
    }

    /// The copy here is what was left of a session that has ended.
    pub(crate) fn discard(&mut self, out: &mut Effects) {
        if matches!(&self.place, Place::Copy(copy) if copy.is_something()) {
            self.place = Place::default();
            out.changed.push(self.key);
        }
    }

    /// The copy here, to be changed by whoever acts by this epoch; or the higher epoch by which this
    /// server acts itself.
    pub(crate) fn copy_below(
        &mut self,
        epoch: Epoch,
        out: &mut Effects,
    ) -> Result<&mut Copy, Epoch> {
        if let Place::Acts(owned) = &self.place {
            let own = owned.record().version.epoch;
            if own >= epoch {
                return Err(own);
            }
            self.depose(Some(epoch), out);
        }
        match &mut self.place {
            Place::Copy(copy) => Ok(copy),
            // It was deposed above.
            Place::Acts(owned) => Err(owned.record().version.epoch),
        }
    }

    fn perform(&mut self, acts: Vec<Act>, now: Duration, out: &mut Effects) {
        let Some(version) = self.place.record().map(|record| record.version) else { return };
        let age = self.used.age(now);
        for act in acts {
            match act {
                Act::Step(to, step) => out.send(to, self.key, Frame::Step(step)),
                Act::Record(to, record) => {
                    out.send(to, self.key, Frame::Record { record, age });
                }
                Act::Outline(to, outline) => {
                    out.send(to, self.key, Frame::Outline { outline, age });
                }
                Act::Drop(to) => {
                    out.counts.shed += 1;
                    out.send(to, self.key, Frame::Drop(version));
                }
                Act::Acknowledge(ticket) => self.news.acknowledged.push(ticket),
                Act::Degraded => out.counts.degraded += 1,
                Act::Unsaved(ticket) => self.news.unsaved.push(ticket),
            }
        }
    }

    /// Whoever made the session was told that it is not safe, and does not know it: it is not kept.
    fn withdraw_refused(&mut self, around: &Surroundings<'_>, out: &mut Effects) {
        let Place::Acts(owned) = &self.place else { return };
        if self.news.unsaved.is_empty() || !owned.is_unborn() {
            return;
        }
        if !owned.is_only_here() {
            return self.act(around, out, Owned::withdraw);
        }
        self.place = Place::default();
        out.changed.push(self.key);
    }

    /// Whether something is here that must not be forgotten.
    pub(crate) fn holds_something(&self) -> bool {
        self.place.is_something()
    }
}
