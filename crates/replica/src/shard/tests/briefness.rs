//! What a session holds is not sent to whoever has it.

use super::small_ring::{SmallRing, birth, name, safety};
use super::*;
use crate::opinion::Shown;

/// A session of app-a, whose copy is at app-b, with an attribute of 20 KB.
fn large() -> SmallRing {
    let mut ring = SmallRing::new(3, safety());
    ring.create();
    let change = ring.change(0, set("large", &"x".repeat(20_000)));
    assert!(matches!(ring.call(0, change), Some(Answer::Done { .. })));
    ring.sent.clear();
    ring
}

/// Whether any frame from one to another carries all that the session holds.
fn whole(ring: &SmallRing, from: usize, to: usize) -> usize {
    let holds = |frame: &Frame| match frame {
        Frame::Record { .. } | Frame::Reply(Reply::Differs(..)) => true,
        Frame::Opinion { opinion, .. } => matches!(opinion.copy, Some(Shown::Record(_))),
        Frame::Answer { answer, .. } => matches!(**answer, Answer::Session { .. }),
        _ => false,
    };
    let sent = ring.sent.iter().filter(|(a, b, frame)| (*a, *b) == (from, to) && holds(frame));
    sent.count()
}

#[test]
fn whoever_asks_whether_he_still_acts_is_not_told_what_he_has() {
    let mut ring = large();
    ring.stop(0);
    ring.pass(2000);
    ring.resume(0);
    ring.pass(300);
    ring.sent.clear();
    let answer = ring.call(0, load());
    assert_eq!(shown(&answer, "large").unwrap().len(), 20_000);
    assert!(ring.sent.iter().any(|(.., frame)| matches!(frame, Frame::Opinion { .. })));
    assert_eq!(whole(&ring, 1, 0), 0);
}

#[test]
fn whoever_takes_over_sends_other_holders_only_that() {
    let mut ring = SmallRing::new(3, Safety { copies: 3, ..safety() });
    ring.create();
    let change = ring.change(0, set("large", &"x".repeat(20_000)));
    assert!(matches!(ring.call(0, change), Some(Answer::Done { .. })));
    ring.sent.clear();
    ring.kill(0);
    let ticket = ring.ask(1, ring.change(1, set("small", "y")));
    ring.pass(2500);
    assert!(matches!(ring.answer(ticket), Some(Answer::Done { .. })));
    assert!(ring.acts(1));
    assert_eq!((whole(&ring, 1, 2), whole(&ring, 2, 1)), (0, 0));
    assert_eq!(ring.record(1), ring.record(2));
    assert_eq!(shown(&ring.call(2, load()), "small").unwrap(), "y");
}

/// It was away for a while, and nothing was changed.
#[test]
fn a_holder_that_comes_back_is_not_sent_what_it_has() {
    let mut ring = large();
    ring.part(0, 1);
    ring.pass(2000);
    let ticket = ring.ask(0, load());
    ring.pass(3000);
    assert!(ring.answer(ticket).is_some());
    let listed = ring.record(0).unwrap().holders.get(name(1)).copied();
    assert_eq!(listed.map(|one| one.standing), Some(crate::holders::Standing::Behind));
    ring.cut.clear();
    ring.pass(3000);
    assert_eq!((whole(&ring, 0, 1), whole(&ring, 0, 2)), (0, 1), "app-c was its substitute");
    let outlines = ring.sent.iter().filter(|(.., frame)| matches!(frame, Frame::Outline { .. }));
    assert!(outlines.count() > 0);
}

/// What it lacks it is sent once, however many steps follow.
#[test]
fn a_holder_that_comes_back_and_lacks_something_is_sent_everything_once() {
    let mut ring = SmallRing::new(3, safety());
    ring.create();
    ring.part(0, 1);
    ring.pass(1600);
    let ticket = ring.ask(0, ring.change(0, set("large", &"x".repeat(20_000))));
    ring.pass(900);
    assert!(matches!(ring.answer(ticket), Some(Answer::Done { .. })));
    ring.sent.clear();
    ring.cut.clear();
    let is_outline = |(from, to, frame): &(usize, usize, Frame)| {
        (*from, *to) == (0, 1) && matches!(frame, Frame::Outline { .. })
    };
    while !ring.sent.iter().any(is_outline) {
        ring.deliver();
        ring.now += 50;
        (0..3).for_each(|server| ring.tick(server));
        assert!(ring.now < 60_000, "nobody catches up");
    }
    // It is under way, and meanwhile there are three more changes.
    let change = |number: u64| set(&format!("n{number}"), "y");
    let tickets = [1, 2, 3].map(|number| ring.ask(0, ring.change(0, change(number))));
    ring.deliver();
    let steps = ring.sent.iter().filter(|(.., frame)| matches!(frame, Frame::Step(_)));
    assert!(steps.count() >= 6, "three to each holder");
    assert_eq!(whole(&ring, 0, 1), 1);
    assert_eq!(ring.record(0), ring.record(1));
    for ticket in tickets {
        let answer = ring.answer(ticket);
        assert!(matches!(answer, Some(Answer::Done { .. })), "{answer:?}");
    }
}

/// A session that is elsewhere is looked for, and comes once: with the answer to the request.
#[test]
fn whoever_acts_says_so_and_shows_the_session_to_whom_it_serves() {
    let mut ring = large();
    ring.order = [name(2)].into_iter().collect();
    assert_eq!(shown(&ring.call(2, load()), "large").unwrap().len(), 20_000);
    assert_eq!(whole(&ring, 0, 2), 1);
}

/// It believed that it acts, and had left out what the session holds; somebody else acted since.
#[test]
fn whoever_acted_once_shows_everything_when_it_hears_of_that() {
    let mut ring = SmallRing::new(4, safety());
    ring.create();
    let change = ring.change(0, set("x", "kept"));
    assert!(matches!(ring.call(0, change), Some(Answer::Done { .. })));
    // app-b says of an epoch of app-d that it was begun, and nothing is left of that but this.
    let epoch =
        Epoch { counter: 2, server: index(3), incarnation: ring.servers[3].own.incarnation };
    let version = Version { epoch, sequence: 9 };
    ring.lose = Box::new(|from, to, _| (from, to) == (1, 3));
    ring.says(3, 1, Frame::Touch { version, age: Duration::ZERO });
    ring.deliver();
    ring.lose = Box::new(|_, _, _| false);
    ring.kill(3);
    ring.servers[1].table(&[(name(0), index(0)), (name(2), index(2)), (name(3), index(3))]);
    ring.order = [name(2)].into_iter().collect();
    ring.sent.clear();
    let ticket = ring.ask(2, load());
    ring.pass(6000);
    let answer = ring.answer(ticket);
    assert_eq!(shown(&answer, "x").unwrap(), "kept");
    let brief = |(from, _, frame): &(usize, usize, Frame)| {
        *from == 0 && matches!(frame, Frame::Opinion { opinion, .. } if opinion.is_brief())
    };
    assert!(ring.sent.iter().any(brief), "{:?}", ring.sent);
}

#[test]
fn a_new_holder_is_sent_everything_at_once() {
    let mut ring = SmallRing::new(2, safety());
    assert!(matches!(ring.call(0, birth()), Some(Answer::Done { .. })));
    assert_eq!(whole(&ring, 0, 1), 1);
    assert!(!ring.sent.iter().any(|(.., frame)| matches!(frame, Frame::Outline { .. })));
}
