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
    let mut sessions: BTreeMap<SessionKey, Vec<(usize, bool, Record)>> = BTreeMap::new();
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
        let Some((_, _, first)) = copies.first() else { continue };
        let story = world.users.stories.iter().find(|story| story.key == *key);
        if story.is_some_and(|story| story.idle.is_some() || story.end.is_some()) {
            return Err(format!("{key}: invariant 10: nobody ended it, and nobody has used it"));
        }
        if first.live().is_none() {
            return Err(format!("{key}: invariant 10: an ended session is not forgotten"));
        }
        if let Some((at, _, other)) = copies.iter().find(|(_, _, other)| other != first) {
            let all: Vec<String> = copies
                .iter()
                .map(|(at, acts, one)| {
                    let (acts, version) = (if *acts { " (acts)" } else { "" }, one.version);
                    let Version { epoch, sequence } = version;
                    let (counter, server) = (epoch.counter, epoch.server.get());
                    format!("{at}{acts} {counter}@{server}#{}.{sequence}", epoch.incarnation.0)
                })
                .collect();
            let (at, differs) = (*at, other.version == first.version);
            let how = if differs { ", the same version with other bytes at " } else { ", not " };
            return Err(format!("{key}: invariant 4: {}{how}{at}", all.join(", ")));
        }
        let acting = copies.iter().filter(|(_, acts, _)| *acts).count();
        if acting > 1 {
            return Err(format!("{key}: {acting} servers act"));
        }
        if copies.len() != wanted {
            let at: Vec<usize> = copies.iter().map(|(at, ..)| *at).collect();
            return Err(format!("{key}: invariant 4: copies at {at:?}, wanted {wanted}"));
        }
        // A server whose disk was emptied says no with a good conscience.
        let kept = world.plan.kind != Kind::Anything;
        if kept && story.is_some_and(|story| story.denied) {
            return Err(format!("{key}: it was said to be gone, and it is there: it was unknown"));
        }
        if world.plan.nobody_ends() && story.is_some_and(|story| story.unmade) {
            return Err(format!("{key}: its making was refused, and it is there"));
        }
        // And what only one server had acknowledged may be lost with it.
        if kept && story.is_some_and(|story| story.ended) {
            return Err(format!("{key}: invariant 2: it had ended"));
        }
    }
    Ok(())
}
