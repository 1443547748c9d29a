//! Where the calls go for which this server does not act.

use bytes::Bytes;

use crate::act::Ticket;
use crate::answer::Answer;
use crate::call::{Birth, Want};
use crate::desk::Desk;
use crate::effects::Effects;
use crate::frame::Frame;
use crate::holders::{Holder, Standing};
use crate::place::Place;
use crate::post::Post;
use crate::server_id::ServerId;
use crate::surroundings::Surroundings;
use crate::version::Version;
use crate::waiting::{Origin, Stage, Waiting};

/// Somebody else acts: calls are sent there.
///
/// Returns whether somebody waits and it is not known for whom. While others are `asked` nobody is sent
/// on.
pub(crate) fn send_on(
    post: &mut Post,
    desk: &mut Desk,
    asked: bool,
    around: &Surroundings<'_>,
    out: &mut Effects,
) -> bool {
    let (mut lost, mut last) = (false, None);
    while let Some(ticket) = desk.next(last) {
        last = Some(ticket);
        let Some(waiting) = desk.get(ticket) else { continue };
        if !matches!(waiting.stage, Stage::Queued) {
            continue;
        }
        if let Want::Create(birth) = &waiting.call.want {
            let birth = birth.clone();
            create(post, desk, ticket, &birth, around, out);
        } else if let Some(server) = target(post, waiting, around).filter(|_| !asked) {
            send_to(post, desk, ticket, server, around, out);
        } else {
            lost = true;
        }
    }
    lost
}

/// Where a call could be answered.
fn target(post: &Post, waiting: &Waiting, around: &Surroundings<'_>) -> Option<ServerId> {
    let own = around.own.server;
    let good = |server: &ServerId| {
        *server != own && around.reaches(*server) && !waiting.tried.contains(server)
    };
    if waiting.hops >= Waiting::HOPS {
        return None;
    }
    let acting = post.place.begun().and_then(|epoch| around.acting(epoch));
    if let Some(server) = post.hint.filter(good).or_else(|| acting.filter(good)) {
        return Some(server);
    }
    if post.holds_something() {
        return None;
    }
    // Whoever comes before this server in the id knows more.
    let before = post.order.iter().take_while(|server| **server != own);
    before.copied().find(good)
}

fn send_to(
    post: &mut Post,
    desk: &mut Desk,
    ticket: Ticket,
    server: ServerId,
    around: &Surroundings<'_>,
    out: &mut Effects,
) {
    let number = out.number();
    let version = post.place.record().map(|record| record.version);
    let Some(waiting) = desk.get_mut(ticket) else { return };
    match (waiting.origin, &mut waiting.call.want) {
        // What is here already is not sent again.
        (Origin::Here(_), Want::Load(known)) => *known = version,
        // An answer may be lost, and the change sent again: by its number it is known that it was made.
        (Origin::Here(_), Want::Change(wish)) => {
            wish.change.number.get_or_insert(around.own.operation(number));
        }
        _ => {}
    }
    match waiting.origin {
        Origin::Here(_) => out.counts.forwarded += 1,
        Origin::There(..) => out.counts.relayed += 1,
    }
    waiting.stage = Stage::Visits(server, number);
    if let Place::Copy(copy) = &mut post.place
        && let Some(line) = copy.tell(server)
    {
        out.send(server, post.key, Frame::Reply(line));
    }
    let (hops, call) = (waiting.hops + 1, Box::new(waiting.call.clone()));
    out.send(server, post.key, Frame::Call { number, hops, call });
}

fn create(
    post: &mut Post,
    desk: &mut Desk,
    ticket: Ticket,
    birth: &Birth,
    around: &Surroundings<'_>,
    out: &mut Effects,
) {
    let free = !post.holds_something() && post.place.begun().is_none();
    let Some(epoch) = post.proposal(around).filter(|_| free) else {
        return desk.tell(ticket, Answer::Exists, out);
    };
    let version = Version { epoch, sequence: 1 };
    out.counts.created += 1;
    if let Some(waiting) = desk.get_mut(ticket) {
        waiting.stage = Stage::Made(Answer::Done { version, answer: Bytes::new() });
    }
    let own = Holder {
        server: around.own.server,
        incarnation: around.own.incarnation,
        standing: Standing::Current,
    };
    let record = birth.record(post.key, version, own);
    post.begin_with(record, vec![ticket], around, out);
    desk.settle(std::mem::take(&mut post.news), true, out);
}
