//! How long a session was not used, over everything that may happen to the servers that have it.

use std::time::Duration;

use super::small_ring::{SmallRing, birth_with, index, name, safety};
use crate::answer::Answer;
use crate::call::Want;
use crate::copy::Reply;
use crate::frame::Frame;
use crate::record::Record;

/// The time-out of all sessions here. Of a use the others may hear half a second late.
const IDLE: Duration = Duration::from_secs(10);

/// A ring with a session that app-a has just made.
fn ring(servers: usize) -> SmallRing {
    let mut ring = SmallRing::new(servers, safety());
    assert!(matches!(ring.call(0, birth_with(Some(IDLE), None)), Some(Answer::Done { .. })));
    ring.pass(500);
    ring
}

fn lives(answer: &Option<Answer>) -> bool {
    match answer {
        Some(Answer::Session { .. }) => true,
        Some(Answer::Absent) => false,
        other => panic!("{other:?}"),
    }
}

/// What a server says when it is asked, at the latest after a takeover.
fn asked(ring: &mut SmallRing, server: usize) -> bool {
    let ticket = ring.ask(server, Want::Load(None));
    ring.pass(2500);
    lives(&ring.answer(ticket))
}

#[test]
fn a_takeover_is_no_use() {
    for (waits, alive) in [(6000, true), (8000, false)] {
        let mut ring = ring(2);
        ring.kill(0);
        ring.pass(waits);
        assert_eq!(ring.acts(1), waits > 3000, "somebody acts by itself");
        ring.pass(3000);
        assert_eq!(asked(&mut ring, 1), alive, "after {waits}");
    }
}

/// Nobody looks after sessions here for seconds: it is told when it is used.
#[test]
fn who_takes_over_knows_of_a_use_that_was_just_before() {
    let mut ring = ring(2);
    ring.pass(7000);
    assert!(lives(&ring.call(0, Want::Load(None))));
    ring.kill(0);
    ring.pass(7000);
    assert!(asked(&mut ring, 1));
}

/// The first use after a grant was told to nobody: it came within the interval after that.
#[test]
fn what_others_heard_is_an_older_use_when_a_session_was_just_given_away() {
    let mut ring = ring(2);
    ring.kill(0);
    assert!(asked(&mut ring, 1));
    ring.start(0);
    ring.pass(7000);
    assert!(lives(&ring.call(0, Want::Load(None))));
    assert!(ring.acts(0), "it is named first");
    ring.kill(0);
    ring.pass(5000);
    assert!(asked(&mut ring, 1));
}

#[test]
fn a_use_within_the_interval_is_forgiven() {
    let mut ring = ring(2);
    ring.pass(5000);
    assert!(lives(&ring.call(0, Want::Load(None))));
    ring.pass(400);
    // That is not told any more.
    assert!(lives(&ring.call(0, Want::Load(None))));
    ring.kill(0);
    ring.pass(9700);
    assert!(ring.acts(1), "by itself");
    assert!(lives(&ring.call(1, Want::Load(None))), "10.1 s after the use that was told");
}

#[test]
fn a_grant_is_no_use() {
    let mut ring = ring(3);
    ring.pass(5000);
    ring.servers[0].liveness.becomes(copal_protocol::state::State::Leaving);
    ring.pass(4000);
    assert!(ring.acts(1));
    ring.pass(1000);
    assert!(!lives(&ring.call(1, Want::Load(None))));
}

#[test]
fn a_new_holder_and_a_list_of_holders_are_no_use() {
    let mut ring = ring(3);
    ring.pass(5000);
    ring.kill(1);
    ring.pass(2000);
    assert!(ring.record(2).is_some(), "the third one has a copy by now");
    ring.kill(0);
    ring.pass(3500);
    assert!(!asked(&mut ring, 2));
}

/// What somebody who does not act knows of uses is asked, too.
#[test]
fn the_last_use_that_any_of_them_knows_of_counts() {
    let mut ring = SmallRing::new(3, crate::safety::Safety { copies: 3, ..safety() });
    ring.call(0, birth_with(Some(IDLE), None));
    ring.pass(3000);
    ring.lose = Box::new(|from, to, _| (from, to) == (0, 1));
    ring.pass(3000);
    assert!(lives(&ring.call(0, Want::Load(None))));
    ring.kill(0);
    ring.lose = Box::new(|_, _, _| false);
    ring.pass(7000);
    assert!(asked(&mut ring, 1));
}

/// A record of another line, with a higher sequence.
fn other_line(record: &Record) -> Record {
    let mut other = record.clone();
    let epoch = crate::epoch::Epoch { server: index(1), ..other.version.epoch };
    other.version = crate::version::Version { epoch, sequence: 9 };
    other.seen.add(other.version);
    other
}

