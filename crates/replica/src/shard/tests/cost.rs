//! How much servers say to each other about one session, in frames and in bytes.

use copal_protocol::link_frame;

use super::small_ring::{SmallRing, safety};
use super::*;
use crate::frame_code;

/// A start as the clock of a real one gives it: nine bytes on the wire.
const START: u64 = 1_800_000_000_000_000 << 8;

/// A session of app-a, whose copy is at app-b, of 20 attributes of 1 KB; everybody is still.
fn session() -> SmallRing {
    let mut ring = SmallRing::started(3, safety(), START);
    ring.create();
    let attributes =
        (0..20).map(|n| (format!("attribute-{n}").into(), Some(vec![b'x'; 1000].into())));
    let change = Change { attributes: attributes.collect(), ..Change::of("/") };
    assert!(matches!(ring.call(0, ring.change(0, change)), Some(Answer::Done { .. })));
    ring.pass(1000);
    ring.sent.clear();
    ring
}

/// One of them gets 100 other bytes.
fn small_change() -> Change {
    set("attribute-7", &"y".repeat(100))
}

/// The bytes of everything that was said, with the heads of frames.
fn bytes(ring: &SmallRing) -> usize {
    let size = |frame| link_frame::HEAD + frame_code::write(ring.key, frame).len();
    ring.sent.iter().map(|(.., frame)| size(frame)).sum()
}

#[test]
fn a_small_change_of_a_large_session_takes_two_frames_and_less_than_500_bytes() {
    let mut ring = session();
    let change = ring.change(0, small_change());
    assert!(matches!(ring.call(0, change), Some(Answer::Done { .. })));
    let [(0, 1, Frame::Step(_)), (1, 0, Frame::Reply(Reply::Held(_)))] = &ring.sent[..] else {
        panic!("{:?}", ring.sent);
    };
    assert!(bytes(&ring) <= 500, "{} bytes", bytes(&ring));
    // Not even what is looked after later.
    ring.pass(2000);
    assert!(bytes(&ring) <= 500, "{} bytes", bytes(&ring));
    assert_eq!(ring.record(0), ring.record(1));
}

/// The request came to the server that has the copy: it asks whether that is the newest, has the change made,
/// and gets the step as any holder does.
#[test]
fn a_small_change_by_way_of_the_other_holder_takes_six_frames_and_less_than_1000_bytes() {
    let mut ring = session();
    assert!(matches!(ring.call(1, load()), Some(Answer::Session { .. })));
    let change = ring.change(1, small_change());
    assert!(matches!(ring.call(1, change), Some(Answer::Done { .. })));
    assert_eq!(ring.sent.len(), 6, "{:?}", ring.sent);
    assert!(bytes(&ring) <= 1000, "{} bytes", bytes(&ring));
}

#[test]
fn a_read_on_the_acting_server_takes_no_frame() {
    let mut ring = session();
    for _ in 0..100 {
        assert!(matches!(ring.call(0, load()), Some(Answer::Session { .. })));
    }
    assert!(ring.sent.is_empty(), "{:?}", ring.sent);
}

#[test]
fn that_a_session_is_used_is_said_from_time_to_time_without_data() {
    let mut ring = session();
    for _ in 0..60 {
        assert!(matches!(ring.call(0, load()), Some(Answer::Session { .. })));
        ring.pass(1000);
    }
    let touches = ring.sent.iter().filter(|(.., frame)| matches!(frame, Frame::Touch { .. }));
    let touches = touches.count();
    assert!((4..=7).contains(&touches), "{touches}: at most one in ten seconds");
    assert_eq!(ring.sent.len(), touches, "whoever has everything says nothing");
    assert!(bytes(&ring) <= 50 * touches, "{} bytes", bytes(&ring));
}
