//! What may be lost with a server when a change counts as soon as its acting owner has it.

use copal_protocol::session_key::SessionKey;
use copal_replica::place::Place;
use copal_replica::record::Record;

use crate::process::Process;
use crate::world::Server;

/// What may be lost with a server that is about to end, or stands still: of each session for which it acts
/// and of which no other one has everything at this moment, what is left.
pub(crate) fn lost_with(
    process: &Process,
    others: &[&Server],
) -> Vec<(SessionKey, Option<Box<Record>>)> {
    let mut lost = Vec::new();
    for (key, place) in process.shard.places() {
        let Place::Acts(owned) = place else { continue };
        let records = others.iter().filter_map(|other| {
            Some((*other, other.process.as_ref()?.shard.place(key)?.record()?))
        });
        let best = records.max_by_key(|(_, record)| record.version);
        if best.is_none_or(|(_, best)| best.version < owned.record().version) {
            lost.push((key, best.map(|(server, record)| Box::new(server.whole(record)))));
        }
    }
    lost
}
