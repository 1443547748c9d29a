//! Everything that this server has to do with one session.

mod happens;

use std::mem;
use std::time::Duration;

use copal_protocol::session_key::SessionKey;

use crate::act::Ticket;
use crate::answer::Answer;
use crate::asking::Asking;
use crate::beginning::Beginning;
use crate::call::{Call, Want};
use crate::care::look_after;
use crate::copy::Reply;
use crate::desk::Desk;
use crate::effects::Effects;
use crate::frame::Frame;
use crate::hand_back::accept;
use crate::incarnation::Incarnation;
use crate::inquiry::{Finding, Question};
use crate::opinion::Opinion;
use crate::other_line::take_in;
use crate::place::Place;
use crate::plant::{Plant, has};
use crate::post::Post;
use crate::reception::serve_all;
use crate::record::Record;
use crate::referral::send_on;
use crate::server_id::ServerId;
use crate::surroundings::Surroundings;
use crate::timing::HEARTBEAT;
use crate::usage::{hear_touch, touch_interval};
use crate::waiting::{Origin, Stage, Waiting};

/// Everything that this server has to do with one session. Times are running time.
#[derive(Debug, Clone)]
pub(crate) struct Seat {
    pub(crate) post: Post,
    desk: Desk,
    asking: Option<Box<Asking>>,
    /// Nobody is asked before this time.
    asks_from: Duration,
    /// All copies seem to be left over. That is looked at once more.
    doubts: bool,
    /// Somebody must act, although no call waits for it.
    must_act: bool,
}

impl Seat {
    /// Nothing is known of the session.
    pub(crate) fn new(key: SessionKey, now: Duration) -> Self {
        Self {
            post: Post::new(key, now),
            desk: Desk::new(key),
            asking: None,
            asks_from: Duration::ZERO,
            doubts: false,
            must_act: false,
        }
    }

    /// Whether something of the session is here.
    pub(crate) fn holds_something(&self) -> bool {
        self.post.holds_something()
    }

    /// Whether something is here that must not be forgotten.
    pub(crate) fn is_used(&self) -> bool {
        self.post.holds_something() || self.is_busy()
    }

    /// Whether something is under way, so that time must not pass unnoticed.
    pub(crate) fn is_busy(&self) -> bool {
        let settled = matches!(&self.post.place, Place::Acts(owned) if owned.is_settled());
        let acts = matches!(self.post.place, Place::Acts(_));
        !self.desk.is_empty() || self.asking.is_some() || self.must_act || (acts && !settled)
    }

    /// What this server is for the session.
    pub(crate) const fn place(&self) -> &Place {
        &self.post.place
    }

    /// A request wants something.
    fn call(
        &mut self,
        mut call: Call,
        origin: Origin,
        hops: u8,
        around: &Surroundings<'_>,
        out: &mut Effects,
    ) {
        if !call.order.is_empty() {
            self.post.order = call.order.clone();
        }
        let ticket = Ticket(out.number());
        if let (Origin::Here(_), Want::Change(wish)) = (origin, &mut call.want)
            && (wish.change.add.is_some() || wish.change.only_if.is_some())
        {
            // What came of it is found under the operation's number, should it have to be asked for again.
            wish.change.number.get_or_insert(around.own.operation(ticket.0));
        }
        let until = around.now + Waiting::PATIENCE;
        let (tried, cleared, born, stage) = (Vec::new(), None, None, Stage::Queued);
        let waiting = Waiting { origin, call, hops, until, tried, cleared, born, stage };
        self.desk.put(ticket, waiting);
        self.proceed(around, out);
    }

    /// Another server says something.
    fn hear(
        &mut self,
        from: ServerId,
        incarnation: Incarnation,
        frame: Frame,
        around: &Surroundings<'_>,
        out: &mut Effects,
    ) {
        let post = &mut self.post;
        match frame {
            Frame::Step(step) => post.take_step(from, &step, around, out),
            Frame::Record { record, age } => post.take_record(from, record, age, around, out),
            Frame::Outline { outline, age } => post.take_outline(from, &outline, age, around, out),
            Frame::Reply(Reply::Differs(one, age)) => take_in(post, from, (one, age), around, out),
            Frame::Reply(reply) => post.hear_reply(from, incarnation, reply, around, out),
            Frame::Ask { number, question } => {
                let opinion = Box::new(self.answer(&question, around, out));
                out.send(from, self.post.key, Frame::Opinion { number, opinion });
            }
            Frame::Opinion { number, opinion } => {
                self.hear_opinion(from, number, *opinion, around, out);
            }
            Frame::Call { number, hops, call } => {
                return self.call(*call, Origin::There(from, number), hops, around, out);
            }
            Frame::Answer { number, answer } => self.hear_answer(from, number, *answer, out),
            Frame::NotActing { number } => {
                self.post.hint = self.post.hint.filter(|server| *server != from);
                if let Some((_, waiting)) = self.desk.visiting(from, number) {
                    waiting.give_up_on(from);
                }
            }
            Frame::Grant { epoch, version, age } => accept(post, epoch, version, age, around, out),
            Frame::Drop(version) => post.drop_copy(from, version, out),
            Frame::Dropped(epoch) if post.place.begun() == Some(epoch) => {
                post.act(around, out, |owned, scene| {
                    if owned.lets_go(from) { owned.dropped(from, scene) } else { Vec::new() }
                });
            }
            Frame::Dropped(_) => {}
            Frame::Forget(version) => post.forget(version, out),
            Frame::Touch { version, age } => hear_touch(post, from, version, age, around, out),
        }
        self.proceed(around, out);
    }

