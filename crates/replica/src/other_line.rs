//! A line of a session that the acting owner may never have seen.

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use crate::beginning::Beginning;
use crate::copy::{Copy, Reply};
use crate::deposed::Deposed;
use crate::effects::Effects;
use crate::frame::Frame;
use crate::place::Place;
use crate::plant::{Plant, has};
use crate::post::Post;
use crate::record::Record;
use crate::server_id::ServerId;
use crate::surroundings::Surroundings;
use crate::usage::touch_interval;

/// Another server has something that the acting owner may never have seen: both lines become one, in a
/// new epoch. Who does not act passes it on. It also says how long ago the session was used there.
pub(crate) fn take_in(
    post: &mut Post,
    from: ServerId,
    (other, age): (Arc<Record>, Option<Duration>),
    around: &Surroundings<'_>,
    out: &mut Effects,
) {
    if has(Plant::IgnoresLines) {
        return;
    }
    let Place::Acts(owned) = &post.place else {
        return pass_on(post, from, (other, age), around, out);
    };
    let record = owned.record();
    post.used.hear(age, around.now);
    if record.seen.includes(&other.seen) {
        let version = record.version;
        match record.holders.get(from) {
            Some(_) => post.act(around, out, |owned, scene| {
                let mut acts = owned.also_held_by(&other.holders, scene);
                acts.extend(owned.lacks(from, scene));
                acts
            }),
            // It did not get to know that it was listed.
            None => out.send(from, post.key, Frame::Drop(version)),
        }
        return;
    }
    let Some(epoch) = post.proposal(around) else { return };
    if let Place::Acts(owned) = mem::take(&mut post.place) {
        // What is not acknowledged was decided on without the other line, and is decided on anew.
        let Deposed { record, holders, waiting } = owned.depose();
        post.news.taken_back.extend(waiting);
        // Should the epoch not begin, because its numbers are used up, the copy stays.
        post.place = Place::Copy(Copy::left(record.clone(), &holders));
        post.news.merged = true;
        post.used.forgive(touch_interval(other.live()), around.now);
        let both = Beginning::of(record).with(&other).also_held_by(&holders);
        post.begin(both, epoch, Vec::new(), around, out);
    }
}

/// A server that does not reach the one that acts has made a line of its own, and says so before a call
/// that is passed on, too. Only its own, so that it goes no further.
fn pass_on(
    post: &Post,
    from: ServerId,
    (line, age): (Arc<Record>, Option<Duration>),
    around: &Surroundings<'_>,
    out: &mut Effects,
) {
    let acting = post.place.begun().and_then(|epoch| around.acting(epoch));
    let acting = acting.filter(|server| *server != around.own.server && *server != from);
    let is_own = around.index_of(from) == Some(line.version.epoch.server);
    if let Some(acting) = acting.filter(|server| is_own && around.reaches(*server)) {
        out.send(acting, post.key, Frame::Reply(Reply::Differs(line, age)));
    }
}
