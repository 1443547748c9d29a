//! What is done for a session from time to time, although nobody asks for it.

use std::time::Duration;

use crate::effects::Effects;
use crate::frame::Frame;
use crate::hand_back::give_to_another;
use crate::holders::{Holder, Standing};
use crate::live::Live;
use crate::owned::Owned;
use crate::place::Place;
use crate::plant::{Plant, has};
use crate::post::Post;
use crate::record::Record;
use crate::step::Step;
use crate::surroundings::Surroundings;
use crate::usage::{PRESENCE, touch};

/// How long an ended session is remembered after everybody knows: longer than anything that was sent
/// before can be under way, and than a copy of which nobody knows keeps silent.
pub(crate) const REST: Duration = Duration::from_secs(200);
const _: () = assert!(REST.as_secs() > LEFT_OVER.as_secs());

/// How long a copy may hear nothing of an acting owner that is silent, before somebody looks for one.
pub(crate) const SILENCE: Duration = Duration::from_secs(3);

/// How long a copy may hear nothing of an acting owner that is there: it may have forgotten the session,
/// or never have got to know that it acts.
const LEFT_OVER: Duration = Duration::from_secs(180);

const _: () = assert!(PRESENCE.as_secs() * 2 < LEFT_OVER.as_secs());

/// Looks after a session. Returns whether somebody must act, and nobody is known who does.
pub(crate) fn look_after(post: &mut Post, around: &Surroundings<'_>, out: &mut Effects) -> bool {
    match &post.place {
        Place::Acts(_) => {
            holders(post, around, out);
            touch(post, around, out);
            forget(post, around, out);
            let expired = expire(post, around, out);
            if around.is_stopping() {
                give_to_another(post, around, out);
                return expired || may_not_give(post, around);
            }
            expired
        }
        Place::Copy(_) => {
            let live = post.place.record().and_then(Record::live);
            if has(Plant::HolderExpires) && live.is_some_and(|live| is_expired(live, post, around))
            {
                post.discard(out);
            }
            is_forsaken(post, around)
        }
    }
}

/// Whether a session could be given to others, but for that these must be asked first whether somebody
/// else acts: a holder was lost, and nobody has wanted anything since.
fn may_not_give(post: &Post, around: &Surroundings<'_>) -> bool {
    matches!(&post.place, Place::Acts(owned) if owned.is_settled() && owned.record().live().is_some())
        && !post.may_speak(around)
}

/// Whether looking after a session would send all of it to somebody, while too much waits to be sent
/// already. Whoever asks for the session waits for nothing.
pub(crate) fn waits_its_turn(post: &Post, around: &Surroundings<'_>) -> bool {
    let (crowds, Place::Acts(owned)) = (around.crowds(), &post.place) else { return false };
    if crowds.is_empty() {
        return false;
    }
    let lacks = |holder: &Holder| {
        let there = around.incarnation(holder.server) == Some(holder.incarnation);
        crowds.contains(&holder.server) && (holder.standing == Standing::Behind || !there)
    };
    owned.record().holders.iter().any(lacks) || owned.short(around.scene(&[])) > 0
}

/// Holders that came back, that are behind, that are too many or will never come back.
fn holders(post: &mut Post, around: &Surroundings<'_>, out: &mut Effects) {
    let Place::Acts(owned) = &post.place else { return };
    let own = around.own.server;
    let others = owned.record().holders.iter().filter(|holder| holder.server != own);
    let others: Vec<Holder> = others.copied().collect();
    for holder in others {
        let server = holder.server;
        let present = around.incarnation(server).filter(|_| around.hears(server));
        let behind = holder.standing == Standing::Behind;
        match present {
            Some(start) if start != holder.incarnation && !has(Plant::ForgetsIncarnations) => {
                out.counts.healed += 1;
                post.act(around, out, |owned, scene| owned.met(server, start, scene));
            }
            Some(_) if lets_go(post, server) => {
                let version = post.place.record().map(|record| record.version);
                let drop = version.map(Frame::Drop);
                drop.into_iter().for_each(|drop| out.send(server, post.key, drop));
            }
            Some(_) if behind => {
                post.act(around, out, |owned, scene| owned.catch_up(server, scene));
            }
            // It was struck from the table: nobody waits for it.
            None if around.is_given_up(server)
                || around.index_of(server).is_none() && is_whole(post, around) =>
            {
                post.act(around, out, |owned, scene| owned.dropped(server, scene));
            }
            _ => {}
        }
    }
    post.act(around, out, Owned::shed);
}

fn lets_go(post: &Post, server: crate::server_id::ServerId) -> bool {
    matches!(&post.place, Place::Acts(owned) if owned.lets_go(server))
}

fn is_whole(post: &Post, around: &Surroundings<'_>) -> bool {
    matches!(&post.place, Place::Acts(owned) if owned.short(around.scene(&[])) == 0)
}

