//! Servers that are asked for sessions that others have.

use super::small_ring::{SmallRing, name, safety};
use crate::answer::Answer;
use crate::call::Want;
use crate::frame::Frame;

fn load() -> Want {
    Want::Load(None)
}

/// Whoever came to a server that holds nothing made it ask everybody at each request.
#[test]
fn a_visitor_remembers_where_it_found_who_acts() {
    let mut ring = SmallRing::new(4, safety());
    ring.create();
    ring.order = [name(3)].into_iter().collect();
    let asks = |ring: &SmallRing| {
        let asks = |(from, _, frame): &&(usize, usize, Frame)| {
            *from == 3 && matches!(frame, Frame::Ask { .. })
        };
        ring.sent.iter().filter(asks).count()
    };
    assert!(matches!(ring.call(3, load()), Some(Answer::Session { .. })));
    assert_eq!(asks(&ring), 3);
    assert!(matches!(ring.call(3, load()), Some(Answer::Session { .. })));
    assert_eq!(asks(&ring), 3, "it knows where to go");
    assert_eq!(ring.servers[3].shard.places().count(), 0);
    // What it remembers proves nothing.
    ring.kill(0);
    let ticket = ring.ask(3, load());
    ring.pass(2500);
    assert!(matches!(ring.answer(ticket), Some(Answer::Session { .. })));
    assert!(asks(&ring) > 3);
}
