//! Servers that are to have no more requests, and servers that stop.

use copal_protocol::state::State;

use super::small_ring::{SmallRing, safety};
use crate::answer::Answer;
use crate::call::Want;

fn shows_it(answer: &Option<Answer>) -> bool {
    matches!(answer, Some(Answer::Session { .. }))
}

#[test]
fn a_server_that_is_evicted_gives_a_session_away_when_it_is_asked_for() {
    let mut ring = SmallRing::new(3, safety());
    ring.create();
    ring.servers[0].liveness.becomes(State::Evict);
    ring.pass(10_000);
    assert!(ring.acts(0), "nobody has asked");
    assert!(shows_it(&ring.call(0, Want::Load(None))));
    assert!(ring.acts(1) && !ring.acts(0));
}

#[test]
fn whoever_asks_an_evicted_server_gets_the_session_if_it_is_the_backup() {
    let mut ring = SmallRing::new(3, safety());
    ring.create();
    ring.servers[0].liveness.becomes(State::Evict);
    ring.pass(1000);
    assert!(shows_it(&ring.call(2, Want::Load(None))));
    assert!(ring.acts(1), "the backup, whoever asks");
    let mut ring = SmallRing::new(3, safety());
    ring.create();
    ring.servers[0].liveness.becomes(State::Evict);
    ring.pass(1000);
    ring.sent.clear();
    assert!(shows_it(&ring.call(1, Want::Load(None))));
    assert!(ring.acts(1));
    let asked =
        ring.sent.iter().any(|(_, _, frame)| matches!(frame, crate::frame::Frame::Ask { .. }));
    assert!(!asked, "nobody had to look for it: {:?}", ring.sent);
}

#[test]
fn a_server_that_stops_is_needed_until_the_others_have_enough_copies() {
    for leaving in [0, 1] {
        let mut ring = SmallRing::new(3, safety());
        ring.create();
        ring.servers[leaving].liveness.becomes(State::Leaving);
        ring.lose = Box::new(|_, to, _| to == 2);
        ring.pass(2000);
        assert!(!ring.acts(leaving));
        assert!(ring.is_needed(leaving), "there is one copy without it");
        ring.lose = Box::new(|_, _, _| false);
        ring.pass(8000);
        assert!(!ring.is_needed(leaving));
        ring.kill(leaving);
        assert!(shows_it(&ring.call(2, Want::Load(None))));
    }
}

#[test]
fn a_server_that_stops_waits_for_nobody_who_could_not_help() {
    let mut ring = SmallRing::new(3, safety());
    ring.create();
    ring.servers[0].liveness.becomes(State::Leaving);
    ring.kill(2);
    ring.pass(5000);
    assert!(ring.acts(1) && !ring.is_needed(0), "one other is there, and has it");
    let mut ring = SmallRing::new(2, safety());
    ring.create();
    ring.kill(1);
    ring.servers[0].liveness.becomes(State::Leaving);
    ring.pass(5000);
    assert!(ring.acts(0) && !ring.is_needed(0), "nobody is there");
}

/// Its holder was started again, and nobody asked for the session since: it could not be given to anybody
/// for as long as the server had to stop.
#[test]
fn a_server_that_stops_asks_before_it_gives_away_what_nobody_asked_for() {
    let mut ring = SmallRing::new(3, safety());
    ring.create();
    ring.start(1);
    ring.pass(3000);
    assert!(ring.acts(0), "nobody has asked");
    ring.servers[0].liveness.becomes(State::Leaving);
    ring.pass(10_000);
    assert!(!ring.acts(0), "it goes on with somebody else");
    assert!(shows_it(&ring.call(2, Want::Load(None))));
}
