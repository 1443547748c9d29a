//! An acting owner and its holders, step by step; and over a network that loses, repeats and
//! reorders.

mod lossy;

use std::time::Duration;

use super::*;
use crate::change::{Base, Verdict, decide};
use crate::safety::Acknowledge;
use crate::samples::{record, set, version};
use crate::scene::Candidate;

pub(super) const TIMEOUT: Duration = Duration::from_millis(500);

pub(super) fn server(name: &str) -> ServerId {
    ServerId::new(name).unwrap()
}

pub(super) fn candidate(name: &str) -> Candidate {
    Candidate { server: server(name), incarnation: Incarnation(1) }
}

pub(super) fn safety(copies: usize, acknowledge: Acknowledge) -> Safety {
    Safety {
        copies,
        acknowledge,
        acknowledge_timeout: TIMEOUT,
        recovery_wait: Duration::from_secs(30),
        degraded: Degraded::Accept,
    }
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

pub(super) fn scene(milliseconds: u64) -> Scene<'static> {
    Scene { now: at(milliseconds), ..Scene::default() }
}

/// An owner whose others have everything.
fn in_step(others: &[&str], safety: Safety) -> Owned {
    let record = held_by(others, Standing::Current);
    let (mut owned, acts) = Owned::begin(server("app-a"), safety, record, Vec::new(), scene(0));
    assert_eq!(acts.len(), others.len());
    for other in others {
        assert_eq!(confirm(&mut owned, other, scene(0)), []);
    }
    assert!(owned.pending().is_none());
    owned
}

/// A holder confirms the present version.
fn confirm(owned: &mut Owned, name: &str, scene: Scene<'_>) -> Vec<Act> {
    let present = owned.record().version;
    owned.held(server(name), Incarnation(1), present, scene)
}

fn change(owned: &mut Owned, ticket: u64, scene: Scene<'_>) -> Vec<Act> {
    let step = step(owned, "a", &ticket.to_string());
    owned.change(step, Some(Ticket(ticket)), scene).unwrap()
}

fn standing(owned: &Owned, name: &str) -> Standing {
    owned.record().holders.get(server(name)).unwrap().standing
}

/// Whether all there is goes to this server, and nothing else happens.
fn copies_to(acts: &[Act], name: &str) -> bool {
    matches!(acts, [Act::Record(to, _) | Act::Outline(to, _)] if *to == server(name))
}

#[test]
fn a_change_counts_when_the_backup_has_it() {
    let mut owned = in_step(&["app-b"], safety(2, Acknowledge::Backup));
    let wanted = step(&owned, "a", "1");
    let acts = change(&mut owned, 1, scene(10));
    assert_eq!(acts, [Act::Step(server("app-b"), Arc::new(Step { acknowledged: 1, ..wanted }))]);
    assert!(owned.pending().is_some());
    assert_eq!(confirm(&mut owned, "app-b", scene(20)), [Act::Acknowledge(Ticket(1))]);
    assert!(owned.pending().is_none());
}

#[test]
fn with_all_every_copy_must_have_it_and_with_owner_none() {
    let mut owned = in_step(&["app-b", "app-c"], safety(3, Acknowledge::All));
    change(&mut owned, 1, scene(10));
    assert_eq!(confirm(&mut owned, "app-b", scene(20)), []);
    assert_eq!(confirm(&mut owned, "app-c", scene(20)), [Act::Acknowledge(Ticket(1))]);
    let mut owned = in_step(&["app-b"], safety(2, Acknowledge::Owner));
    let acts = change(&mut owned, 1, scene(10));
    assert!(matches!(acts[..], [Act::Step(..), Act::Acknowledge(Ticket(1))]), "{acts:?}");
}

/// With "all" and one server down, a change counted before the other one had it.
#[test]
fn who_may_still_confirm_is_waited_for_although_it_will_not_be_enough() {
    let mut owned = in_step(&["app-b", "app-c"], safety(3, Acknowledge::All));
    change(&mut owned, 1, scene(0));
    assert_eq!(confirm(&mut owned, "app-b", scene(1)), []);
    let acts = owned.tick(scene(500));
    let [Act::Step(to, _), Act::Degraded, Act::Acknowledge(Ticket(1))] = &acts[..] else {
        panic!("{acts:?}");
    };
    assert_eq!((*to, standing(&owned, "app-c")), (server("app-b"), Standing::Behind));
    confirm(&mut owned, "app-b", scene(501));
    assert!(matches!(change(&mut owned, 2, scene(600))[..], [Act::Step(..)]));
    assert_eq!(owned.tick(scene(601)), []);
    let acts = confirm(&mut owned, "app-b", scene(602));
    assert_eq!(acts, [Act::Degraded, Act::Acknowledge(Ticket(2))]);
}

