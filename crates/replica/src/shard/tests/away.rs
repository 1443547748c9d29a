//! Servers that are away for so long that nobody counts on them.

use std::time::Duration;

use crate::call::Want;
use crate::shard::tests::small_ring::{SmallRing, name, safety};

/// With one server left, which alone cannot have all copies, the list would keep the other one for ever.
#[test]
fn a_server_that_left_the_table_is_struck_after_a_while_although_copies_are_missing() {
    let mut ring = SmallRing::new(2, safety());
    ring.servers[0].max_away = Duration::from_secs(60);
    ring.create();
    ring.kill(1);
    ring.pass(500);
    ring.servers[0].table(&[]);
    ring.pass(50_000);
    assert!(ring.record(0).unwrap().holders.get(name(1)).is_some(), "copies are missing");
    ring.pass(20_000);
    assert!(ring.record(0).unwrap().holders.get(name(1)).is_none());
    assert!(ring.call(0, Want::Load(None)).is_some(), "the session stays");
}

#[test]
fn a_server_that_is_in_the_table_is_waited_for_however_long_it_is_away() {
    let mut ring = SmallRing::new(2, safety());
    ring.servers[0].max_away = Duration::from_secs(60);
    ring.create();
    ring.kill(1);
    ring.pass(120_000);
    assert!(ring.record(0).unwrap().holders.get(name(1)).is_some());
}
