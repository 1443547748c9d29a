//! Ids of which nothing is known.

use copal_protocol::session_key::SessionKey;
use copal_protocol::state::State;

use super::small_ring::{SmallRing, birth, name, safety};
use super::*;

/// Somebody asks a server for so many ids that nobody was given. Returns what is answered at once.
fn flood(ring: &mut SmallRing, server: usize, count: u64, from: u64) -> Vec<Option<Answer>> {
    let own = ring.key;
    let answers = (from..from + count).map(|number| {
        ring.key = SessionKey::parse(format!("fld{number:08}").as_bytes()).unwrap();
        let ticket = ring.ask(server, load());
        ring.answer(ticket)
    });
    let answers = answers.collect();
    ring.key = own;
    answers
}

fn asks(ring: &SmallRing) -> usize {
    ring.sent.iter().filter(|(.., frame)| matches!(frame, Frame::Ask { .. })).count()
}

#[test]
fn of_one_key_there_is_one_question_under_way() {
    let mut ring = SmallRing::new(3, safety());
    ring.sent.clear();
    let tickets: Vec<_> = (0..5).map(|_| ring.ask(0, load())).collect();
    ring.deliver();
    assert_eq!(asks(&ring), 2, "one for each other server");
    for ticket in tickets {
        assert_eq!(ring.answer(ticket), Some(Answer::Absent));
    }
}

#[test]
fn a_clear_no_is_kept_for_a_second() {
    let mut ring = SmallRing::new(3, safety());
    assert_eq!(ring.call(0, load()), Some(Answer::Absent));
    ring.sent.clear();
    ring.pass(900);
    assert_eq!(ring.call(0, load()), Some(Answer::Absent));
    assert_eq!((ring.sent.len(), ring.servers[0].out.counts.spared), (0, 1));
    // A visitor asks there, and hears the same.
    assert_eq!(ring.call(2, load()), Some(Answer::Absent));
    assert_eq!(asks(&ring), 0);
    ring.pass(200);
    assert_eq!(ring.call(0, load()), Some(Answer::Absent));
    assert_eq!(asks(&ring), 2);
}

#[test]
fn a_perhaps_is_not_kept() {
    let mut ring = SmallRing::new(3, safety());
    ring.part(0, 1);
    ring.pass(3000);
    assert_eq!(ring.call(0, load()), Some(Answer::Unknown));
    ring.cut.clear();
    ring.pass(500);
    ring.sent.clear();
    assert_eq!(ring.call(0, load()), Some(Answer::Absent));
    assert_eq!(asks(&ring), 2);
}

/// Keys are no secret: with other letters somebody could have had a session denied that is there.
#[test]
fn a_no_counts_for_the_letters_with_which_was_asked() {
    let mut ring = SmallRing::new(4, safety());
    let letters = |all: [usize; 3]| all.into_iter().map(name).collect();
    ring.order = letters([1, 2, 0]);
    assert!(matches!(ring.call(1, birth()), Some(Answer::Done { .. })));
    ring.order = letters([0, 3, 3]);
    (1..3).for_each(|holder| ring.part(0, holder));
    ring.pass(3000);
    assert_eq!(ring.call(0, load()), Some(Answer::Absent));
    ring.cut.clear();
    ring.pass(500);
    assert_eq!(ring.call(0, load()), Some(Answer::Absent), "it is kept");
    ring.order = letters([0, 1, 2]);
    assert!(matches!(ring.call(0, load()), Some(Answer::Session { .. })));
}

#[test]
fn a_session_that_is_made_meanwhile_is_seen() {
    for maker in 0..3 {
        let mut ring = SmallRing::new(3, safety());
        for server in 0..3 {
            assert_eq!(ring.call(server, load()), Some(Answer::Absent));
        }
        assert!(matches!(ring.call(maker, birth()), Some(Answer::Done { .. })));
        for server in 0..3 {
            let answer = ring.call(server, load());
            assert!(matches!(answer, Some(Answer::Session { .. })), "{server}: {answer:?}");
        }
    }
}

