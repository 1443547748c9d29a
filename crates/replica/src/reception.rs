//! How an acting owner answers the calls on its desk.

use std::time::Duration;

use crate::act::Ticket;
use crate::answer::Answer;
use crate::call::{Call, Want};
use crate::care::{expire, is_expired};
use crate::desk::Desk;
use crate::effects::Effects;
use crate::frame::Frame;
use crate::hand_back::{give_to_another, grant};
use crate::place::Place;
use crate::plant::{Plant, has};
use crate::post::Post;
use crate::record::Record;
use crate::serve::{Served, When, serve};
use crate::server_id::ServerId;
use crate::surroundings::Surroundings;
use crate::usage::has_been_used;
use crate::waiting::{Origin, Stage, Waiting};

/// How long after a rotation the proof of before still reads.
const FORMER: Duration = Duration::from_secs(10);

/// This server acts: it answers what it may answer.
///
/// Returns whether it may speak, as far as anybody wants it to: else the others must be asked.
pub(crate) fn serve_all(
    post: &mut Post,
    desk: &mut Desk,
    around: &Surroundings<'_>,
    out: &mut Effects,
) -> bool {
    let (mut speaks, mut last) = (true, None);
    // Once it was given to another server, that one is asked by all that come after.
    while let Some(ticket) = desk.next(last).filter(|_| acts(post)) {
        speaks &= serve_one(post, desk, ticket, around, out);
        last = Some(ticket);
    }
    speaks
}

/// Returns whether it may be answered, as far as that goes: else the others must be asked.
fn serve_one(
    post: &mut Post,
    desk: &mut Desk,
    ticket: Ticket,
    around: &Surroundings<'_>,
    out: &mut Effects,
) -> bool {
    let speaks = post.may_speak(around);
    let Some(waiting) = desk.get_mut(ticket) else { return true };
    if matches!(waiting.stage, Stage::Visits(..) | Stage::Made(_)) {
        return true;
    }
    let cleared = waiting.cleared.is_some() && waiting.cleared == around.own_lease();
    if !speaks && !cleared {
        return false;
    }
    if matches!(waiting.stage, Stage::Queued) {
        let Some(waiting) = desk.take(ticket) else { return true };
        let Some(waiting) = carry_out(post, ticket, waiting, around, out) else { return true };
        desk.put(ticket, waiting);
        // It may have been acknowledged at once.
        desk.settle(std::mem::take(&mut post.news), acts(post), out);
    }
    let Place::Acts(owned) = &post.place else { return true };
    let acknowledged = owned.acknowledged();
    if let Some(Stage::Ready(answer, after)) = desk.get(ticket).map(|one| &one.stage)
        && *after <= acknowledged
    {
        let answer = answer.clone();
        desk.tell(ticket, answer, out);
    }
    true
}

/// Does what a call wants. `None` when it went to another server.
fn carry_out(
    post: &mut Post,
    ticket: Ticket,
    mut waiting: Box<Waiting>,
    around: &Surroundings<'_>,
    out: &mut Effects,
) -> Option<Box<Waiting>> {
    let live = post.place.record().and_then(Record::live);
    if live.is_some_and(|live| is_expired(live, post, around)) {
        // While a holder is behind it may be used over there: then it only is not shown.
        expire(post, around, out);
        waiting.stage = Stage::Ready(Answer::Absent, 0);
        return Some(waiting);
    }
    match (waiting.origin, hands_over(post, waiting.origin, around, out)) {
        (_, None) => {}
        (Origin::There(server, number), Some(to)) if to == server => {
            // It is asked anew, where it came from.
            out.send(server, post.key, Frame::NotActing { number });
            return None;
        }
        (_, Some(_)) => {
            waiting.queue();
            return Some(waiting);
        }
    }
    let rotates =
        |call: &Call| matches!(&call.want, Want::Change(wish) if wish.change.proof.is_some());
    let honours = post.rotated.is_some_and(|at| around.now < at + FORMER);
    if let (Origin::Here(_), Want::Load(known)) = (waiting.origin, &mut waiting.call.want) {
        *known = None;
    }
    let mut served = None;
    post.act(around, out, |owned, scene| {
        let Served { answer, when, acts } = serve(owned, &waiting.call, honours, ticket, scene);
        served = Some((answer, when));
        acts
    });
    if !(has(Plant::ReadsDoNotCount) && matches!(waiting.call.want, Want::Load(_))) {
        let is_told = matches!(served, Some((_, When::Acknowledged)));
        has_been_used(post, is_told, around, out);
    }
    waiting.stage = match served {
        Some((answer, When::Acknowledged)) => {
            if rotates(&waiting.call) {
                post.rotated = Some(around.now);
                out.counts.rotations += 1;
            }
            Stage::Made(answer)
        }
        Some((answer, When::After(number))) => Stage::Ready(answer, number),
        None => Stage::Queued,
    };
    Some(waiting)
}

