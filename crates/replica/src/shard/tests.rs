//! A few servers and one session: what went wrong once, step by step.

mod away;
mod bounded;
mod idle;
mod briefness;
mod cost;
mod leaving;
mod left_over;
mod small_ring;
mod stowing;
mod strangers;
mod visitors;

use std::time::Duration;

use crate::answer::Answer;
use crate::call::Want;
use crate::change::{Add, Change, Refused};
use crate::copy::Reply;
use crate::epoch::Epoch;
use crate::frame::Frame;
use crate::holders::Holder;
use crate::incarnation::Incarnation;
use crate::live::WallTime;
use crate::record::{Content, Record};
use crate::safety::{Degraded, Safety};
use crate::samples::{proof, set};
use crate::stamped::Stamped;
use crate::version::Version;
use small_ring::{SmallRing, birth, birth_with, index, name, safety, shown};

fn refuses() -> Safety {
    Safety { degraded: Degraded::Refuse, ..safety() }
}

/// What a session is.
fn load() -> Want {
    Want::Load(None)
}

/// A record of another line, in which an attribute stands that the first one has never seen.
fn other_line(record: &Record, sequence: u64, value: &str) -> Record {
    let mut other = record.clone();
    let epoch = Epoch { counter: 1, server: index(1), incarnation: Incarnation(2) };
    other.version = Version { epoch, sequence };
    other.seen.add(other.version);
    if let Content::Live(live) = &mut other.content {
        let value = Some(value.as_bytes().to_vec().into());
        live.attributes.put("/", "x", Stamped { value, at: other.version });
    }
    other
}

#[test]
fn a_change_that_waits_while_two_lines_are_merged_is_decided_on_anew() {
    let mut ring = SmallRing::new(2, safety());
    ring.create();
    let other = other_line(ring.record(1).unwrap(), 9, "theirs");
    ring.lose =
        Box::new(|from, _, frame| from == 1 && matches!(frame, Frame::Reply(Reply::Held(_))));
    let waits = ring.ask(0, ring.change(0, set("x", "ours")));
    ring.deliver();
    assert_eq!(ring.answer(waits), None);
    ring.lose = Box::new(|_, _, _| false);
    ring.says(1, 0, Frame::Reply(Reply::Differs(std::sync::Arc::new(other), None)));
    ring.deliver();
    assert_eq!(ring.answer(waits), Some(Answer::Refused(Refused::Changed("x".into()))));
    let answer = ring.call(0, load());
    assert_eq!(shown(&answer, "x").unwrap(), "theirs");
}

#[test]
fn a_merge_that_cannot_begin_its_epoch_leaves_the_copy() {
    let mut ring = SmallRing::new(2, safety());
    ring.create();
    let other = other_line(ring.record(1).unwrap(), u64::MAX, "theirs");
    ring.lose = Box::new(|_, _, _| true);
    ring.says(1, 0, Frame::Reply(Reply::Differs(std::sync::Arc::new(other), None)));
    ring.lose = Box::new(|from, _, _| from == 0);
    ring.deliver();
    assert!(ring.record(0).is_some());
}

#[test]
fn the_absolute_end_does_not_wait_for_a_holder_that_is_away() {
    let mut ring = SmallRing::new(2, safety());
    let end = WallTime(1_000_000 + ring.now + 10_000);
    ring.call(0, birth_with(None, Some(end)));
    ring.pass(1000);
    ring.part(0, 1);
    ring.pass(6000);
    assert!(ring.record(0).unwrap().live().is_some());
    ring.pass(6000);
    assert!(ring.record(0).unwrap().live().is_none());
}

#[test]
fn a_session_that_may_be_used_elsewhere_is_not_shown_and_not_ended() {
    let mut ring = SmallRing::new(2, safety());
    ring.call(0, birth_with(Some(Duration::from_secs(5)), None));
    ring.pass(1000);
    ring.part(0, 1);
    // It finds out that the other one is away.
    let ticket = ring.ask(0, load());
    ring.pass(2500);
    assert!(matches!(ring.answer(ticket), Some(Answer::Session { .. })));
    ring.pass(6000);
    assert_eq!(ring.call(0, load()), Some(Answer::Absent));
    assert!(ring.record(0).unwrap().live().is_some());
}

#[test]
fn a_copy_that_is_new_has_seen_no_rotation() {
    let mut ring = SmallRing::new(2, safety());
    ring.create();
    ring.kill(0);
    let ticket = ring.ask(1, load());
    ring.pass(2500);
    let answer = ring.answer(ticket);
    assert!(matches!(answer, Some(Answer::Session { honours_former: false, .. })), "{answer:?}");
}