/// Whoever is not named first may not hear of it.
#[test]
fn a_session_is_seen_that_is_made_where_nobody_hears_of_it() {
    let mut ring = SmallRing::new(3, safety());
    ring.order.clear();
    for server in 0..3 {
        assert_eq!(ring.call(server, load()), Some(Answer::Absent));
    }
    assert!(matches!(ring.call(0, birth()), Some(Answer::Done { .. })));
    for server in 0..3 {
        let answer = ring.call(server, load());
        assert!(matches!(answer, Some(Answer::Session { .. })), "{server}: {answer:?}");
    }
}

#[test]
fn a_session_is_seen_whose_copy_was_here_and_is_not_any_more() {
    let mut ring = SmallRing::new(3, safety());
    assert_eq!(ring.call(0, load()), Some(Answer::Absent));
    assert!(matches!(ring.call(1, birth()), Some(Answer::Done { .. })));
    let version = ring.record(0).expect("the id names it first").version;
    ring.lose = Box::new(|_, to, _| to == 1);
    ring.says(1, 0, Frame::Drop(version));
    ring.deliver();
    // Nobody gives it back meanwhile.
    ring.servers[0].liveness.becomes(State::Drain);
    ring.pass(600);
    ring.lose = Box::new(|_, _, _| false);
    assert!(ring.record(0).is_none());
    assert!(matches!(ring.call(0, load()), Some(Answer::Session { .. })));
}

#[test]
fn a_flood_asks_so_many_questions_and_hurts_nobody_who_is_known() {
    let mut ring = SmallRing::new(3, safety());
    ring.create();
    let known = ring.key;
    ring.sent.clear();
    let answers = flood(&mut ring, 0, 200, 0);
    assert_eq!(asks(&ring), 2 * 64);
    assert!(answers[..64].iter().all(Option::is_none), "these wait for the others");
    assert!(answers[64..].iter().all(|answer| *answer == Some(Answer::Unknown)));
    let counts = ring.servers[0].out.counts;
    assert_eq!((counts.curbed, counts.unknown), (136, 136));
    // Its own session; one that a visitor looks for here; and one that is made.
    assert!(matches!(ring.call(0, load()), Some(Answer::Session { .. })));
    assert!(matches!(ring.call(2, load()), Some(Answer::Session { .. })));
    ring.key = SessionKey::parse(b"newnewnewne").unwrap();
    assert!(matches!(ring.call(0, birth()), Some(Answer::Done { .. })));
    ring.key = known;
    // Somebody whom another server knows, that his id names.
    ring.order = [name(1), name(0), name(2)].into_iter().collect();
    ring.key = SessionKey::parse(b"elsewhereee").unwrap();
    assert!(matches!(ring.call(1, birth()), Some(Answer::Done { .. })));
    assert!(matches!(ring.call(2, load()), Some(Answer::Session { .. })));
    ring.pass(1000);
    assert!(flood(&mut ring, 0, 200, 1000).iter().filter(|answer| answer.is_none()).count() >= 32);
}

/// A server that was started anew with an empty disk: all its users come, and are elsewhere.
#[test]
fn who_is_found_elsewhere_is_always_looked_for() {
    let mut ring = SmallRing::new(3, safety());
    ring.create();
    ring.kill(0);
    let ticket = ring.ask(1, load());
    ring.pass(2500);
    assert!(matches!(ring.answer(ticket), Some(Answer::Session { .. })));
    ring.start(0);
    ring.lose = Box::new(|from, to, frame| {
        let sends = matches!(frame, Frame::Record { .. } | Frame::Outline { .. } | Frame::Step(_));
        (from, to) == (1, 0) && sends
    });
    for _ in 0..200 {
        assert!(matches!(ring.call(0, load()), Some(Answer::Session { .. })));
        ring.sent.clear();
        // It does not remember where that was.
        ring.says(1, 0, Frame::NotActing { number: 0 });
        ring.deliver();
    }
    assert_eq!(ring.servers[0].out.counts.curbed, 0);
    assert!(ring.servers[0].out.counts.inquiries >= 200);
}