#[test]
fn of_two_lines_the_later_use_counts_and_to_merge_them_is_none() {
    for (age, alive) in [(Duration::from_secs(1), true), (Duration::from_secs(7), false)] {
        let mut ring = ring(2);
        ring.pass(6500);
        let other = std::sync::Arc::new(other_line(ring.record(1).unwrap()));
        ring.says(1, 0, Frame::Reply(Reply::Differs(other, Some(age))));
        ring.deliver();
        assert_eq!(ring.servers[0].out.counts.merges, 1);
        ring.pass(4000);
        assert_eq!(lives(&ring.call(0, Want::Load(None))), alive, "{age:?}");
    }
}

#[test]
fn a_power_cut_is_no_use_however_long_it_takes() {
    for (off, alive) in [(3000, true), (12_000, false), (3_600_000, false)] {
        let mut ring = ring(2);
        ring.pass(4000);
        let disks = [0, 1].map(|server| ring.disk(server).unwrap());
        (0..2).for_each(|server| ring.kill(server));
        ring.now += off;
        for (server, disk) in disks.iter().enumerate() {
            ring.start(server);
            ring.restore(server, disk);
        }
        assert_eq!(asked(&mut ring, 1), alive, "after {off}");
        assert_eq!(asked(&mut ring, 0), alive, "after {off}");
    }
}

#[test]
fn the_disk_knows_of_uses_that_change_nothing() {
    for server in [0, 1] {
        let mut ring = ring(2);
        ring.servers[server].kept.clear();
        for _ in 0..30 {
            ring.pass(500);
            assert!(lives(&ring.call(0, Want::Load(None))));
        }
        let disk = ring.servers[server].kept.clone();
        (0..2).for_each(|server| ring.kill(server));
        ring.now += 5000;
        (0..2).for_each(|server| ring.start(server));
        ring.restore(server, &disk);
        assert!(asked(&mut ring, server), "{} has it on its disk", name(server));
    }
}

/// Clocks that are set back make sessions younger, and a disk of before says nothing of uses.
#[test]
fn what_nobody_can_know_ends_no_session() {
    let mut ring = ring(2);
    ring.pass(4000);
    let record = ring.record(0).unwrap().clone();
    let disk = ring.disk(0).unwrap();
    for disk in [disk, crate::record_code::write(&record)] {
        (0..2).for_each(|server| ring.kill(server));
        (0..2).for_each(|server| ring.start(server));
        ring.servers[0].wall = 10_000;
        ring.restore(0, &disk);
        assert!(asked(&mut ring, 0));
    }
}

/// A holder was away when another one took over, and has heard of a use that nobody else knows of.
#[test]
fn a_holder_that_knows_of_a_later_use_lets_nobody_end_the_session() {
    let mut ring = SmallRing::new(3, crate::safety::Safety { copies: 3, ..safety() });
    ring.call(0, birth_with(Some(IDLE), None));
    ring.pass(6000);
    ring.lose = Box::new(|from, to, _| (from, to) == (0, 1));
    assert!(lives(&ring.call(0, Want::Load(None))));
    ring.stop(2);
    ring.kill(0);
    ring.pass(4000);
    assert!(ring.acts(1) && ring.record(1).unwrap().live().is_some());
    ring.lose = Box::new(|_, _, _| false);
    ring.resume(2);
    ring.pass(2000);
    assert!(lives(&ring.call(1, Want::Load(None))), "12 s after what app-b has heard of");
    ring.start(0);
    ring.pass(16_000);
    assert!(ring.record(1).unwrap().live().is_none() && ring.record(2).unwrap().live().is_none());
}

#[test]
fn a_holder_that_refuses_is_heard_and_asked_again() {
    let mut ring = ring(2);
    ring.pass(7000);
    let record = std::sync::Arc::new(ring.record(0).unwrap().clone());
    let version = record.version;
    ring.sent.clear();
    for (age, refuses) in [(7500, false), (8500, false), (9900, true)] {
        let age = Duration::from_millis(age);
        for frame in [
            Frame::Touch { version, age },
            Frame::Record { record: std::sync::Arc::clone(&record), age: Some(age) },
        ] {
            ring.sent.clear();
            ring.says(0, 1, frame);
            ring.deliver();
            let differs = |one: &(usize, usize, Frame)| {
                matches!(one, (1, 0, Frame::Reply(Reply::Differs(..))))
            };
            assert_eq!(ring.sent.iter().any(differs), refuses, "{age:?}: {:?}", ring.sent);
            // A touch of what it is known to have is not answered.
            let last = ring.sent.last();
            let held = matches!(last, None | Some((1, 0, Frame::Reply(Reply::Held(_)))));
            assert!(held, "{last:?}");
        }
    }
}
