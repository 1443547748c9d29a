//! What is done over and over takes no more room than what is done once.
//!
//! `scripts/bounded` runs the long forms.

use std::time::Duration;

use copal_protocol::session_key::SessionKey;

use crate::answer::Answer;
use crate::change::Change;
use crate::record_code;
use crate::samples::set;
use crate::shard::tests::small_ring::{SmallRing, birth_with, name, safety};

/// The memory of this process, in bytes.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

fn is_done(answer: &Option<Answer>) {
    assert!(matches!(answer, Some(Answer::Done { .. })), "{answer:?}");
}

/// So many attributes are set and removed again, each of another name.
fn set_and_remove(times: usize) {
    const MEANWHILE: usize = 1000;
    let mut ring = SmallRing::new(2, safety());
    ring.create();
    let mut sizes = Vec::new();
    let mut memory = 0;
    for time in 0..times {
        let name = format!("attribute-{time}");
        is_done(&ring.call(0, ring.change(0, set(&name, "value"))));
        let mut remove = Change::of("/");
        remove.attributes.insert(name.as_str().into(), None);
        is_done(&ring.call(0, ring.change(0, remove)));
        if time % MEANWHILE == MEANWHILE - 1 {
            // For a second nothing happens. What this test has kept itself does not count.
            ring.pass(1000);
            ring.sent = Vec::new();
            let records = [0, 1].map(|server| record_code::write(ring.record(server).unwrap()));
            assert_eq!(records[0], records[1]);
            sizes.push(records[0].len());
            memory = if sizes.len() == 2 { resident() } else { memory };
        }
    }
    let (first, last) = (sizes[0], sizes[sizes.len() - 1]);
    let grown = resident().saturating_sub(memory) >> 10;
    println!("{times} sets and removes: {first} bytes at first, {last} at last; {grown} KB more");
    // Numbers of changes get longer, and names with them.
    assert!(last <= 2 * first, "{sizes:?}");
    assert!(grown < 4 << 10, "{grown} KB");
}

/// So many sessions end while a server is away that has a copy of each.
fn end_without(sessions: usize) {
    let mut ring = SmallRing::new(2, safety());
    let key = |number: usize| SessionKey::parse(format!("{number:011}").as_bytes()).unwrap();
    let before = resident();
    for number in 0..sessions {
        ring.key = key(number);
        is_done(&ring.call(0, birth_with(Some(Duration::from_secs(36_000)), None)));
        ring.sent = Vec::new();
    }
    let live = resident().saturating_sub(before);
    ring.kill(1);
    ring.pass(1000);
    for number in 0..sessions {
        ring.key = key(number);
        is_done(&ring.call(0, ring.change(0, Change { ends: true, ..Change::of("/") })));
        ring.sent = Vec::new();
    }
    ring.pass(1000);
    let ended = resident().saturating_sub(before);
    let [live, ended] = [live, ended].map(|memory| memory / sessions);
    println!(
        "{sessions} sessions: {live} bytes each with their copies, {ended} when they have ended"
    );
    assert_eq!(ring.servers[0].shard.places().count(), sessions, "one that is away may come back");
    // What was freed is used again, and not given back to the system.
    assert!(ended <= live + live / 4, "{ended} bytes for each that has ended, {live} before");
    // It comes back, hears of each end, and then nobody has to remember them.
    ring.start(1);
    assert_eq!(ring.servers[1].own.server, name(1));
    for _ in 0..300 {
        ring.pass(1000);
        ring.sent = Vec::new();
    }
    for server in &ring.servers {
        assert_eq!(server.shard.places().count(), 0, "{:?}", server.own.server);
    }
}

#[test]
fn setting_and_removing_takes_no_room() {
    set_and_remove(3000);
}

#[test]
#[ignore = "long: scripts/bounded"]
fn setting_and_removing_ten_million_times_takes_no_room() {
    set_and_remove(10_000_000);
}

#[test]
fn ends_that_somebody_misses_take_less_room_than_sessions() {
    end_without(1000);
}

#[test]
#[ignore = "long: scripts/bounded"]
fn a_million_ends_that_somebody_misses_take_less_room_than_sessions() {
    end_without(1_000_000);
}