#[test]
fn a_holder_that_does_not_confirm_is_left_behind_and_another_one_taken() {
    let mut owned = in_step(&["app-b"], safety(2, Acknowledge::Backup));
    change(&mut owned, 1, scene(1000));
    let candidates = [candidate("app-b"), candidate("app-c"), candidate("app-d")];
    let scene = |now| Scene { candidates: &candidates, now: at(now), ..Scene::default() };
    assert_eq!(owned.tick(scene(1499)), []);
    assert!(copies_to(&owned.tick(scene(1500)), "app-c"));
    assert_eq!(standing(&owned, "app-b"), Standing::Behind);
    assert_eq!(standing(&owned, "app-c"), Standing::Behind);
    let acts = confirm(&mut owned, "app-c", scene(1600));
    assert!(
        matches!(acts[..], [Act::Acknowledge(Ticket(1)), Act::Step(to, _)] if to == server("app-c"))
    );
    assert_eq!((standing(&owned, "app-c"), owned.short(scene(0))), (Standing::Current, 0));
    assert!(owned.pending().is_none(), "that it is current is nothing that a request sees");
}

/// Whoever takes over after a crash would else wait for the crashed server at every first change.
#[test]
fn for_a_holder_whose_process_has_ended_nobody_waits() {
    let mut owned = in_step(&["app-b"], safety(2, Acknowledge::Backup));
    change(&mut owned, 1, scene(1000));
    let (candidates, gone) = ([candidate("app-c")], [server("app-b")]);
    let now = Scene { candidates: &candidates, gone: &gone, now: at(1001), ..Scene::default() };
    assert!(copies_to(&owned.tick(now), "app-c"));
    assert_eq!(standing(&owned, "app-b"), Standing::Behind);
    let acts = confirm(&mut owned, "app-c", now);
    assert!(acts.contains(&Act::Acknowledge(Ticket(1))), "{acts:?}");
    assert!(!acts.contains(&Act::Degraded), "{acts:?}");
}

#[test]
fn a_holder_that_lags_is_late_although_it_confirms_something_all_the_time() {
    let mut owned = in_step(&["app-b"], safety(2, Acknowledge::Backup));
    let mut versions = Vec::new();
    for now in (100..1100).step_by(100) {
        change(&mut owned, now, scene(now));
        versions.push(owned.record().version);
        // What was changed at `now - 400` is confirmed, up to what was changed at 500.
        let confirmed = usize::try_from(now / 100).unwrap().checked_sub(5);
        if let Some(version) = confirmed.and_then(|at| versions.get(at))
            && now <= 900
        {
            owned.held(server("app-b"), Incarnation(1), *version, scene(now));
        }
        owned.tick(scene(now));
        assert_eq!(standing(&owned, "app-b"), Standing::Current);
    }
    owned.tick(scene(1099));
    assert_eq!(standing(&owned, "app-b"), Standing::Current);
    owned.tick(scene(1100));
    assert_eq!(standing(&owned, "app-b"), Standing::Behind, "what was changed at 600 is late");
}

#[test]
fn a_hot_session_gets_its_second_copy() {
    let mut owned = in_step(&["app-b"], safety(2, Acknowledge::Backup));
    change(&mut owned, 1, scene(0));
    let candidates = [candidate("app-c")];
    owned.tick(Scene { candidates: &candidates, now: at(500), ..Scene::default() });
    let version = owned.record().version;
    change(&mut owned, 2, scene(510));
    // It confirms one change, and the next one is under way already.
    owned.held(server("app-c"), Incarnation(1), version, scene(520));
    assert_eq!(standing(&owned, "app-c"), Standing::Current);
}

