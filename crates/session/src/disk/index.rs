//! Where on the disk the newest version of each record stands.

use std::collections::HashMap;

use copal_protocol::session_key::SessionKey;

use crate::disk::place::Place;

/// Where the newest version of each record stands.
#[derive(Debug, Default)]
pub(crate) struct Index {
    places: HashMap<SessionKey, Place>,
    live: u64,
}

impl Index {
    pub(crate) fn get(&self, key: &SessionKey) -> Option<&Place> {
        self.places.get(key)
    }

    /// Notes where the newest version stands now; `None`: nowhere.
    pub(crate) fn set(&mut self, key: SessionKey, place: Option<Place>) {
        let before = match place {
            Some(place) => {
                self.live += u64::from(place.length);
                self.places.insert(key, place)
            }
            None => self.places.remove(&key),
        };
        self.live -= before.map_or(0, |place| u64::from(place.length));
    }

    /// Forgets all that stands in segments before this one.
    pub(crate) fn forget_before(&mut self, first: u32) {
        let live = &mut self.live;
        self.places.retain(|_, place| {
            let stays = place.segment.number >= first;
            if !stays {
                *live -= u64::from(place.length);
            }
            stays
        });
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// The bytes of all newest versions.
    pub(crate) const fn live(&self) -> u64 {
        self.live
    }
}