/// It was asked again in every round.
#[test]
fn of_a_copy_that_may_be_left_over_is_asked_from_time_to_time() {
    let mut ring = SmallRing::new(3, safety());
    ring.create();
    ring.part(0, 1);
    ring.part(0, 2);
    // A list that names app-c, which has nothing: so this copy does not count; but app-a is silent.
    let mut left = ring.record(1).unwrap().clone();
    left.version = Version { sequence: left.version.sequence + 5, ..left.version };
    left.seen.add(left.version);
    let incarnation = ring.servers[2].own.incarnation;
    assert!(left.holders.put(Holder {
        server: name(2),
        incarnation,
        standing: crate::holders::Standing::Current,
    }));
    ring.cut.remove(&(0, 1));
    ring.says(0, 1, Frame::Record { record: std::sync::Arc::new(left), age: None });
    ring.deliver();
    ring.part(0, 1);
    ring.pass(30_000);
    let counts = ring.servers[1].out.counts;
    assert!((3..=12).contains(&counts.unknown), "{counts:?}");
}

#[test]
fn a_copy_of_a_lower_epoch_asks_soon() {
    let mut ring = SmallRing::new(3, safety());
    ring.create();
    let before = ring.record(1).unwrap().version;
    let epoch =
        Epoch { counter: 2, server: index(2), incarnation: ring.servers[2].own.incarnation };
    ring.says(2, 1, Frame::Touch { version: Version { epoch, ..before }, age: Duration::ZERO });
    ring.deliver();
    ring.sent.clear();
    ring.pass(5000);
    let asks = |(from, _, frame): &&(usize, usize, Frame)| {
        *from == 1 && matches!(frame, Frame::Ask { .. })
    };
    assert!(ring.sent.iter().any(|one| asks(&one)));
}

#[test]
fn the_owner_takes_in_holders_of_whom_only_a_copy_knows() {
    let mut ring = SmallRing::new(3, safety());
    ring.create();
    let mut knows = ring.record(1).unwrap().clone();
    let stray = Holder::lacking(name(2), ring.servers[2].own.incarnation);
    assert!(knows.holders.put(stray));
    ring.lose = Box::new(|_, to, _| to == 2);
    ring.says(1, 0, Frame::Reply(Reply::Differs(std::sync::Arc::new(knows), None)));
    ring.deliver();
    assert!(ring.record(0).unwrap().holders.get(name(2)).is_some());
}

#[test]
fn what_was_asked_on_an_older_connection_is_asked_again() {
    let mut ring = SmallRing::new(3, safety());
    ring.create();
    ring.lose = Box::new(|_, _, frame| matches!(frame, Frame::Call { .. }));
    let ticket = ring.ask(2, load());
    ring.deliver();
    ring.lose = Box::new(|_, _, _| false);
    assert_eq!(ring.answer(ticket), None);
    ring.connect(2, 0);
    ring.deliver();
    assert!(matches!(ring.answer(ticket), Some(Answer::Session { .. })));
}

/// A rotation was refused because of itself, and an addition made twice.
#[test]
fn a_change_whose_answer_was_lost_is_made_once() {
    let add = Change { add: Some(Add { name: "sum".into(), by: 1 }), ..Change::of("/") };
    let rotation = Change { proof: Some(proof("NEXT")), ..Change::of("/") };
    for (change, told) in [(add, "1"), (rotation, "")] {
        let mut ring = SmallRing::new(3, safety());
        ring.create();
        let want = ring.change(0, change);
        ring.lose = Box::new(|_, to, frame| to == 2 && matches!(frame, Frame::Answer { .. }));
        let ticket = ring.ask(2, want);
        ring.deliver();
        ring.lose = Box::new(|_, _, _| false);
        ring.connect(2, 0);
        ring.deliver();
        let answer = ring.answer(ticket);
        assert!(
            matches!(&answer, Some(Answer::Done { answer, .. }) if answer == told),
            "{answer:?}"
        );
    }
}

#[test]
fn where_a_copy_must_be_and_cannot_nothing_is_left_of_what_was_refused() {
    let mut ring = SmallRing::new(2, refuses());
    ring.kill(1);
    assert_eq!(ring.call(0, birth()), Some(Answer::Unsaved));
    assert_eq!(ring.servers[0].shard.places().count(), 0);
    // So it may be tried again.
    ring.start(1);
    ring.pass(3000);
    assert!(matches!(ring.call(0, birth()), Some(Answer::Done { .. })));
}

