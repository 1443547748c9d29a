//! Whether all is well, so that the next thing may go wrong.

use std::collections::BTreeSet;

use copal_replica::place::Place;

use crate::process::number_of;
use crate::world::World;

/// Whether every session has all its copies, on servers that are there.
pub(crate) fn is_well(world: &World) -> bool {
    if world.trouble.is_some() {
        return false;
    }
    let wanted = world.plan.safety.copies.min(world.table.servers().count());
    let mut acting = BTreeSet::new();
    let mut copies = BTreeSet::new();
    for number in world.table.servers() {
        let Some(process) = &world.servers[number].process else { return false };
        if process.wished.is_some() || process.table_version != world.table.version {
            return false;
        }
        for (key, place) in process.shard.places() {
            match place {
                Place::Copy(copy) if copy.record().is_some_and(|one| one.live().is_some()) => {
                    copies.insert(key);
                }
                Place::Copy(copy) if copy.is_missing() => return false,
                Place::Copy(_) => {}
                Place::Acts(owned) => {
                    acting.insert(key);
                    let current = owned.record().holders.current().filter(|holder| {
                        let number = number_of(holder.server);
                        let process = world.servers[number].process.as_ref();
                        process.is_some_and(|one| one.own.incarnation == holder.incarnation)
                    });
                    let enough = current.count() >= wanted || owned.record().live().is_none();
                    if !enough || !owned.is_settled() {
                        return false;
                    }
                }
            }
        }
    }
    copies.is_subset(&acting)
}
