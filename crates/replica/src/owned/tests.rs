//! An acting owner and its holders, step by step; and over a network that loses, repeats and
//! reorders.

mod lossy;

use super::*;
use crate::change::{Base, Verdict, decide};
use crate::safety::Acknowledge;
use crate::samples::{record, set, version};

pub(super) const TIMEOUT: Duration = Duration::from_millis(500);

pub(super) fn server(name: &str) -> ServerId {
    ServerId::new(name).unwrap()
}

pub(super) fn candidate(name: &str) -> Candidate {
    Candidate { server: server(name), incarnation: Incarnation(1) }
}

pub(super) fn safety(copies: usize, acknowledge: Acknowledge) -> Safety {
    Safety { copies, acknowledge, acknowledge_timeout: TIMEOUT, degraded: Degraded::Accept }
}

/// An empty session of app-a that these others hold too.
pub(super) fn held_by(others: &[&str], standing: Standing) -> Record {
    let mut record = record(version(1, 1));
    let own = Holder { standing: Standing::Current, ..holder("app-a", standing) };
    assert!(record.holders.put(own));
    for other in others {
        assert!(record.holders.put(holder(other, standing)));
    }
    record
}

fn holder(name: &str, standing: Standing) -> Holder {
    Holder { server: server(name), incarnation: Incarnation(1), standing }
}

pub(super) fn step(owned: &Owned, name: &str, value: &str) -> Step {
    match decide(owned.record(), &set(name, value), &Base::of(owned.record())) {
        Ok(Verdict::Take(step)) => *step,
        other => panic!("{other:?}"),
    }
}

