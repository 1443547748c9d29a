//! What a holder makes of what the acting owner sends.

use std::sync::Arc;
use std::time::Duration;

use crate::copy::{Copy, Reply};
use crate::effects::Effects;
use crate::epoch::Epoch;
use crate::frame::Frame;
use crate::outline::Outline;
use crate::post::Post;
use crate::record::Record;
use crate::server_id::ServerId;
use crate::step::Step;
use crate::surroundings::Surroundings;
use crate::usage::heard;

impl Post {
    /// The acting owner sends a step.
    pub(crate) fn take_step(
        &mut self,
        from: ServerId,
        step: &Step,
        around: &Surroundings<'_>,
        out: &mut Effects,
    ) {
        // What only says who holds it is no use of it.
        let age = step.can_be_seen().then_some(Duration::ZERO);
        self.take(from, (step.to.epoch, age), |copy| copy.take_step(step), around, out);
    }

    /// The acting owner sends everything.
    pub(crate) fn take_record(
        &mut self,
        from: ServerId,
        record: Arc<Record>,
        age: Option<Duration>,
        around: &Surroundings<'_>,
        out: &mut Effects,
    ) {
        let sent = (record.version.epoch, age);
        self.take(from, sent, |copy| copy.take_record(record), around, out);
    }

    /// The acting owner sends all that is not here.
    pub(crate) fn take_outline(
        &mut self,
        from: ServerId,
        outline: &Outline,
        age: Option<Duration>,
        around: &Surroundings<'_>,
        out: &mut Effects,
    ) {
        let sent = (outline.version.epoch, age);
        self.take(from, sent, |copy| copy.take_outline(outline), around, out);
    }

    /// The acting owner, by this epoch, sends everything, or all that is not here, and says how long ago the
    /// session was used.
    fn take(
        &mut self,
        from: ServerId,
        (epoch, age): (Epoch, Option<Duration>),
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
        self.has_taken(from, reply, age, around, out);
    }

    /// `age`: how long ago the session was used, if the acting owner has said that.
    fn has_taken(
        &mut self,
        from: ServerId,
        reply: Reply,
        age: Option<Duration>,
        around: &Surroundings<'_>,
        out: &mut Effects,
    ) {
        if matches!(reply, Reply::Held(_)) {
            out.changed.push(self.key);
        }
        let reply = heard(self, from, reply, age, around);
        out.send(from, self.key, Frame::Reply(reply));
    }
}
