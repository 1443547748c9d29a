//! How one server gives a session to another, so that there is never a moment at which both act.

use std::time::Duration;

use crate::beginning::Beginning;
use crate::copy::Copy;
use crate::effects::Effects;
use crate::epoch::Epoch;
use crate::frame::Frame;
use crate::place::Place;
use crate::post::Post;
use crate::server_id::ServerId;
use crate::surroundings::Surroundings;
use crate::version::Version;

/// Gives the session to a holder that has everything, if there is nothing that speaks against.
pub(crate) fn grant(
    post: &mut Post,
    to: ServerId,
    around: &Surroundings<'_>,
    out: &mut Effects,
) -> bool {
    let Place::Acts(owned) = &post.place else { return false };
    let record = owned.record();
    let can = owned.is_settled() && owned.has_all(to) && owned.may_speak(around.scene(&[]));
    let start = record.holders.get(to).map(|holder| holder.incarnation);
    let (Some(index), Some(start)) = (around.index_of(to), start.filter(|_| can)) else {
        return false;
    };
    let known = Some(record.version.epoch).max(post.heard_of);
    let Some(epoch) = known.and_then(|epoch| epoch.next(index, start)) else { return false };
    let version = record.version;
    let mut copy = Copy::of(record.clone());
    copy.hear_of(epoch);
    post.place = Place::Copy(copy);
    (post.hint, post.heard) = (Some(to), around.now);
    out.counts.granted += 1;
    let age = post.used.age(around.now);
    out.send(to, post.key, Frame::Grant { epoch, version, age });
    true
}

/// Gives the session to somebody who stays: the first one that the id names and that has everything, or
/// else another one. Returns to whom.
pub(crate) fn give_to_another(
    post: &mut Post,
    around: &Surroundings<'_>,
    out: &mut Effects,
) -> Option<ServerId> {
    let candidates = around.candidates(post.key, &post.order);
    let Place::Acts(owned) = &post.place else { return None };
    let next = candidates.iter().map(|one| one.server).find(|server| owned.has_all(*server))?;
    grant(post, next, around, out).then_some(next)
}

/// This server was given the session.
pub(crate) fn accept(
    post: &mut Post,
    epoch: Epoch,
    version: Version,
    age: Option<Duration>,
    around: &Surroundings<'_>,
    out: &mut Effects,
) {
    post.heard_of = post.heard_of.max(Some(epoch));
    let Place::Copy(copy) = &post.place else { return };
    let is_own = epoch.server == around.own.index && epoch.incarnation == around.own.incarnation;
    let is_next = copy.begun().max(copy.promised()) < Some(epoch);
    let record = copy.record().filter(|record| record.version == version);
    if let Some(record) = record.filter(|_| is_own && is_next).cloned() {
        out.counts.accepted += 1;
        post.used.hear(age, around.now);
        post.begin(Beginning::of(record), epoch, Vec::new(), around, out);
    }
}