/// Gives the session to the server that asks, if its id names that one before this one; or to another one,
/// if this server is to have no more requests. Returns to whom.
fn hands_over(
    post: &mut Post,
    origin: Origin,
    around: &Surroundings<'_>,
    out: &mut Effects,
) -> Option<ServerId> {
    if around.is_evicting() {
        return give_to_another(post, around, out);
    }
    let Origin::There(to, _) = origin else { return None };
    let order = &post.order;
    let place = |server: ServerId| order.iter().position(|named| *named == server);
    let first = match (place(to), place(around.own.server)) {
        (Some(theirs), Some(ours)) => theirs < ours,
        (theirs, _) => theirs.is_some(),
    };
    let ready = around.candidates(post.key, order).iter().any(|one| one.server == to);
    (first && ready && grant(post, to, around, out)).then_some(to)
}

const fn acts(post: &Post) -> bool {
    matches!(post.place, Place::Acts(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Order;
    use crate::holders::{Holder, Standing};
    use crate::incarnation::Incarnation;
    use crate::live::WallTime;
    use crate::liveness::Liveness;
    use crate::peer::LeaseNumber;
    use crate::safety::{Acknowledge, Degraded, Safety};
    use crate::samples::{record, version};
    use crate::surroundings::{Clocks, Own};
    use bytes::Bytes;
    use copal_protocol::server_index::ServerIndex;

    fn around(liveness: &Liveness, seconds: u64) -> Surroundings<'_> {
        let server = ServerId::new("app-a").unwrap();
        let index = ServerIndex::new(0).unwrap();
        let own = Own { server, index, incarnation: Incarnation(1) };
        let safety = Safety {
            copies: 2,
            acknowledge: Acknowledge::Backup,
            acknowledge_timeout: Duration::from_millis(500),
            recovery_wait: Duration::from_secs(30),
            degraded: Degraded::Accept,
        };
        let clock = Duration::from_secs(seconds);
        let clocks = Clocks { clock, running: clock, wall: WallTime(0) };
        Surroundings::new(own, safety, liveness, &[], clocks)
    }

    /// It had asked before it made a change. Then it stood still, and told that the change is made, although
    /// somebody else had taken over meanwhile.
    #[test]
    fn a_change_made_before_a_standstill_is_not_confirmed_by_a_question_of_before() {
        let mut liveness = Liveness::new(Incarnation(1), Duration::ZERO);
        liveness.beats(Duration::ZERO);
        let mut out = Effects::default();
        let mut alone = record(version(1, 5));
        let own = around(&liveness, 0).own;
        let (server, incarnation) = (own.server, own.incarnation);
        assert!(alone.holders.put(Holder { server, incarnation, standing: Standing::Current }));
        let mut post = Post::new(alone.key, Duration::ZERO);
        post.begin_with(alone, Vec::new(), &around(&liveness, 0), &mut out);
        let mut desk = Desk::new(post.key);
        let mut put = |ticket: u64, stretch: u64| {
            let call = Call { key: post.key, order: Order::new(), want: Want::Load(None) };
            let answer = Answer::Done { version: version(1, 6), answer: Bytes::new() };
            let (origin, stage) = (Origin::Here(Ticket(ticket)), Stage::Ready(answer, 0));
            let (until, cleared) = (Duration::from_secs(20), Some(LeaseNumber(stretch)));
            let tried = Vec::new();
            let waiting =
                Waiting { origin, call, hops: 0, until, tried, cleared, born: None, stage };
            desk.put(Ticket(ticket), waiting);
        };
        put(1, 0);
        put(2, 1);
        liveness.beats(Duration::from_secs(10));
        let speaks = serve_all(&mut post, &mut desk, &around(&liveness, 10), &mut out);
        assert!(!speaks, "it has to ask again");
        let told: Vec<Ticket> = out.answers.iter().map(|(ticket, _)| *ticket).collect();
        assert_eq!(told, [Ticket(2)]);
    }
}
