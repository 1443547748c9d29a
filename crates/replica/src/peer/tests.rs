//! One server's opinion of another one, step by step.

use super::*;

const ITS: Incarnation = Incarnation(7);
const OWN: Incarnation = Incarnation(9);

const fn at(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// A peer that was met and is connected, seen from a server that was started at 0.
fn connected() -> Peer {
    let mut peer = Peer::new(at(0));
    peer.met(ITS);
    peer.connected();
    peer
}

fn answer(number: u64, hears_you: bool) -> HeartbeatAnswer {
    HeartbeatAnswer { incarnation: ITS, number, hears_you, state: State::Ready }
}

/// Asks at `sent` and is answered at `came`.
fn exchange(peer: &mut Peer, number: u64, sent: u64, came: u64, hears_you: bool) {
    assert!(peer.beat(at(sent), OWN, number).is_some(), "{number} is due at {sent}");
    peer.answers(at(came), answer(number, hears_you));
}

#[test]
fn a_lease_is_counted_from_when_the_heartbeat_was_sent() {
    let mut peer = connected();
    exchange(&mut peer, 1, 1000, 1400, true);
    assert_eq!(peer.lease(at(2499), ITS), Some(LeaseNumber(1)));
    assert_eq!(peer.lease(at(2500), ITS), None);
    // An answer that came too late is none.
    exchange(&mut peer, 2, 3000, 4500, true);
    assert_eq!((peer.lease(at(4500), ITS), peer.hearing(at(4500))), (None, Hearing::No));
    exchange(&mut peer, 3, 5000, 6499, true);
    assert_eq!(peer.lease(at(6499), ITS), Some(LeaseNumber(2)));
}

#[test]
fn only_whoever_hears_us_can_be_relied_on() {
    let mut peer = connected();
    exchange(&mut peer, 1, 1000, 1001, false);
    assert_eq!((peer.lease(at(1001), ITS), peer.hearing(at(1001))), (None, Hearing::Yes));
}

#[test]
fn a_lease_goes_on_without_a_gap_and_has_another_number_after_one() {
    let mut peer = connected();
    exchange(&mut peer, 1, 1000, 1001, true);
    exchange(&mut peer, 2, 1250, 1251, true);
    assert_eq!(peer.lease(at(2700), ITS), Some(LeaseNumber(1)));
    exchange(&mut peer, 3, 2750, 2751, true);
    assert_eq!(peer.lease(at(2751), ITS), Some(LeaseNumber(2)), "it had ended at 2750");
}

#[test]
fn another_start_has_promised_nothing() {
    let mut peer = connected();
    exchange(&mut peer, 1, 1000, 1001, true);
    assert_eq!(peer.lease(at(1001), Incarnation(8)), None);
    peer.met(Incarnation(8));
    assert_eq!((peer.lease(at(1001), ITS), peer.lease(at(1001), Incarnation(8))), (None, None));
    assert_eq!(peer.hearing(at(1001)), Hearing::Unsure);
    // What the former start had still answered changes nothing.
    peer.beat(at(1002), OWN, 2);
    peer.answers(at(1003), answer(2, true));
    assert_eq!(peer.hearing(at(1003)), Hearing::Unsure);
    // And who never answers is silent, soon.
    for number in 3..8 {
        assert_eq!(peer.hearing(at(number * 250 + 501)), Hearing::Unsure);
        assert!(peer.beat(at(number * 250 + 502), OWN, number).is_some());
    }
    assert_eq!(peer.hearing(at(2600)), Hearing::No);
}

#[test]
fn heartbeats_are_sent_four_times_a_second_and_only_on_a_connection() {
    let mut peer = Peer::new(at(0));
    assert_eq!(peer.beat(at(1), OWN, 1), None);
    peer.met(ITS);
    peer.connected();
    assert!(peer.beat(at(1), OWN, 1).is_some());
    assert_eq!(peer.beat(at(250), OWN, 2), None);
    assert!(peer.beat(at(251), OWN, 2).is_some());
    peer.disconnected();
    assert_eq!(peer.beat(at(900), OWN, 3), None);
    peer.connected();
    peer.answers(at(901), answer(2, true));
    assert_eq!(peer.hearing(at(901)), Hearing::Unsure, "it was asked on another connection");
}

#[test]
fn a_broken_connection_proves_nothing_and_a_refused_one_does() {
    let mut peer = connected();
    exchange(&mut peer, 1, 3000, 3001, true);
    assert!(peer.asks(at(3100), Heartbeat { incarnation: ITS, number: 5 }));
    peer.refused();
    assert_eq!(peer.promise_from(ITS), at(5100), "it is connected, whoever else is refused");
    peer.disconnected();
    assert_eq!((peer.hearing(at(3200)), peer.promise_from(ITS)), (Hearing::Unsure, at(5100)));
    peer.refused();
    assert_eq!((peer.hearing(at(3200)), peer.promise_from(ITS)), (Hearing::No, at(0)));
    peer.connected();
    assert_eq!(peer.promise_from(ITS), at(5100));
}

#[test]
fn nobody_is_bound_by_what_a_former_start_of_the_other_was_told() {
    let mut peer = connected();
    exchange(&mut peer, 1, 3000, 3001, true);
    assert!(peer.asks(at(3100), Heartbeat { incarnation: ITS, number: 5 }));
    peer.met(Incarnation(8));
    assert_eq!(peer.promise_from(ITS), at(0));
    // One that was never met may be a later one.
    assert_eq!(peer.promise_from(Incarnation(9)), at(5100));
}

#[test]
fn a_start_that_is_over_does_not_come_back() {
    let mut peer = connected();
    peer.met(Incarnation(8));
    peer.met(ITS);
    assert_eq!(peer.incarnation(), Some(Incarnation(8)));
    assert_eq!(peer.promise_from(Incarnation(8)), at(2000));
}

#[test]
fn whoever_was_just_started_may_have_promised_something_a_moment_ago() {
    assert_eq!(Peer::new(at(10_000)).promise_from(ITS), at(12_000));
}

#[test]
fn questions_of_another_start_are_not_answered_with_yes() {
    let mut peer = connected();
    exchange(&mut peer, 1, 1000, 1001, true);
    assert!(!peer.asks(at(1002), Heartbeat { incarnation: Incarnation(6), number: 5 }));
    assert_eq!(peer.promise_from(ITS), at(2000));
}
