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
