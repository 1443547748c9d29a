//! Whether a server that stops is still needed for a session.

use crate::holders::Holder;
use crate::place::Place;
use crate::surroundings::Surroundings;

/// Whether this server, which stops, is still needed for a session: it acts for it, or without it there are
/// fewer copies than there should be, and others could make one.
#[must_use]
pub fn is_needed(place: &Place, around: &Surroundings<'_>) -> bool {
    let Some(record) = place.record().filter(|record| record.live().is_some()) else {
        return false;
    };
    let scene = around.scene(&[]);
    let stays = |holder: &&Holder| {
        let server = holder.server;
        server != around.own.server && !scene.leaving.contains(&server) && !scene.has_lost(holder)
    };
    let enough = around.safety.copies.min(around.others_that_could_hold());
    let acts = matches!(place, Place::Acts(_));
    enough > 0 && (acts || record.holders.current().filter(stays).count() < enough)
}