/// Forgets a session that has ended, when everybody has known for long enough.
fn forget(post: &mut Post, around: &Surroundings<'_>, out: &mut Effects) {
    let Place::Acts(owned) = &post.place else { return };
    if !owned.is_over() {
        post.over = None;
        return;
    }
    let since = *post.over.get_or_insert(around.now);
    if around.now < since + REST && !has(Plant::ForgetsEarly) {
        return;
    }
    let version = owned.record().version;
    let own = around.own.server;
    for holder in owned.record().holders.iter().filter(|holder| holder.server != own) {
        out.send(holder.server, post.key, Frame::Forget(version));
    }
    out.counts.forgotten += 1;
    out.changed.push(post.key);
    *post = Post::new(post.key, around.now);
}

/// Whether a live session is at its end: it was not used for too long, or has lived long enough.
pub(crate) fn is_expired(live: &Live, post: &Post, around: &Surroundings<'_>) -> bool {
    let age = post.used.age(around.now);
    let idle = live.idle.value.is_some_and(|idle| age > Some(idle));
    let by_wall = has(Plant::TimesByWallClock)
        && live.idle.value.is_some_and(|idle| {
            u128::from(around.wall.0) > u128::from(live.created.0) + 100 * idle.as_millis()
        });
    idle || by_wall || is_over(live, around)
}

/// Ends a session that is at its end. Returns whether it should be ended, and the others must be
/// asked first.
///
/// As long as a holder is behind it may be used there, by way of an acting owner that is not heard
/// from here. To live longer does no harm.
pub(crate) fn expire(post: &mut Post, around: &Surroundings<'_>, out: &mut Effects) -> bool {
    let Place::Acts(owned) = &post.place else { return false };
    let record = owned.record();
    let live = record.live();
    let over = live.is_some_and(|live| is_over(live, around));
    let unused = live.is_some_and(|live| is_expired(live, post, around)) && all_current(record);
    if !over && !unused {
        return false;
    }
    if !post.may_speak(around) {
        return true;
    }
    out.counts.expired += 1;
    end(post, around, out);
    false
}

/// Ends a session for which there is no room, if that can be done at this moment.
pub(crate) fn crowd_out(post: &mut Post, around: &Surroundings<'_>, out: &mut Effects) {
    let lives = post.place.record().is_some_and(|record| record.live().is_some());
    if lives && post.may_speak(around) {
        out.counts.crowded_out += 1;
        end(post, around, out);
    }
}

/// Whether a live session has lived long enough, however much it is used.
fn is_over(live: &Live, around: &Surroundings<'_>) -> bool {
    live.absolute_end.is_some_and(|end| around.wall >= end)
}

fn all_current(record: &Record) -> bool {
    record.holders.iter().all(|holder| holder.standing == Standing::Current)
}

/// Ends a session for which this server acts.
fn end(post: &mut Post, around: &Surroundings<'_>, out: &mut Effects) {
    post.act(around, out, |owned, scene| {
        let step = Step::after(owned.record()).map(|step| Step { ends: true, ..step });
        let taken = step.map(|step| owned.change(step, None, scene));
        // With nobody to tell it is tried again.
        taken.and_then(Result::ok).unwrap_or_default()
    });
}

/// Whether a copy is left here, and nobody acts who is heard.
fn is_forsaken(post: &Post, around: &Surroundings<'_>) -> bool {
    let silent = around.now.saturating_sub(post.heard);
    let Some(record) = post.place.record().filter(|_| !has(Plant::NobodyCares)) else {
        return post.place.is_missing() && silent >= LEFT_OVER;
    };
    let epoch = post.place.begun().unwrap_or(record.version.epoch);
    let acting = around.acting(epoch);
    let heard = acting.is_some_and(|one| one != around.own.server && around.hears(one));
    // In another start it does not act any more, and says so by that.
    let ended = acting.is_none_or(|one| around.is_gone(one));
    // That it acts itself means here that it was deposed by somebody who then did not begin. And who acts
    // by another epoch than that of the copy may not know that there is one.
    let is_own = acting == Some(around.own.server);
    let lags = record.version.epoch != epoch;
    if !ended && (heard || silent < SILENCE || is_own || lags || silent >= LEFT_OVER) {
        return silent >= if is_own || lags { SILENCE } else { LEFT_OVER };
    }
    // One is enough: the first of those that have everything and are there, as they were then. Unless whoever
    // acts has not heard of this copy: it came from a disk that was put back to an older state.
    let own = around.own;
    let there = |holder: &&Holder| {
        let start = if holder.server == own.server {
            Some(own.incarnation)
        } else {
            around.incarnation(holder.server).filter(|_| around.hears(holder.server))
        };
        start == Some(holder.incarnation)
    };
    let first = record.holders.current().find(there);
    silent >= LEFT_OVER || first.is_none_or(|first| first.server == own.server)
}