    /// The connection to another server broke: what it was asked will not be answered.
    fn lost(&mut self, server: ServerId, around: &Surroundings<'_>, out: &mut Effects) {
        self.desk.lost(server);
        self.proceed(around, out);
    }

    /// There is a connection to another server: what it could not be asked before it is asked now.
    fn met(&mut self, server: ServerId, around: &Surroundings<'_>, out: &mut Effects) {
        self.desk.ask_again(server);
        if let Some(asking) = self.asking.as_ref().filter(|asking| !asking.has_heard(server)) {
            let (number, question) = (asking.number, asking.question);
            out.send(server, self.post.key, Frame::Ask { number, question });
        }
        self.proceed(around, out);
    }

    /// Time has passed. `cares` is set from time to time: then is looked after what nobody asks for.
    fn tick(&mut self, cares: bool, around: &Surroundings<'_>, out: &mut Effects) {
        self.post.act(around, out, |owned, scene| owned.tick(scene));
        if cares {
            self.must_act = look_after(&mut self.post, around, out);
        }
        self.proceed(around, out);
    }

    fn answer(
        &mut self,
        question: &Question,
        around: &Surroundings<'_>,
        out: &mut Effects,
    ) -> Opinion {
        if question.about > self.post.place.begun() {
            self.post.depose(question.about, out);
        }
        let proposed = self.asking.as_ref().map(|asking| asking.question.proposal);
        self.post.heard_of = self.post.heard_of.max(Some(question.proposal));
        self.post.opinion(question, proposed, around)
    }

    fn hear_opinion(
        &mut self,
        from: ServerId,
        number: u64,
        opinion: Opinion,
        around: &Surroundings<'_>,
        out: &mut Effects,
    ) {
        let post = &mut self.post;
        post.used.hear(opinion.age, around.now);
        post.begun = post.begun.max(opinion.begun);
        post.heard_of = post.heard_of.max(opinion.begun).max(opinion.promised);
        if opinion.begun > post.place.begun() {
            post.depose(opinion.begun, out);
        }
        if let Some(asking) = self.asking.as_mut().filter(|asking| asking.number == number) {
            asking.hear(from, opinion, around.now);
        }
    }

    fn hear_answer(&mut self, from: ServerId, number: u64, answer: Answer, out: &mut Effects) {
        let own = match &self.post.place {
            Place::Copy(copy) => copy.shared().cloned(),
            Place::Acts(_) => None,
        };
        let Some((ticket, waiting)) = self.desk.visiting(from, number) else { return };
        let answer = match (answer, &waiting.origin, &waiting.call.want) {
            (Answer::NotChanged { honours_former }, Origin::Here(_), Want::Load(known)) => {
                // What this server has told that it has.
                let Some(record) = own.filter(|record| *known == Some(record.version)) else {
                    return waiting.queue();
                };
                Answer::Session { record, honours_former }
            }
            (answer, ..) => answer,
        };
        self.post.has_answered(from, &answer);
        self.desk.tell(ticket, answer, out);
    }

    /// Everything that follows from what is known now.
    fn proceed(&mut self, around: &Surroundings<'_>, out: &mut Effects) {
        // Each round ends with something that must be waited for, or with one call less.
        loop {
            let acts = matches!(self.post.place, Place::Acts(_));
            let (post, desk) = (&mut self.post, &mut self.desk);
            desk.settle(mem::take(&mut post.news), acts, out);
            desk.give_up(around, out);
            let must_ask = if acts {
                !serve_all(post, desk, around, out)
            } else {
                send_on(post, desk, self.asking.is_some(), around, out)
            };
            if must_ask || self.must_act {
                self.ask(around, out);
            }
            let acts_now = matches!(self.post.place, Place::Acts(_));
            if !self.conclude(around, out) && acts == acts_now {
                break;
            }
        }
    }

