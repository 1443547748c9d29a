//! Copies of which nobody knows any more.

use super::small_ring::{SmallRing, index, name, safety};
use crate::epoch::Epoch;
use crate::holders::{Holder, Holders, Standing};
use crate::incarnation::Incarnation;
use crate::version::Version;

/// A disk was put back to an older state. Whoever acts did not know of the copy on it, and it was left to
/// that one to look after it: it lay there for ever.
#[test]
fn a_copy_from_an_older_disk_is_found_although_a_holder_is_there() {
    let mut ring = SmallRing::new(3, safety());
    ring.create();
    let mut old = ring.record(0).unwrap().clone();
    let former = Incarnation(77);
    let epoch = Epoch { counter: 0, server: index(2), incarnation: former };
    old.version = Version { epoch, sequence: 1 };
    old.holders = Holders::default();
    for (server, incarnation) in [(0, ring.servers[0].own.incarnation), (2, former)] {
        let holder = Holder { server: name(server), incarnation, standing: Standing::Current };
        assert!(old.holders.put(holder));
    }
    ring.servers[2].with(ring.now, |shard, around, _| shard.restore(old, None, false, around));
    ring.pass(100_000);
    assert!(ring.record(2).is_some(), "app-a may know of it");
    ring.pass(100_000);
    assert!(ring.record(2).is_none());
    assert!(ring.record(0).is_some() && ring.record(1).is_some());
}
