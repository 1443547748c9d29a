//! That a session is used: what the other holders and the disk get to know of it, and when.

use std::time::Duration;

use crate::copy::{Copy, Reply};
use crate::effects::Effects;
use crate::frame::Frame;
use crate::holders::Standing;
use crate::last_use::LastUse;
use crate::live::{Live, WallTime};
use crate::place::Place;
use crate::plant::{Plant, has};
use crate::post::Post;
use crate::record::Record;
use crate::server_id::ServerId;
use crate::surroundings::Surroundings;
use crate::timing::LEASE;
use crate::version::Version;

/// The others hear at least so often that a session is used, if it is.
const TOUCH: Duration = Duration::from_secs(10);

/// And so often that it is still there.
pub(crate) const PRESENCE: Duration = Duration::from_secs(60);

/// In so many parts of its time-out a session is said to be used once, if it is.
const PARTS: u32 = 20;

/// How often others are told that a session is used. They may know of no use for so long.
pub(crate) fn touch_interval(live: Option<&Live>) -> Duration {
    let idle = live.and_then(|live| live.idle.value);
    idle.map_or(TOUCH, |idle| TOUCH.min(idle / PARTS))
}

/// How often the disk is told that a session is used; `None` for one that needs no use.
///
/// That is a whole record each time, so it is not as often as the others are told.
fn disk_interval(live: Option<&Live>) -> Option<Duration> {
    Some(live?.idle.value? / PARTS)
}

/// By way of this server, which acts, a request has used the session. `is_told`: the others hear of that by
/// a change.
pub(crate) fn has_been_used(
    post: &mut Post,
    is_told: bool,
    around: &Surroundings<'_>,
    out: &mut Effects,
) {
    post.used = LastUse::at(around.now);
    let live = post.place.record().and_then(Record::live);
    if is_told {
        (post.told, post.kept, post.touched) = (post.used, post.used, around.now);
    } else if live.is_some_and(|live| live.idle.value.is_some())
        && post.told.age(around.now) >= Some(touch_interval(live))
    {
        // Now, and not when it is looked after: so that nobody knows less than an interval ago.
        tell(post, around, out);
    }
    keep(post, out);
}

/// Tells the others that it was used since they heard of it, so that whoever takes over does not end it;
/// and from time to time what they should have, if nothing else is said.
pub(crate) fn touch(post: &mut Post, around: &Surroundings<'_>, out: &mut Effects) {
    let interval = touch_interval(post.place.record().and_then(Record::live));
    let is_used = post.used > post.told && post.told.age(around.now) >= Some(interval);
    if is_used || around.now >= post.touched + PRESENCE {
        tell(post, around, out);
    }
}

fn tell(post: &mut Post, around: &Surroundings<'_>, out: &mut Effects) {
    let Place::Acts(owned) = &post.place else { return };
    let version = owned.record().version;
    let age = post.used.age(around.now).unwrap_or_default();
    let own = around.own.server;
    for holder in owned.record().holders.iter().filter(|holder| holder.server != own) {
        out.send(holder.server, post.key, Frame::Touch { version, age });
    }
    (post.told, post.touched) = (post.used, around.now);
}

/// The acting owner says what there should be, and when it was used.
pub(crate) fn hear_touch(
    post: &mut Post,
    from: ServerId,
    version: Version,
    age: Duration,
    around: &Surroundings<'_>,
    out: &mut Effects,
) {
    let reply = match post.copy_below(version.epoch, out) {
        Err(higher) => Reply::Higher(higher),
        Ok(copy) => copy.compare(version),
    };
    let age = Some(age).filter(|_| !has(Plant::HolderExpires));
    let reply = heard(post, from, reply, age, around);
    // One that is known to have everything says nothing.
    let holders = post.place.record().map(|record| &record.holders);
    let listed = holders.and_then(|holders| holders.get(around.own.server));
    let is_known = listed.is_some_and(|own| own.standing == Standing::Current);
    if !(is_known && matches!(reply, Reply::Held(_))) {
        out.send(from, post.key, Frame::Reply(reply));
    }
    keep(post, out);
}

/// What a holder answers the acting owner, which has said how long ago the session was used, or nothing of
/// that.
///
/// One that knows of a later use refuses to have everything: so it is not current, and nobody ends the session
/// before the acting owner knows of that use, too.
pub(crate) fn heard(
    post: &mut Post,
    from: ServerId,
    mut reply: Reply,
    age: Option<Duration>,
    around: &Surroundings<'_>,
) -> Reply {
    if !matches!(reply, Reply::Higher(_)) {
        (post.hint, post.heard) = (Some(from), around.now);
        let later = knows_later(post, age, around);
        post.used.hear(age, around.now);
        if let Some(record) = post.place.shared().filter(|_| later) {
            reply = Reply::Differs(record, None);
        }
    }
    reply.with_age(post.used.age(around.now))
}

/// Whether a holder knows of a use that was later than what the acting owner says, by more than that one may
/// leave unsaid and what is said may have taken to come here.
fn knows_later(post: &Post, age: Option<Duration>, around: &Surroundings<'_>) -> bool {
    let live = post.place.record().and_then(Record::live);
    let tolerance = touch_interval(live) + LEASE;
    let known = post.used.age(around.now).zip(age);
    live.is_some() && known.is_some_and(|(own, said)| own + tolerance < said)
}

/// Lets the disk know of a use, if it has not heard of one for too long.
fn keep(post: &mut Post, out: &mut Effects) {
    let interval = disk_interval(post.place.record().and_then(Record::live));
    if interval.is_some_and(|interval| post.used.is_later(post.kept, interval)) {
        post.kept = post.used;
        out.changed.push(post.key);
    }
}

/// When it was last used, by the time of day `wall`, for the disk.
pub(crate) fn wall_of(used: LastUse, now: Duration, wall: WallTime) -> Option<WallTime> {
    let age = u64::try_from(used.age(now)?.as_millis()).unwrap_or(u64::MAX);
    Some(WallTime(wall.0.saturating_sub(age)))
}

/// The disk of a server that was just started says that it was last used at this time of day. Whoever sets
/// clocks back makes sessions younger.
pub(crate) fn last_use_of(used: Option<WallTime>, around: &Surroundings<'_>) -> LastUse {
    let age = used.map(|used| Duration::from_millis(around.wall.0.saturating_sub(used.0)));
    let mut last = LastUse::default();
    last.hear(age, around.now);
    last
}

/// The session as the disk had it, which knew of this use. It may have been used since, and the disk not been
/// told.
pub(crate) fn restore(post: &mut Post, record: Record, kept: LastUse, now: Duration) {
    let interval = disk_interval(record.live());
    post.place = Place::Copy(Copy::of(record));
    (post.used, post.kept) = (kept, kept);
    post.used.forgive(interval.unwrap_or_default(), now);
}
