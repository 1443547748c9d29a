//! What must be true when nothing has gone wrong for a while.

use std::collections::BTreeMap;

use copal_protocol::session_key::SessionKey;
use copal_replica::place::Place;
use copal_replica::record::Record;
use copal_replica::version::Version;

use crate::plan::Kind;
use crate::world::World;

/// Looks at everything that is left.
///
/// # Errors
/// What is wrong.
pub(crate) fn check(world: &World) -> Result<(), String> {
    let wanted = world.plan.safety.copies.min(world.table.servers().count());
    let mut sessions: BTreeMap<SessionKey, Vec<Found>> = BTreeMap::new();
    for number in world.table.servers() {
        let Some(process) = &world.servers[number].process else {
            return Err(format!("{number} is down"));
        };
        for (key, place) in process.shard.places() {
            let acts = matches!(place, Place::Acts(_));
            match place.record() {
                Some(record) => {
                    let whole = world.servers[number].whole(record);
                    sessions.entry(key).or_default().push((number, acts, whole));
                }
                None => return Err(format!("{key}: something is under way at {number}")),
            }
        }
    }
    for (key, copies) in &sessions {
        look_at(world, *key, copies, wanted).map_err(|wrong| format!("{key}: {wrong}"))?;
    }
    Ok(())
}

/// A copy: on which server, whether that one acts, and what it has.
type Found = (usize, bool, Record);

/// Looks at what is left of one session.
fn look_at(world: &World, key: SessionKey, copies: &[Found], wanted: usize) -> Result<(), String> {
    let Some((_, _, first)) = copies.first() else { return Ok(()) };
    let story = world.users.stories.iter().find(|story| story.key == key);
    if story.is_some_and(|story| story.idle.is_some() || story.end.is_some()) {
        return Err("invariant 10: nobody ended it, and nobody has used it".into());
    }
    if first.live().is_none() {
        return Err("invariant 10: an ended session is not forgotten".into());
    }
    are_equal(copies)?;
    let acting = copies.iter().filter(|(_, acts, _)| *acts).count();
    if acting > 1 {
        return Err(format!("{acting} servers act"));
    }
    if copies.len() != wanted {
        let at: Vec<usize> = copies.iter().map(|(at, ..)| *at).collect();
        return Err(format!("invariant 4: copies at {at:?}, wanted {wanted}"));
    }
    // A server whose disk was emptied says no with a good conscience.
    let kept = world.plan.kind != Kind::Anything;
    if kept && story.is_some_and(|story| story.denied) {
        return Err("it was said to be gone, and it is there: it was unknown".into());
    }
    let withdrawn = world.plan.nobody_ends() || world.plan.kind.is_strict();
    if withdrawn && story.is_some_and(|story| story.unmade) {
        return Err("its making was refused, and it is there".into());
    }
    // And what only one server had acknowledged may be lost with it.
    if kept && story.is_some_and(|story| story.ended) {
        return Err("invariant 2: it had ended".into());
    }
    Ok(())
}

fn are_equal(copies: &[Found]) -> Result<(), String> {
    let Some((_, _, first)) = copies.first() else { return Ok(()) };
    let Some((at, _, other)) = copies.iter().find(|(_, _, other)| *other != *first) else {
        return Ok(());
    };
    let all: Vec<String> = copies.iter().map(brief).collect();
    let how = if other.version == first.version {
        ", the same version with other bytes at "
    } else {
        ", not "
    };
    Err(format!("invariant 4: {}{how}{at}", all.join(", ")))
}

fn brief((at, acts, record): &Found) -> String {
    let acts = if *acts { " (acts)" } else { "" };
    let Version { epoch, sequence } = record.version;
    let (counter, server) = (epoch.counter, epoch.server.get());
    format!("{at}{acts} {counter}@{server}#{}.{sequence}", epoch.incarnation.0)
}