const fn at(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// An owner whose others have everything.
fn in_step(others: &[&str], safety: Safety) -> Owned {
    let record = held_by(others, Standing::Current);
    let (mut owned, acts) = Owned::begin(server("app-a"), safety, record, at(0));
    assert_eq!(acts.len(), others.len());
    for other in others {
        let present = owned.record().version;
        assert_eq!(owned.held(server(other), present, at(0)), []);
    }
    owned
}

#[test]
fn a_change_counts_when_the_backup_has_it() {
    let mut owned = in_step(&["app-b"], safety(2, Acknowledge::Backup));
    let change = step(&owned, "a", "1");
    let acts = owned.change(change.clone(), Some(Ticket(1)), at(10));
    assert_eq!(acts, [Act::Step(server("app-b"), Box::new(Step { acknowledged: 1, ..change }))]);
    assert!(owned.is_pending());
    let present = owned.record().version;
    assert_eq!(owned.held(server("app-b"), present, at(20)), [Act::Acknowledge(Ticket(1))]);
    assert!(!owned.is_pending());
}

#[test]
fn with_all_every_copy_must_have_it_and_with_owner_none() {
    let mut owned = in_step(&["app-b", "app-c"], safety(3, Acknowledge::All));
    owned.change(step(&owned, "a", "1"), Some(Ticket(1)), at(10));
    let present = owned.record().version;
    assert_eq!(owned.held(server("app-b"), present, at(20)), []);
    assert_eq!(owned.held(server("app-c"), present, at(20)), [Act::Acknowledge(Ticket(1))]);
    let mut owned = in_step(&["app-b"], safety(2, Acknowledge::Owner));
    let acts = owned.change(step(&owned, "a", "1"), Some(Ticket(1)), at(10));
    assert!(matches!(acts[..], [Act::Step(..), Act::Acknowledge(Ticket(1))]), "{acts:?}");
}

#[test]
fn a_holder_that_does_not_confirm_is_left_behind_and_another_one_taken() {
    let mut owned = in_step(&["app-b"], safety(2, Acknowledge::Backup));
    owned.change(step(&owned, "a", "1"), Some(Ticket(1)), at(1000));
    let others = [candidate("app-b"), candidate("app-c"), candidate("app-d")];
    assert_eq!(owned.tick(&others, at(1499)), []);
    let acts = owned.tick(&others, at(1500));
    let [Act::Record(to, copy)] = &acts[..] else { panic!("{acts:?}") };
    assert_eq!(*to, server("app-c"));
    // The list that it is sent has it already.
    let standing = |record: &Record, name: &str| record.holders.get(server(name)).unwrap().standing;
    assert_eq!(standing(copy, "app-b"), Standing::Behind);
    assert_eq!(standing(copy, "app-c"), Standing::Behind);
    let present = owned.record().version;
    let acts = owned.held(server("app-c"), present, at(1600));
    assert!(
        matches!(acts[..], [Act::Acknowledge(Ticket(1)), Act::Step(to, _)] if to == server("app-c"))
    );
    assert_eq!(standing(owned.record(), "app-c"), Standing::Current);
    assert_eq!(owned.short(), 0);
    assert!(!owned.is_pending(), "that it is current is nothing that a request sees");
}

#[test]
fn where_nobody_is_left_a_change_counts_as_degraded_or_not_at_all() {
    let refuse = Safety { degraded: Degraded::Refuse, ..safety(2, Acknowledge::Backup) };
    for (safety, last) in [
        (safety(2, Acknowledge::Backup), Act::AcknowledgeDegraded(Ticket(1))),
        (refuse, Act::Unsaved(Ticket(1))),
    ] {
        let mut owned = in_step(&["app-b"], safety);
        owned.change(step(&owned, "a", "1"), Some(Ticket(1)), at(0));
        assert_eq!(owned.tick(&[], at(500)), [last]);
        assert_eq!(owned.short(), 1);
    }
}

#[test]
fn a_substitute_that_does_not_confirm_either_makes_room_for_the_next() {
    let mut owned = in_step(&["app-b"], safety(2, Acknowledge::Backup));
    owned.change(step(&owned, "a", "1"), Some(Ticket(1)), at(0));
    let others = [candidate("app-c"), candidate("app-d")];
    assert!(
        matches!(owned.tick(&others, at(500))[..], [Act::Record(to, _)] if to == server("app-c"))
    );
    assert!(
        matches!(owned.tick(&others, at(1000))[..], [Act::Record(to, _)] if to == server("app-d"))
    );
    assert_eq!(owned.tick(&others, at(1500)), [Act::AcknowledgeDegraded(Ticket(1))]);
    // Whoever was sent anything is in the list.
    assert_eq!(owned.record().holders.iter().len(), 4);
}

#[test]
fn whoever_is_deposed_takes_back_what_was_not_acknowledged_and_forgets_no_holder() {
    let mut owned = in_step(&["app-b"], safety(2, Acknowledge::Backup));
    owned.change(step(&owned, "a", "1"), Some(Ticket(1)), at(0));
    let first = owned.record().version;
    owned.change(step(&owned, "a", "2"), Some(Ticket(2)), at(0));
    let second = owned.record().version;
    assert_eq!(owned.held(server("app-b"), first, at(1)), [Act::Acknowledge(Ticket(1))]);
    owned.tick(&[candidate("app-c")], at(900));
    let (record, waiting) = owned.depose();
    assert_eq!(record.live().unwrap().attributes.get("/", "a").unwrap(), "1");
    assert!(!record.seen.contains(second));
    assert_eq!(waiting, [(Ticket(2), second)]);
    assert_eq!(record.holders.get(server("app-c")).unwrap().standing, Standing::Behind);
}

#[test]
fn confirmations_of_another_epoch_or_of_what_was_never_sent_count_for_nothing() {
    let mut owned = in_step(&["app-b"], safety(2, Acknowledge::Backup));
    owned.change(step(&owned, "a", "1"), Some(Ticket(1)), at(0));
    assert_eq!(owned.held(server("app-b"), version(2, 9), at(1)), []);
    assert_eq!(owned.held(server("app-b"), version(1, 9), at(1)), []);
    assert_eq!(owned.held(server("app-b"), version(0, 9), at(1)), [], "of an earlier epoch");
    assert_eq!(owned.held(server("app-x"), owned.record().version, at(1)), []);
    assert!(owned.is_pending());
}