#[test]
fn a_new_holder_gets_nothing_before_those_that_have_everything_know_of_it() {
    let mut owned = in_step(&["app-b"], safety(3, Acknowledge::Backup));
    let candidates = [candidate("app-c")];
    let scene = |now| Scene { candidates: &candidates, now: at(now), ..Scene::default() };
    let acts = owned.tick(scene(0));
    assert!(matches!(acts[..], [Act::Step(to, _)] if to == server("app-b")), "{acts:?}");
    assert!(copies_to(&confirm(&mut owned, "app-b", scene(1)), "app-c"));
}

#[test]
fn where_nobody_is_left_a_change_counts_and_that_is_counted() {
    let mut owned = in_step(&["app-b"], safety(2, Acknowledge::Backup));
    change(&mut owned, 1, scene(0));
    assert_eq!(owned.tick(scene(500)), [Act::Degraded, Act::Acknowledge(Ticket(1))]);
    assert_eq!(change(&mut owned, 2, scene(501)), [Act::Degraded, Act::Acknowledge(Ticket(2))]);
    assert_eq!(owned.short(scene(0)), 1);
}

#[test]
fn what_is_refused_is_shown_to_nobody_until_it_is_safe() {
    let refuse = Safety { degraded: Degraded::Refuse, ..safety(2, Acknowledge::Backup) };
    let mut owned = in_step(&["app-b"], refuse);
    change(&mut owned, 1, scene(0));
    assert_eq!(owned.tick(scene(500)), [Act::Unsaved(Ticket(1))]);
    assert!(owned.pending().is_some());
    let next = step(&owned, "a", "2");
    assert_eq!(owned.change(next, Some(Ticket(2)), scene(501)), Err(NotTaken::Alone));
    assert!(copies_to(&owned.catch_up(server("app-b"), scene(600)), "app-b"));
    confirm(&mut owned, "app-b", scene(601));
    assert!(owned.pending().is_none());
}

#[test]
fn a_substitute_that_does_not_confirm_either_makes_room_for_the_next() {
    let mut owned = in_step(&["app-b"], safety(2, Acknowledge::Backup));
    change(&mut owned, 1, scene(0));
    let candidates = [candidate("app-c"), candidate("app-d")];
    let scene = |now| Scene { candidates: &candidates, now: at(now), ..Scene::default() };
    assert!(copies_to(&owned.tick(scene(500)), "app-c"));
    assert!(copies_to(&owned.tick(scene(1000)), "app-d"));
    assert_eq!(owned.tick(scene(1500)), [Act::Degraded, Act::Acknowledge(Ticket(1))]);
    // Whoever was sent anything is in the list.
    assert_eq!(owned.record().holders.iter().len(), 4);
}

#[test]
fn a_holder_that_was_started_again_has_confirmed_nothing() {
    let mut owned = in_step(&["app-b"], safety(2, Acknowledge::Backup));
    assert_eq!(owned.met(server("app-b"), Incarnation(1), scene(0)), []);
    let acts = owned.met(server("app-b"), Incarnation(2), scene(0));
    assert!(copies_to(&acts, "app-b"), "{acts:?}");
    assert_eq!((standing(&owned, "app-b"), owned.short(scene(0))), (Standing::Behind, 1));
    // What its former start said comes late.
    assert_eq!(confirm(&mut owned, "app-b", scene(1)), []);
    let present = owned.record().version;
    owned.held(server("app-b"), Incarnation(2), present, scene(2));
    assert_eq!(
        owned.record().holders.get(server("app-b")),
        Some(&Holder { incarnation: Incarnation(2), ..holder("app-b", Standing::Current) })
    );
}

#[test]
fn nothing_counts_of_an_epoch_that_has_just_begun_until_somebody_has_it() {
    let record = held_by(&["app-b"], Standing::Behind);
    let own = server("app-a");
    let safety = safety(2, Acknowledge::Backup);
    let (mut owned, acts) = Owned::begin(own, safety, record.clone(), vec![Ticket(1)], scene(0));
    assert!(copies_to(&acts, "app-b") && owned.pending().is_some());
    let acts = confirm(&mut owned, "app-b", scene(1));
    assert!(matches!(acts[..], [Act::Acknowledge(Ticket(1)), Act::Step(..)]), "{acts:?}");
    // Or until nobody is left who could, and that is counted.
    let (mut owned, _) = Owned::begin(own, safety, record, Vec::new(), scene(0));
    assert_eq!(owned.tick(scene(500)), [Act::Degraded]);
    assert!(owned.pending().is_none());
}

