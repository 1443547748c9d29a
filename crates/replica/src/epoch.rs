//! Who acts for a session, and since which start of that server.

use copal_protocol::server_index::ServerIndex;

use crate::incarnation::Incarnation;
use crate::plant::{Plant, has};

/// Who acts for one session. The server named in the highest epoch that was begun is its acting
/// owner, and no other server applies changes.
///
/// Epochs are compared by their counter, then by server, then by incarnation. A server is asked for
/// one that is higher than all that others know, and names itself in it, so nobody can begin one
/// that somebody else has begun, nor one that it began itself before it was started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch {
    /// One more than in the epoch before.
    pub counter: u64,
    /// The acting owner.
    pub server: ServerIndex,
    /// The start of the acting owner with which the epoch ends.
    pub incarnation: Incarnation,
}

impl Epoch {
    /// The first epoch of a session, begun by the server that makes it.
    #[must_use]
    pub const fn first(server: ServerIndex, incarnation: Incarnation) -> Self {
        Self { counter: 1, server, incarnation }
    }

    /// The epoch that `server` may begin after this one; `None` when the counter is used up.
    #[must_use]
    pub fn next(self, server: ServerIndex, incarnation: Incarnation) -> Option<Self> {
        let step = u64::from(!has(Plant::EqualEpochs));
        let counter = self.counter.checked_add(step)?;
        Some(Self { counter, server, incarnation })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epoch(counter: u64, server: usize, incarnation: u64) -> Epoch {
        let server = ServerIndex::new(server).unwrap();
        Epoch { counter, server, incarnation: Incarnation(incarnation) }
    }

    #[test]
    fn counter_then_server_then_incarnation() {
        let sorted = [
            epoch(1, 0, 5),
            epoch(1, 0, 9),
            epoch(1, 2, 1),
            epoch(2, 0, 0),
            epoch(2, 1, 0),
            epoch(3, 0, 0),
        ];
        assert!(sorted.is_sorted_by(|before, after| before < after));
    }

    #[test]
    fn whoever_begins_the_next_one_is_above_all_others_of_before() {
        let (a, b) = (ServerIndex::new(0).unwrap(), ServerIndex::new(63).unwrap());
        let before = Epoch::first(b, Incarnation(u64::MAX));
        assert!(before.next(a, Incarnation(0)).unwrap() > before);
        assert_eq!(epoch(u64::MAX, 0, 0).next(a, Incarnation(0)), None);
    }
}