#[test]
fn what_was_refused_after_it_had_been_sent_ends() {
    let mut ring = SmallRing::new(2, refuses());
    ring.lose = Box::new(|from, _, _| from == 1);
    let ticket = ring.ask(0, birth());
    // It answers heartbeats, so it may take longer.
    ring.pass(4000);
    assert_eq!(ring.answer(ticket), Some(Answer::Unsaved));
    assert!(ring.record(1).is_some());
    ring.lose = Box::new(|_, _, _| false);
    ring.pass(5000);
    assert!(ring.record(1).unwrap().live().is_none());
    ring.pass(300_000);
    assert!(ring.servers.iter().all(|one| one.shard.places().count() == 0));
}

#[test]
fn a_create_that_was_taken_back_by_a_takeover_finds_itself() {
    let mut ring = SmallRing::new(2, safety());
    ring.lose = Box::new(|from, _, frame| from == 1 && matches!(frame, Frame::Reply(_)));
    let made = ring.ask(0, birth());
    ring.deliver();
    ring.stop(0);
    ring.lose = Box::new(|_, _, _| false);
    let ticket = ring.ask(1, load());
    ring.pass(4000);
    assert!(matches!(ring.answer(ticket), Some(Answer::Session { .. })));
    assert!(ring.acts(1));
    ring.resume(0);
    ring.pass(500);
    let answer = ring.answer(made);
    assert!(matches!(answer, Some(Answer::Done { .. })), "{answer:?}");
}

/// What it told the other one binds it, also when nobody has that one in the table any more.
#[test]
fn an_owner_that_left_the_table_is_not_believed_to_be_silent_at_once() {
    let mut ring = SmallRing::new(3, safety());
    ring.create();
    ring.servers[1].table(&[(name(2), index(2))]);
    ring.servers[2].table(&[(name(1), index(1))]);
    let ticket = ring.ask(1, load());
    ring.deliver();
    ring.pass(1000);
    assert!(!ring.acts(1) && ring.answer(ticket).is_none());
    ring.pass(1500);
    assert!(ring.acts(1) && ring.answer(ticket).is_some());
}

#[test]
fn whoever_has_a_letter_since_says_nothing_of_whom_it_was_taken_from() {
    let mut ring = SmallRing::new(4, safety());
    ring.create();
    ring.servers[3].own.index = index(0);
    ring.servers[3].table(&[(name(1), index(1)), (name(2), index(2))]);
    ring.servers[1].table(&[(name(2), index(2)), (name(3), index(0))]);
    ring.servers[2].table(&[(name(1), index(1)), (name(3), index(0))]);
    let ticket = ring.ask(1, load());
    ring.deliver();
    ring.pass(1000);
    assert!(!ring.acts(1) && ring.answer(ticket).is_none());
    ring.pass(1500);
    assert!(ring.acts(1) && ring.answer(ticket).is_some());
}

/// It asked and found that nobody said otherwise, without end: it is alone.
#[test]
fn whoever_is_alone_and_stood_still_answers_when_it_has_noticed() {
    let mut ring = SmallRing::new(1, safety());
    ring.create();
    ring.stop(0);
    ring.pass(10_000);
    ring.resume(0);
    assert_eq!(ring.call(0, load()), None);
}

/// Who said that it acts was asked again at once, and again, until its heartbeats were heard.
#[test]
fn whoever_answers_and_is_not_heard_is_not_asked_all_the_time() {
    let mut ring = SmallRing::new(3, safety());
    ring.create();
    ring.stop(2);
    ring.pass(3000);
    ring.deaf = true;
    ring.resume(2);
    ring.pass(100);
    ring.sent.clear();
    ring.ask(2, load());
    ring.pass(1000);
    let asks = |(from, to, frame): &&(usize, usize, Frame)| {
        (*from, *to) == (2, 0) && matches!(frame, Frame::Ask { .. })
    };
    let asked = ring.sent.iter().filter(asks).count();
    assert!((2..=6).contains(&asked), "{asked}");
}

/// All servers that its id named had left, but for one that was new: so there was none.
#[test]
fn where_an_id_names_too_few_servers_everybody_is_asked() {
    let mut ring = SmallRing::new(3, safety());
    ring.create();
    ring.order = [name(2)].into_iter().collect();
    let ticket = ring.ask(2, load());
    ring.deliver();
    assert!(matches!(ring.answer(ticket), Some(Answer::Session { .. })));
}

