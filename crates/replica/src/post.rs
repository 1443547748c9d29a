//! What this server is for one session, with the duties of that: acting owner, holder, or neither.

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use copal_protocol::session_key::SessionKey;

use crate::act::{Act, Ticket};
use crate::beginning::Beginning;
use crate::call::Order;
use crate::copy::{Copy, Reply};
use crate::effects::Effects;
use crate::epoch::Epoch;
use crate::frame::Frame;
use crate::holders::{Holder, Standing};
use crate::incarnation::Incarnation;
use crate::news::News;
use crate::outline::Outline;
use crate::owned::Owned;
use crate::place::Place;
use crate::plant::{Plant, has};
use crate::record::Record;
use crate::scene::Scene;
use crate::server_id::ServerId;
use crate::step::Step;
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
    /// When it was used last.
    pub(crate) used: Duration,
    /// When the acting owner was heard of last, or this server began to act.
    pub(crate) heard: Duration,
    /// When the others were told that it is used.
    pub(crate) touched: Duration,
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
            used: now,
            heard: now,
            touched: now,
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
        self.perform(acts, out);
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
        // Nobody knows when it was used last by way of somebody else.
        (self.used, self.heard, self.touched) = (around.now, around.now, around.now);
        out.changed.push(self.key);
        self.perform(acts, out);
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

    /// The acting owner sends a step.
    pub(crate) fn take_step(
        &mut self,
        from: ServerId,
        step: &Step,
        around: &Surroundings<'_>,
        out: &mut Effects,
    ) {
        self.take(from, step.to.epoch, |copy| copy.take_step(step), around, out);
    }

    /// The acting owner sends everything.
    pub(crate) fn take_record(
        &mut self,
        from: ServerId,
        record: Arc<Record>,
        around: &Surroundings<'_>,
        out: &mut Effects,
    ) {
        let epoch = record.version.epoch;
        self.take(from, epoch, |copy| copy.take_record(record), around, out);
    }

    /// The acting owner sends all but what the session holds.
    pub(crate) fn take_outline(
        &mut self,
        from: ServerId,
        outline: &Outline,
        around: &Surroundings<'_>,
        out: &mut Effects,
    ) {
        self.take(from, outline.version.epoch, |copy| copy.take_outline(outline), around, out);
    }

    fn take(
        &mut self,
        from: ServerId,
        epoch: Epoch,
        take: impl FnOnce(&mut Copy) -> Reply,
        around: &Surroundings<'_>,
        out: &mut Effects,
    ) {
        let proof = |record: &Record| record.live().map(|live| live.proof.at);
        let before = self.place.record().map(proof);
        let reply = match self.copy_below(epoch, out) {
            Ok(copy) => take(copy),
            Err(higher) => Reply::Higher(higher),
        };
        // A holder that is new may have missed the rotation by a moment.
        if before.is_some() && before != self.place.record().map(proof) {
            self.rotated = Some(around.now);
        }
        self.has_taken(from, reply, around, out);
    }

    fn has_taken(
        &mut self,
        from: ServerId,
        reply: Reply,
        around: &Surroundings<'_>,
        out: &mut Effects,
    ) {
        if !matches!(reply, Reply::Higher(_)) {
            (self.hint, self.heard) = (Some(from), around.now);
            self.used = around.now;
        }
        if matches!(reply, Reply::Held(_)) {
            out.changed.push(self.key);
        }
        out.send(from, self.key, Frame::Reply(reply));
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
            Reply::Differs(_) => {}
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

    /// The acting owner says what there should be.
    pub(crate) fn touched(
        &mut self,
        from: ServerId,
        version: Version,
        age: Duration,
        around: &Surroundings<'_>,
        out: &mut Effects,
    ) {
        let reply = match self.copy_below(version.epoch, out) {
            Err(higher) => Reply::Higher(higher),
            Ok(copy) => copy.compare(version),
        };
        if !matches!(reply, Reply::Higher(_)) {
            (self.hint, self.heard) = (Some(from), around.now);
            if !has(Plant::HolderExpires) {
                self.used = self.used.max(around.now.saturating_sub(age));
            }
        }
        // One that is known to have everything says nothing.
        let holders = self.place.record().map(|record| &record.holders);
        let listed = holders.and_then(|holders| holders.get(around.own.server));
        let is_known = listed.is_some_and(|own| own.standing == Standing::Current);
        if !(is_known && matches!(reply, Reply::Held(_))) {
            out.send(from, self.key, Frame::Reply(reply));
        }
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
    fn copy_below(&mut self, epoch: Epoch, out: &mut Effects) -> Result<&mut Copy, Epoch> {
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

    fn perform(&mut self, acts: Vec<Act>, out: &mut Effects) {
        let Some(version) = self.place.record().map(|record| record.version) else { return };
        for act in acts {
            match act {
                Act::Step(to, step) => out.send(to, self.key, Frame::Step(step)),
                Act::Record(to, record) => out.send(to, self.key, Frame::Record(record)),
                Act::Outline(to, outline) => out.send(to, self.key, Frame::Outline(outline)),
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