    /// Asks the others who acts, unless that is under way.
    fn ask(&mut self, around: &Surroundings<'_>, out: &mut Effects) {
        // Whoever has just begun to run again and has not noticed would believe answers of before.
        if self.asking.is_some() || around.now < self.asks_from || around.own_lease().is_none() {
            return;
        }
        let Some(proposal) = self.post.proposal(around) else { return };
        let about = self.post.place.begun().max(self.post.begun);
        let is_stranger = about.is_none() && !self.holds_something();
        if is_stranger && !out.strangers.allowance.take(around.now) {
            out.counts.curbed += 1;
            return self.unknown(around, out);
        }
        if has(Plant::TakesBack)
            && let Place::Copy(copy) = &self.post.place
            && let Some(record) = copy.record().cloned()
            && self.post.order.first() == Some(&around.own.server)
        {
            let beginning = Beginning::of(record);
            return self.post.begin(beginning, proposal, Vec::new(), around, out);
        }
        let live = self.post.place.record().and_then(Record::live);
        let has = live.map(|live| live.changed);
        let question = Question { asker: around.own.server, about, proposal, has };
        let number = out.number();
        let own = self.post.place.own_opinion(None, around);
        let witnesses = around.witnesses(&self.post.order);
        match self.post.place {
            Place::Acts(_) => out.counts.confirmations += 1,
            Place::Copy(_) => out.counts.inquiries += 1,
        }
        for witness in &witnesses {
            out.send(witness.server, self.post.key, Frame::Ask { number, question });
        }
        let asking = Asking::begin(number, question, own, &witnesses, around).of(is_stranger);
        self.asking = Some(Box::new(asking));
    }

    /// Acts upon what the others have said. Returns whether something is different now.
    fn conclude(&mut self, around: &Surroundings<'_>, out: &mut Effects) -> bool {
        let Some(asking) = &mut self.asking else { return false };
        if !asking.still_holds(&self.post.place, around) {
            asking.spare(out);
            (self.asking, self.doubts) = (None, false);
            return true;
        }
        let finding = asking.find(self.post.place.promised(), &self.desk.tried(), around);
        if let Finding::Wait(_) = finding {
            return false;
        }
        let Some(mut asking) = self.asking.take() else { return false };
        let doubts = mem::take(&mut self.doubts);
        if !matches!(finding, Finding::Absent | Finding::Unknown) {
            asking.spare(out);
        }
        match finding {
            Finding::Wait(_) => {}
            Finding::Again(at) => self.asks_from = at,
            Finding::Acts(server) | Finding::Relay(server) => self.follow(server, around, out),
            Finding::Begin(beginning) => self.begin(*beginning, &asking, around, out),
            Finding::Confirmed(silent) => {
                self.post.act(around, out, |owned, scene| {
                    owned.confirmed(&silent, &asking.leases, asking.own_lease, scene)
                });
                self.desk.clear(Ticket(asking.number), asking.own_lease);
                self.must_act = false;
            }
            // Two answers may be of different moments, and a copy dropped here and made there between them.
            Finding::Absent if asking.has_seen_any() && !doubts => self.doubts = true,
            Finding::Absent => {
                if !asking.has_seen_any() {
                    out.strangers.deny(self.post.key, &self.post.order, around);
                }
                self.post.discard(out);
                self.must_act = false;
                self.desk.tell_all(&Answer::Absent, out);
            }
            // It could not be read here any more, and nobody else has anything of it: it is lost.
            Finding::Unknown if self.post.place.is_missing() && asking.all_say_no() => {
                self.post.discard(out);
                self.must_act = false;
                self.desk.tell_all(&Answer::Absent, out);
            }
            Finding::Unknown => self.unknown(around, out),
        }
        true
    }

    /// Another server acts, or is the way to the one that does.
    fn follow(&mut self, server: ServerId, around: &Surroundings<'_>, out: &mut Effects) {
        if self.must_act
            && let Some(record) = self.post.place.shared()
        {
            // Why does it not keep this copy in step?
            let reply = Reply::Differs(record, self.post.used.age(around.now));
            out.send(server, self.post.key, Frame::Reply(reply));
            self.post.heard = around.now;
        }
        self.post.hint = Some(server);
        self.must_act = false;
        if !around.reaches(server) {
            // It has answered, and will be heard soon: until then it would only say the same.
            self.asks_from = around.now + HEARTBEAT;
        }
        self.desk.refer_to(server, out);
    }

    /// There may be such a session, as far as can be said.
    fn unknown(&mut self, around: &Surroundings<'_>, out: &mut Effects) {
        self.post.heard = around.now;
        out.counts.unknown += 1;
        self.must_act = false;
        self.desk.tell_all(&Answer::Unknown, out);
    }

    fn begin(
        &mut self,
        beginning: Beginning,
        asking: &Asking,
        around: &Surroundings<'_>,
        out: &mut Effects,
    ) {
        let may_pass_on = !self.desk.has_far_ones() && !self.must_act;
        let better = asking.better(&beginning.newest, &self.post.order, &self.desk.tried(), around);
        if let Some(better) = better.filter(|_| may_pass_on) {
            self.post.hint = Some(better);
            return;
        }
        out.counts.takeovers += 1;
        out.counts.degraded_takeovers += u64::from(beginning.degraded);
        self.must_act = false;
        self.post.used.forgive(touch_interval(beginning.newest.live()), around.now);
        self.post.begin(beginning, asking.question.proposal, Vec::new(), around, out);
    }
}