/// All holders were substitutes, one after the other: the servers that its id named said no first, and
/// the user was logged out.
#[test]
fn a_session_that_moved_on_from_all_servers_that_its_id_names_is_found() {
    let mut ring = SmallRing::new(4, safety());
    ring.create();
    ring.order = [2, 3, 3].into_iter().map(name).collect();
    (0..2).for_each(|holder| ring.stop(holder));
    let ticket = ring.ask(2, load());
    ring.deliver();
    assert_eq!(ring.answer(ticket), None, "two others are about to answer");
    (0..2).for_each(|holder| ring.resume(holder));
    assert!(matches!(ring.answer(ticket), Some(Answer::Session { .. })));
}

fn add() -> Change {
    Change { add: Some(Add { name: "sum".into(), by: 1 }), ..Change::of("/") }
}

/// Its changes were taken in a moment after it had asked for the next one: a counter went back.
#[test]
fn whoever_was_cut_off_tells_what_it_has_made_before_it_asks_for_more() {
    let mut ring = SmallRing::new(2, safety());
    ring.create();
    ring.part(0, 1);
    // It goes on alone. The other one looks for somebody who acts, finds nobody, and begins without it.
    let alone: Vec<_> = (0..3).map(|_| ring.ask(0, ring.change(0, add()))).collect();
    ring.pass(6000);
    let sums: Vec<_> = alone.into_iter().map(|ticket| ring.answer(ticket)).collect();
    assert!(matches!(&sums[2], Some(Answer::Done { answer, .. }) if answer == "3"), "{sums:?}");
    assert!(ring.acts(0) && ring.acts(1));
    ring.cut.clear();
    // Each hears of the other first by a question: nothing of the session itself was sent yet.
    ring.lose = Box::new(|_, _, frame| {
        matches!(frame, Frame::Record { .. } | Frame::Touch { .. } | Frame::Reply(Reply::Lacks))
    });
    ring.connect(0, 1);
    ring.pass(300);
    let next = ring.ask(0, ring.change(0, add()));
    ring.deliver();
    ring.lose = Box::new(|_, _, _| false);
    ring.pass(3000);
    let answer = ring.answer(next);
    assert!(matches!(&answer, Some(Answer::Done { answer, .. }) if answer == "4"), "{answer:?}");
}

/// The same by way of a server that reaches the one that acts.
#[test]
fn what_was_made_alone_is_told_before_a_call_that_is_passed_on() {
    let mut ring = SmallRing::new(3, safety());
    ring.create();
    [1, 2].into_iter().for_each(|other| ring.part(0, other));
    let alone: Vec<_> = (0..3).map(|_| ring.ask(0, ring.change(0, add()))).collect();
    ring.pass(6000);
    let sums: Vec<_> = alone.into_iter().map(|ticket| ring.answer(ticket)).collect();
    assert!(matches!(&sums[2], Some(Answer::Done { answer, .. }) if answer == "3"), "{sums:?}");
    assert!(ring.acts(0) && ring.acts(1));
    ring.cut.clear();
    ring.part(0, 1);
    ring.connect(0, 2);
    ring.pass(300);
    let next = ring.ask(0, ring.change(0, add()));
    ring.pass(3000);
    let answer = ring.answer(next);
    assert!(matches!(&answer, Some(Answer::Done { answer, .. }) if answer == "4"), "{answer:?}");
}

/// It answered at once with what had been true before the cut.
#[test]
fn whoever_hears_nobody_waits_a_moment_before_it_speaks_alone() {
    let mut ring = SmallRing::new(3, safety());
    ring.create();
    [1, 2].into_iter().for_each(|other| ring.part(0, other));
    let changed = ring.ask(1, ring.change(1, set("x", "new")));
    ring.pass(5000);
    assert!(matches!(ring.answer(changed), Some(Answer::Done { .. })));
    // The cut is over, and a client is faster than the connections.
    ring.cut.clear();
    ring.deaf = true;
    ring.lose = Box::new(|_, _, _| true);
    let asked = ring.ask(0, load());
    ring.pass(250);
    assert_eq!(ring.answer(asked), None);
    ring.deaf = false;
    ring.lose = Box::new(|_, _, _| false);
    [1, 2].into_iter().for_each(|other| ring.connect(0, other));
    ring.pass(300);
    assert_eq!(shown(&ring.answer(asked), "x").unwrap(), "new");
}