#[test]
fn whoever_is_deposed_takes_back_what_was_not_acknowledged_and_forgets_no_holder() {
    let mut owned = in_step(&["app-b"], safety(2, Acknowledge::Backup));
    change(&mut owned, 1, scene(0));
    let first = owned.record().version;
    change(&mut owned, 2, scene(0));
    let second = owned.record().version;
    let acts = owned.held(server("app-b"), Incarnation(1), first, scene(1));
    assert_eq!(acts, [Act::Acknowledge(Ticket(1))]);
    owned.tick(Scene { candidates: &[candidate("app-c")], now: at(900), ..Scene::default() });
    let Deposed { record, holders, waiting } = owned.depose();
    assert_eq!(record.live().unwrap().attributes.get("/", "a").unwrap(), "1");
    assert!(record.seen.contains(first) && !record.seen.contains(second));
    assert_eq!(waiting, [(Ticket(2), second)]);
    assert!(holders.get(server("app-c")).is_some());
}

#[test]
fn confirmations_of_another_epoch_or_of_what_was_never_sent_count_for_nothing() {
    let mut owned = in_step(&["app-b"], safety(2, Acknowledge::Backup));
    change(&mut owned, 1, scene(0));
    for version in [version(2, 9), version(1, 9), version(0, 9)] {
        assert_eq!(owned.held(server("app-b"), Incarnation(1), version, scene(1)), []);
    }
    assert_eq!(confirm(&mut owned, "app-x", scene(1)), []);
    assert!(owned.pending().is_some());
}

#[test]
fn a_step_that_does_not_follow_is_not_taken() {
    let mut owned = in_step(&["app-b"], safety(2, Acknowledge::Backup));
    let late = step(&owned, "a", "1");
    change(&mut owned, 1, scene(0));
    let taken = owned.change(late, Some(Ticket(2)), scene(0));
    assert_eq!(taken, Err(NotTaken::Misfit(Misfit::Gap)));
}

fn lease(name: &str) -> Lease {
    Lease { server: server(name), incarnation: Incarnation(1), number: LeaseNumber(1) }
}

/// A substitute may never have heard of the session: that it is relied on proves nothing.
#[test]
fn whoever_lost_a_holder_speaks_only_after_it_has_asked() {
    let (candidates, leases) = ([candidate("app-c")], [lease("app-c")]);
    let now = |milliseconds| Scene {
        candidates: &candidates,
        leases: &leases,
        now: at(milliseconds),
        ..Scene::default()
    };
    let mut owned = in_step(&["app-b"], safety(2, Acknowledge::Backup));
    change(&mut owned, 1, now(10));
    assert!(copies_to(&owned.tick(now(510)), "app-c"));
    confirm(&mut owned, "app-c", now(520));
    assert_eq!(standing(&owned, "app-c"), Standing::Current);
    assert!(!owned.may_speak(now(530)));
    owned.confirmed(&[], &leases, None, now(540));
    assert!(owned.may_speak(now(550)));
}

#[test]
fn whoever_met_a_holder_in_another_start_speaks_only_after_it_has_asked() {
    let leases = [lease("app-c")];
    let now = Scene { leases: &leases, ..scene(10) };
    let mut owned = in_step(&["app-b", "app-c"], safety(2, Acknowledge::Backup));
    owned.confirmed(&[], &leases, None, now);
    owned.met(server("app-b"), Incarnation(2), now);
    confirm(&mut owned, "app-c", now);
    assert!(!owned.may_speak(now));
    owned.confirmed(&[], &leases, None, now);
    assert!(owned.may_speak(now));
}

/// It stood still between the question and the answers.
#[test]
fn what_was_asked_before_a_standstill_says_nothing_after_it() {
    let mut owned = in_step(&[], safety(1, Acknowledge::Backup));
    let now = Scene { own_lease: Some(LeaseNumber(2)), ..scene(10) };
    owned.confirmed(&[], &[], Some(LeaseNumber(1)), now);
    assert!(!owned.may_speak(now));
    owned.confirmed(&[], &[], Some(LeaseNumber(2)), now);
    assert!(owned.may_speak(now));
}

