//! app-c asks who acts for a session of app-a, whose backup is app-b; there is an app-d, too.

use bytes::Bytes;
use copal_protocol::server_index::ServerIndex;

use super::*;
use crate::incarnation::Incarnation;
use crate::opinion::Shown;
use crate::record::Content;
use crate::samples::{record, version};
use crate::stamped::Stamped;

const TIMEOUT: Duration = Duration::from_millis(500);
const SOON: Duration = Duration::from_millis(800);

const fn at(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn server(name: &str) -> ServerId {
    ServerId::new(name).unwrap()
}

fn epoch(counter: u64, server: usize) -> Epoch {
    Epoch { counter, server: ServerIndex::new(server).unwrap(), incarnation: Incarnation(7) }
}

fn witness(name: &str, index: usize) -> Witness {
    let index = ServerIndex::new(index).unwrap();
    let (server, named) = (server(name), name != "app-d");
    Witness { server, index, named, ended: false, is_there: true, patience: TIMEOUT }
}

/// A record of app-a's epoch that app-a and app-b hold, both with everything.
fn shared(sequence: u64) -> Record {
    let mut record = record(version(1, sequence));
    for name in ["app-a", "app-b"] {
        let holder = Holder {
            server: server(name),
            incarnation: Incarnation(7),
            standing: Standing::Current,
        };
        assert!(record.holders.put(holder));
    }
    record
}

fn nothing() -> Opinion {
    Opinion {
        incarnation: Incarnation(7),
        begun: None,
        promised: None,
        acts: false,
        copy: None,
        hears_acting: false,
        help: Help::Now,
        may_miss: false,
        age: None,
    }
}

/// Of a server that has a copy of `shared`.
fn holding(record: Record) -> Opinion {
    Opinion {
        begun: Some(record.version.epoch),
        copy: Some(Shown::Record(std::sync::Arc::new(record))),
        ..nothing()
    }
}

/// An inquiry of app-c, which knows of app-a's epoch and has no copy.
fn inquiry(ended: bool) -> Inquiry {
    let witnesses =
        [Witness { ended, ..witness("app-a", 0) }, witness("app-b", 1), witness("app-d", 3)];
    let question = Question {
        asker: server("app-c"),
        about: Some(epoch(1, 0)),
        proposal: epoch(2, 2),
        has: None,
    };
    let own = Opinion { begun: Some(epoch(1, 0)), ..nothing() };
    Inquiry::begin(question, own, &witnesses, TIMEOUT, at(0))
}

fn begins(finding: Finding) -> Beginning {
    match finding {
        Finding::Begin(beginning) => *beginning,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_acting_owner_that_answers_is_visited_at_once() {
    let mut inquiry = inquiry(false);
    assert_eq!(inquiry.find(None, &[], at(1)), Finding::Wait(TIMEOUT));
    inquiry.hear(server("app-a"), Opinion { acts: true, ..holding(shared(5)) }, at(2));
    assert_eq!(inquiry.find(None, &[], at(2)), Finding::Acts(server("app-a")));
}

#[test]
fn after_a_crash_the_newest_copy_is_taken_without_a_wait() {
    let mut inquiry = inquiry(true);
    inquiry.hear(server("app-b"), holding(shared(5)), at(2));
    assert_eq!(inquiry.find(None, &[], at(2)), Finding::Wait(TIMEOUT), "app-d may have more");
    inquiry.hear(server("app-d"), holding(shared(4)), at(3));
    let beginning = begins(inquiry.find(None, &[], at(3)));
    assert_eq!(beginning.newest, shared(5));
    assert!(!beginning.degraded);
    let standings: Vec<Standing> = beginning.holders.iter().map(|one| one.standing).collect();
    assert_eq!(standings, [Standing::Behind; 2]);
}

#[test]
fn who_takes_over_although_another_one_is_silent_is_counted() {
    let mut inquiry = inquiry(true);
    inquiry.hear(server("app-b"), holding(shared(5)), at(2));
    assert_eq!(inquiry.find(None, &[], at(499)), Finding::Wait(TIMEOUT));
    assert!(begins(inquiry.find(None, &[], TIMEOUT)).degraded, "app-d may be a substitute");
    inquiry.ended(server("app-d"));
    assert!(!begins(inquiry.find(None, &[], at(3))).degraded);
}

#[test]
fn whoever_the_silent_owner_may_still_rely_on_is_waited_for() {
    let mut inquiry = inquiry(false);
    inquiry.hear(server("app-b"), Opinion { help: Help::In(SOON), ..holding(shared(5)) }, at(100));
    inquiry.hear(server("app-d"), nothing(), at(100));
    assert_eq!(inquiry.find(None, &[], at(100)), Finding::Wait(TIMEOUT), "app-a is silent");
    assert_eq!(inquiry.find(None, &[], TIMEOUT), Finding::Again(at(900)));
    inquiry.hear(server("app-b"), holding(shared(5)), at(501));
    assert!(!begins(inquiry.find(None, &[], at(501))).degraded, "only app-a itself is silent");
}

#[test]
fn a_copy_of_which_nobody_says_that_it_is_whole_helps_nobody() {
    // app-d was left behind long ago, and nobody has relied on it since; app-b has everything.
    let mut inquiry = inquiry(false);
    inquiry.hear(server("app-d"), holding(shared(3)), at(1));
    inquiry.hear(server("app-b"), Opinion { help: Help::In(SOON), ..holding(shared(5)) }, at(1));
    assert_eq!(inquiry.find(None, &[], TIMEOUT), Finding::Again(at(801)));
    // Started again since: what it holds comes from its disk.
    let restarted = Opinion { incarnation: Incarnation(8), ..holding(shared(5)) };
    inquiry.hear(server("app-b"), restarted, at(1));
    assert!(begins(inquiry.find(None, &[], TIMEOUT)).degraded);
}

#[test]
fn an_owner_that_somebody_hears_is_spoken_to_through_him() {
    let mut inquiry = inquiry(false);
    let hears = Opinion { hears_acting: true, help: Help::In(SOON), ..holding(shared(5)) };
    inquiry.hear(server("app-b"), hears, at(1));
    inquiry.hear(server("app-d"), nothing(), at(1));
    let b = server("app-b");
    assert_eq!(inquiry.find(None, &[], TIMEOUT), Finding::Relay(b));
    assert_eq!(inquiry.find(None, &[b], TIMEOUT), Finding::Again(at(801)));
}

#[test]
fn whoever_was_started_again_says_that_it_does_not_act() {
    let mut inquiry = inquiry(false);
    let back = Opinion { incarnation: Incarnation(8), ..holding(shared(4)) };
    inquiry.hear(server("app-a"), back, at(1));
    inquiry.hear(server("app-b"), Opinion { help: Help::In(SOON), ..holding(shared(5)) }, at(1));
    inquiry.hear(server("app-d"), nothing(), at(1));
    assert_eq!(begins(inquiry.find(None, &[], at(1))).newest, shared(5));
}

#[test]
fn of_two_that_ask_at_once_the_lower_one_gives_way_for_a_while() {
    let mut inquiry = inquiry(true);
    inquiry.hear(server("app-b"), holding(shared(5)), at(1));
    let promised =
        |counter, server| Opinion { promised: Some(epoch(counter, server)), ..nothing() };
    inquiry.hear(server("app-d"), promised(2, 3), at(1));
    assert_eq!(inquiry.find(None, &[], at(1)), Finding::Again(at(501)));
    // The other one asks after it has answered.
    inquiry.hear(server("app-d"), nothing(), at(1));
    assert_eq!(inquiry.find(Some(epoch(2, 3)), &[], at(1)), Finding::Again(at(501)));
    // One that is lower gave way to us; and what was promised to us in an earlier round is ours.
    for given in [promised(2, 1), promised(2, 2), promised(9, 2)] {
        inquiry.hear(server("app-d"), given, at(1));
        begins(inquiry.find(None, &[], at(1)));
    }
}

/// app-d once proposed an epoch, and began nothing. That it does not act by it says nothing about
/// app-a.
#[test]
fn what_was_only_proposed_does_not_hide_who_acts() {
    let proposed = Opinion { promised: Some(epoch(5, 3)), ..nothing() };
    let mut asked = inquiry(false);
    asked.hear(server("app-d"), proposed.clone(), at(1));
    asked.hear(server("app-a"), Opinion { acts: true, ..holding(shared(5)) }, at(1));
    assert_eq!(asked.find(None, &[], at(1)), Finding::Acts(server("app-a")));
    let mut asked = inquiry(false);
    asked.hear(server("app-d"), proposed, at(1));
    let hears = Opinion { hears_acting: true, help: Help::In(SOON), ..holding(shared(5)) };
    asked.hear(server("app-b"), hears, at(1));
    assert_eq!(asked.find(None, &[], TIMEOUT), Finding::Relay(server("app-b")));
}

#[test]
fn a_higher_epoch_is_asked_about_unless_its_server_says_that_it_is_over() {
    let mut inquiry = inquiry(true);
    inquiry.hear(server("app-b"), holding(shared(5)), at(1));
    // app-b itself says that it does not act.
    let knows = |epoch| Opinion { begun: Some(epoch), ..nothing() };
    inquiry.hear(server("app-d"), knows(epoch(2, 1)), at(1));
    begins(inquiry.find(None, &[], at(1)));
    // Nobody was asked whether he hears the tenth server. app-a has not heard of its epoch.
    inquiry.hear(server("app-a"), Opinion { acts: true, ..holding(shared(5)) }, at(1));
    inquiry.hear(server("app-d"), knows(epoch(1, 9)), at(1));
    assert_eq!(inquiry.find(None, &[], at(1)), Finding::Again(at(1)));
}

#[test]
fn one_that_was_silent_a_moment_ago_is_not_waited_for_again() {
    let mut inquiry = inquiry(false);
    inquiry.others.get_mut(&server("app-a")).unwrap().witness.patience = Duration::ZERO;
    inquiry.hear(server("app-b"), holding(shared(5)), at(1));
    inquiry.hear(server("app-d"), nothing(), at(1));
    begins(inquiry.find(None, &[], at(1)));
}

#[test]
fn what_was_shown_before_its_server_ended_still_counts() {
    let mut inquiry = inquiry(true);
    inquiry.hear(server("app-b"), holding(shared(5)), at(1));
    inquiry.ended(server("app-b"));
    inquiry.hear(server("app-d"), holding(shared(4)), at(1));
    assert_eq!(begins(inquiry.find(None, &[], at(1))).newest, shared(5));
}

#[test]
fn an_acting_owner_that_asks_because_it_was_away_hears_who_is_still_with_it() {
    let mut record = shared(5);
    record.version = version(1, 5);
    let witnesses = [witness("app-b", 1), witness("app-d", 3)];
    let about = Some(record.version.epoch);
    let question = Question { asker: server("app-a"), about, proposal: epoch(2, 0), has: None };
    let own = Opinion { acts: true, ..holding(record) };
    let begin = || Inquiry::begin(question, own.clone(), &witnesses, TIMEOUT, at(0));
    let mut asked = begin();
    let hears = |opinion: Opinion| Opinion { hears_acting: true, ..opinion };
    asked.hear(server("app-b"), hears(holding(shared(5))), at(1));
    asked.hear(server("app-d"), hears(nothing()), at(1));
    assert_eq!(asked.find(None, &[], at(1)), Finding::Confirmed(vec![]));
    let mut asked = begin();
    asked.hear(server("app-d"), nothing(), at(1));
    assert_eq!(asked.find(None, &[], TIMEOUT), Finding::Confirmed(vec![server("app-b")]));
    let mut asked = begin();
    let taken_over = Opinion { acts: true, begun: Some(epoch(2, 1)), ..holding(shared(5)) };
    asked.hear(server("app-b"), taken_over, at(1));
    assert_eq!(asked.find(None, &[], at(1)), Finding::Acts(server("app-b")));
}

#[test]
fn everything_that_is_shown_is_merged() {
    let mut inquiry = inquiry(true);
    let mut apart = shared(5);
    let other = Version { epoch: epoch(1, 3), sequence: 4 };
    apart.seen.add(other);
    let Content::Live(live) = &mut apart.content else { panic!("it lives") };
    live.attributes.put("/", "a", Stamped { value: Some(Bytes::from_static(b"1")), at: other });
    inquiry.hear(server("app-b"), holding(shared(6)), at(1));
    inquiry.hear(server("app-d"), holding(apart), at(1));
    let beginning = begins(inquiry.find(None, &[], at(1)));
    assert!(beginning.line.seen.contains(other) && beginning.line.seen.contains(version(1, 6)));
    let Content::Live(live) = &beginning.line.content else { panic!("it lives") };
    assert_eq!(live.attributes.get("/", "a").unwrap(), "1");
}

/// An inquiry of a server that knows nothing.
fn stranger(ended: &[&str]) -> Inquiry {
    let witness =
        |name: &str, index| Witness { ended: ended.contains(&name), ..witness(name, index) };
    let witnesses = [witness("app-a", 0), witness("app-b", 1), witness("app-d", 3)];
    let question =
        Question { asker: server("app-c"), about: None, proposal: epoch(1, 2), has: None };
    Inquiry::begin(question, nothing(), &witnesses, TIMEOUT, at(0))
}

#[test]
fn there_is_no_such_session_only_when_everybody_says_so() {
    let all = ["app-a", "app-b", "app-d"];
    let hear_all = |inquiry: &mut Inquiry, opinion: &Opinion| {
        all.iter().for_each(|name| inquiry.hear(server(name), opinion.clone(), at(1)));
    };
    let mut asked = stranger(&[]);
    hear_all(&mut asked, &nothing());
    assert_eq!(asked.find(None, &[], at(1)), Finding::Absent);

    // All that the id names; who is silent beside them changes nothing, and what was promised is no session.
    let mut asked = stranger(&[]);
    asked.hear(server("app-a"), Opinion { promised: Some(epoch(1, 3)), ..nothing() }, at(1));
    assert_eq!(asked.find(None, &[], at(1)), Finding::Wait(TIMEOUT));
    assert_eq!(asked.find(None, &[], TIMEOUT), Finding::Unknown, "app-b is silent");
    asked.hear(server("app-b"), nothing(), at(1));
    assert_eq!(asked.find(None, &[], at(1)), Finding::Wait(TIMEOUT), "app-d is there");
    assert_eq!(asked.find(None, &[], TIMEOUT), Finding::Absent);
    asked.falls_silent(server("app-d"), TIMEOUT);
    assert_eq!(asked.find(None, &[], at(1)), Finding::Absent);

    // One that the id names has ended: its disk may have it. One that it does not name, no more.
    for (ended, finding) in [("app-b", Finding::Unknown), ("app-d", Finding::Absent)] {
        let mut asked = stranger(&[ended]);
        all.iter().filter(|name| **name != ended).for_each(|name| {
            asked.hear(server(name), nothing(), at(1));
        });
        assert_eq!(asked.find(None, &[], at(1)), finding, "{ended}");
    }

    let mut asked = stranger(&[]);
    hear_all(&mut asked, &Opinion { may_miss: true, ..nothing() });
    assert_eq!(asked.find(None, &[], TIMEOUT), Finding::Unknown, "they have not compared yet");
}

#[test]
fn whoever_knows_an_epoch_without_a_copy_leaves_it_open() {
    let mut asked = stranger(&[]);
    for name in ["app-a", "app-b", "app-d"] {
        let begun = (name == "app-b").then(|| epoch(1, 0));
        asked.hear(server(name), Opinion { begun, ..nothing() }, at(1));
    }
    assert_eq!(asked.find(None, &[], at(1)), Finding::Unknown);
}

/// An ended session was forgotten by all that were known to have had it; a copy of which they did not
/// know brought it back.
#[test]
fn a_copy_is_left_over_when_whoever_began_a_later_epoch_has_nothing() {
    let all = ["app-a", "app-b", "app-d"];
    let witnesses = [witness("app-a", 0), witness("app-b", 1), witness("app-d", 3)];
    for (restarted, is_gone) in [(false, true), (true, false)] {
        let copy = shared(5);
        let question = Question {
            asker: server("app-c"),
            about: Some(epoch(4, 3)),
            proposal: epoch(5, 2),
            has: None,
        };
        let own = Opinion { begun: Some(epoch(4, 3)), ..holding(copy) };
        let mut asked = Inquiry::begin(question, own, &witnesses, TIMEOUT, at(0));
        for name in all {
            // Those that had everything then have been started anew since.
            let anew = Opinion { incarnation: Incarnation(8), ..nothing() };
            let said = if name == "app-d" && !restarted { nothing() } else { anew };
            asked.hear(server(name), said, at(1));
        }
        let finding = asked.find(None, &[], at(1));
        assert_eq!(finding == Finding::Absent, is_gone, "{restarted} {finding:?}");
    }
}

/// It left out what the session holds, because it believed that it acts.
#[test]
fn whoever_was_overtaken_is_asked_again_for_what_it_left_out() {
    let mut inquiry = inquiry(false);
    let acts = Opinion { acts: true, ..holding(shared(5)) }.briefly(None);
    assert!(acts.is_brief());
    inquiry.hear(server("app-a"), acts, at(1));
    inquiry.hear(server("app-b"), Opinion { begun: Some(epoch(2, 3)), ..nothing() }, at(1));
    inquiry.ended(server("app-d"));
    assert_eq!(inquiry.find(None, &[], at(1)), Finding::Again(at(1)));
}

#[test]
fn what_the_asker_has_is_filled_in() {
    let question = Question {
        asker: server("app-c"),
        about: Some(epoch(1, 0)),
        proposal: epoch(2, 2),
        has: None,
    };
    let witnesses = [Witness { ended: true, ..witness("app-a", 0) }, witness("app-b", 1)];
    let mut inquiry = Inquiry::begin(question, holding(shared(5)), &witnesses, TIMEOUT, at(0));
    let has = shared(5).live().map(|live| live.changed);
    let brief = holding(shared(5)).briefly(has);
    assert!(brief.is_brief());
    inquiry.hear(server("app-b"), brief, at(1));
    assert_eq!(begins(inquiry.find(None, &[], at(1))).newest, shared(5));
    assert!(inquiry.has_newest(server("app-b"), &shared(5)));
}