/// The message that a copy is not needed was said again before the others knew that it does not count.
#[test]
fn a_copy_is_let_go_only_when_the_others_know() {
    let mut owned = in_step(&["app-b", "app-c"], safety(2, Acknowledge::Backup));
    let acts = owned.let_go(server("app-c"), scene(10));
    assert!(!acts.contains(&Act::Drop(server("app-c"))), "{acts:?}");
    assert!(!owned.lets_go(server("app-c")));
    assert_eq!(confirm(&mut owned, "app-b", scene(20)), [Act::Drop(server("app-c"))]);
    assert!(owned.lets_go(server("app-c")));
}

#[test]
fn of_an_end_nobody_needs_to_know_who_has_nothing() {
    let refuses = Safety { degraded: Degraded::Refuse, ..safety(2, Acknowledge::Backup) };
    let mut owned = in_step(&["app-b"], refuses);
    let end = |owned: &Owned| Step { ends: true, ..Step::after(owned.record()).unwrap() };
    owned.met(server("app-b"), Incarnation(2), scene(10));
    owned.tick(scene(1000));
    assert_eq!(owned.change(end(&owned), None, scene(1000)), Err(NotTaken::Alone));
    owned.dropped(server("app-b"), scene(1000));
    owned.change(end(&owned), Some(Ticket(1)), scene(1010)).unwrap();
    assert!(owned.is_over());
}

/// The connection to the backup was cut in the moment of a log-out: with `refuse` whoever looked waited
/// until it was mended.
#[test]
fn an_end_that_a_holder_does_not_confirm_goes_to_a_substitute() {
    let refuses = Safety { degraded: Degraded::Refuse, ..safety(2, Acknowledge::Backup) };
    let mut owned = in_step(&["app-b"], refuses);
    let candidates = [candidate("app-c")];
    let scene = |now| Scene { candidates: &candidates, now: at(now), ..Scene::default() };
    let end = Step { ends: true, ..Step::after(owned.record()).unwrap() };
    owned.change(end, Some(Ticket(1)), scene(0)).unwrap();
    assert!(copies_to(&owned.tick(scene(500)), "app-c"));
    assert!(confirm(&mut owned, "app-c", scene(510)).contains(&Act::Acknowledge(Ticket(1))));
    assert!(owned.pending().is_none());
    assert!(!owned.is_over(), "the other one still has to know");
    // Now that it counts nobody else is needed.
    let next = [candidate("app-c"), candidate("app-d")];
    owned.tick(Scene { candidates: &next, ..scene(600) });
    assert_eq!(owned.record().holders.iter().len(), 3);
}

/// With two others to confirm it, of whom there was one.
#[test]
fn an_end_counts_when_all_that_have_anything_know() {
    let refuses = Safety { degraded: Degraded::Refuse, ..safety(3, Acknowledge::All) };
    let mut owned = in_step(&["app-b", "app-c"], refuses);
    owned.let_go(server("app-c"), scene(10));
    confirm(&mut owned, "app-b", scene(20));
    owned.dropped(server("app-c"), scene(30));
    let end = Step { ends: true, ..Step::after(owned.record()).unwrap() };
    owned.change(end, Some(Ticket(1)), scene(40)).unwrap();
    assert!(confirm(&mut owned, "app-b", scene(50)).contains(&Act::Acknowledge(Ticket(1))));
    assert!(owned.is_settled());
}

/// Whoever asked for it was told that nobody answers, until the other server was back.
#[test]
fn whoever_takes_over_what_has_ended_waits_for_nobody() {
    let refuses = Safety { degraded: Degraded::Refuse, ..safety(2, Acknowledge::Backup) };
    let mut ended = held_by(&["app-b"], Standing::Behind);
    ended.content = crate::record::Content::Ended { at: ended.version };
    let gone = [server("app-b")];
    let now = Scene { gone: &gone, ..scene(0) };
    let (owned, acts) = Owned::begin(server("app-a"), refuses, ended, Vec::new(), now);
    assert!(owned.is_settled() && acts.contains(&Act::Degraded), "{acts:?}");
}
