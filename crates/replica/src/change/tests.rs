//! What the acting owner makes of what requests want.

use copal_protocol::session_id::SessionId;

use super::*;
use crate::live::Admission;
use crate::record::Content;
use crate::samples::{change, number, proof, record, set, version};

/// Has a change carried out; returns the version after it.
fn done(record: &mut Record, change: &Change, base: &Base) -> Version {
    let Ok(Verdict::Take(step)) = decide(record, change, base) else {
        panic!("{:?}", decide(record, change, base));
    };
    step.take(record).unwrap();
    record.version
}

fn refused(record: &Record, change: &Change, base: &Base) -> Refused {
    decide(record, change, base).unwrap_err()
}

/// Another server begins to act.
fn begin_epoch(record: &mut Record, counter: u64) {
    record.version = version(counter, record.version.sequence + 1);
    record.seen.add(record.version);
}

fn add(count: u64, by: i64) -> Change {
    let add = Some(Add { name: "count".into(), by });
    Change { add, number: Some(number(count)), ..change() }
}

#[test]
fn requests_that_set_different_attributes_do_not_undo_each_other() {
    let mut record = record(version(1, 1));
    let base = Base::of(&record);
    done(&mut record, &set("a", "1"), &base);
    done(&mut record, &set("b", "2"), &base);
    done(&mut record, &set("a", "3"), &base);
    let live = record.live().unwrap();
    assert_eq!(live.attributes.get("/", "a").unwrap(), "3", "the later one wins");
    assert_eq!(live.attributes.get("/", "b").unwrap(), "2");
    assert_eq!(record.version, version(1, 4));
}

#[test]
fn what_was_read_in_an_earlier_epoch_overwrites_nothing_that_has_changed() {
    let mut record = record(version(1, 1));
    let base = Base::of(&record);
    begin_epoch(&mut record, 2);
    done(&mut record, &set("a", "new"), &base);
    let later = Base::of(&record);
    assert_eq!(refused(&record, &set("a", "old"), &base), Refused::Changed("a".into()));
    done(&mut record, &set("b", "old"), &base);
    done(&mut record, &set("a", "newer"), &later);
}

#[test]
fn what_was_removed_meanwhile_has_changed_too() {
    let mut record = record(version(1, 1));
    let first = Base::of(&record);
    done(&mut record, &set("a", "1"), &first);
    let base = Base::of(&record);
    let remove = Change { attributes: [("a".into(), None)].into_iter().collect(), ..change() };
    begin_epoch(&mut record, 2);
    done(&mut record, &remove, &base);
    assert_eq!(refused(&record, &set("a", "2"), &base), Refused::Changed("a".into()));
}

#[test]
fn nothing_is_added_twice() {
    let mut record = record(version(1, 1));
    let base = Base::of(&record);
    done(&mut record, &add(1, 5), &base);
    assert_eq!(decide(&record, &add(1, 5), &base), Ok(Verdict::Repeated("5".into())));
    done(&mut record, &add(2, -7), &base);
    assert_eq!(record.live().unwrap().attributes.get("/", "count").unwrap(), "-2");
}

#[test]
fn adding_comes_after_what_the_same_request_sets() {
    let mut record = record(version(1, 1));
    let base = Base::of(&record);
    let mut both = add(1, 5);
    both.attributes.insert("count".into(), Some("100".into()));
    done(&mut record, &both, &base);
    assert_eq!(record.live().unwrap().attributes.get("/", "count").unwrap(), "105");
}

#[test]
fn only_whole_numbers_can_be_added_to() {
    #[rustfmt::skip]
    let table = [
        ("9223372036854775806", Ok("9223372036854775807")),
        ("9223372036854775807", Err(Refused::Overflow("count".into()))),
        ("9223372036854775808", Err(Refused::NotANumber("count".into()))),
        ("+1",                  Err(Refused::NotANumber("count".into()))),
        ("1.5",                 Err(Refused::NotANumber("count".into()))),
        ("\"1\"",               Err(Refused::NotANumber("count".into()))),
        ("01",                  Err(Refused::NotANumber("count".into()))),
        ("",                    Err(Refused::NotANumber("count".into()))),
        ("-1",                  Ok("0")),
    ];
    for (text, expected) in table {
        let mut record = record(version(1, 1));
        let first = Base::of(&record);
        done(&mut record, &set("count", text), &first);
        let base = Base::of(&record);
        match expected {
            Err(reason) => assert_eq!(refused(&record, &add(1, 1), &base), reason, "{text}"),
            Ok(sum) => {
                done(&mut record, &add(1, 1), &base);
                assert_eq!(record.live().unwrap().attributes.get("/", "count").unwrap(), sum);
            }
        }
    }
}

#[test]
fn a_change_may_insist_on_a_version() {
    let mut record = record(version(1, 1));
    let base = Base::of(&record);
    let insisting =
        Change { only_if: Some(base.version), number: Some(number(1)), ..set("a", "1") };
    // That another server holds it is nothing that a request sees.
    Step::after(&record).unwrap().take(&mut record).unwrap();
    done(&mut record, &insisting, &base);
    let again = decide(&record, &insisting, &base);
    assert_eq!(again, Ok(Verdict::Repeated(Bytes::new())), "its answer was lost on the way");
    let another = Change { number: Some(number(2)), ..insisting };
    assert_eq!(refused(&record, &another, &base), Refused::NotAsExpected);
}

#[test]
fn of_two_rotations_at_once_one_is_refused_and_saves_go_on() {
    let mut record = record(version(1, 1));
    let base = Base::of(&record);
    let old = SessionId::parse(b"abcX8ZwooOzabcSECRETsecret").unwrap();
    let new = SessionId::parse(b"cbaX8ZwooOzabcFIRSTxxxxxxx").unwrap();
    let rotate = |text: &str| Change { proof: Some(proof(text)), ..set("user", text) };
    let rotated = done(&mut record, &rotate("FIRST"), &base);
    assert_eq!(refused(&record, &rotate("SECOND"), &base), Refused::Rotated);
    done(&mut record, &set("a", "1"), &base);
    let live = record.live().unwrap();
    assert_eq!(live.admission(&old, true), Admission::Former { before: rotated });
    assert_eq!(live.admission(&old, false), Admission::None);
    assert_eq!(live.admission(&new, false), Admission::Whole);
    // What the rotating request itself set counts as after the rotation.
    assert_eq!(live.attributes.changed_at("/", "user"), Some(rotated));
}

#[test]
fn nothing_changes_a_session_that_has_ended() {
    let mut record = record(version(1, 1));
    let base = Base::of(&record);
    let end = Change { ends: true, ..set("a", "1") };
    let at = done(&mut record, &end, &base);
    assert_eq!(record.content, Content::Ended { at });
    for change in [set("a", "2"), end, add(1, 1)] {
        assert_eq!(refused(&record, &change, &base), Refused::Ended);
    }
}

#[test]
fn every_holder_has_the_same_bytes_after_the_same_steps() {
    let mut owner = record(version(1, 1));
    let mut holder = owner.clone();
    let changes =
        [set("a", "1"), add(1, 5), Change { proof: Some(proof("NEXT")), ..set("b", "2") }];
    for change in changes {
        let Ok(Verdict::Take(step)) = decide(&owner, &change, &Base::of(&owner)) else {
            panic!("it is carried out");
        };
        step.take(&mut owner).unwrap();
        step.take(&mut holder).unwrap();
        assert_eq!(crate::record_code::write(&owner), crate::record_code::write(&holder));
        assert_eq!(step.take(&mut holder), Err(crate::step::Misfit::Gap), "it was taken already");
        assert_eq!(owner, holder);
    }
}

/// The attribute came out of a line of a lower epoch, which the request had not read.
#[test]
fn what_came_in_by_a_merge_counts_as_changed_however_low_its_version_is() {
    let mut record = record(version(1, 1));
    begin_epoch(&mut record, 3);
    let base = Base::of(&record);
    let apart = version(2, 30);
    let Content::Live(live) = &mut record.content else { panic!("it lives") };
    let value = Some(Bytes::from_static(b"1"));
    live.attributes.put("/", "a", crate::stamped::Stamped { value, at: apart });
    live.proof.at = apart;
    live.user.at = apart;
    record.seen.add(apart);
    begin_epoch(&mut record, 4);
    assert_eq!(refused(&record, &set("a", "2"), &base), Refused::Changed("a".into()));
    let rotate = Change { proof: Some(proof("NEXT")), ..change() };
    assert_eq!(refused(&record, &rotate, &base), Refused::Rotated);
    let log_in = Change { user: Some(None), ..change() };
    assert_eq!(refused(&record, &log_in, &base), Refused::UserChanged);
    done(&mut record, &set("b", "2"), &base);
}

#[test]
fn to_remove_what_is_not_there_leaves_no_marker() {
    let mut record = record(version(1, 1));
    let base = Base::of(&record);
    let remove = Change { attributes: [("a".into(), None)].into_iter().collect(), ..change() };
    done(&mut record, &remove, &base);
    assert_eq!(record.live().unwrap().attributes.count(), 0);
}

#[test]
fn what_counts_as_changed_by_a_rotation_is_not_for_the_former_proof() {
    let mut record = record(version(1, 1));
    let base = Base::of(&record);
    done(&mut record, &set("a", "1"), &base);
    done(&mut record, &set("b", "2"), &base);
    let restamped = ["a".into(), "not there".into()].into();
    let rotate = Change { restamped, proof: Some(proof("NEXT")), ..set("c", "3") };
    done(&mut record, &rotate, &base);
    let live = record.live().unwrap();
    let changed = |name| live.attributes.changed_at("/", name);
    assert_eq!(changed("a"), Some(live.proof.at));
    assert_eq!(changed("c"), Some(live.proof.at));
    assert!(changed("b") < Some(live.proof.at));
    assert_eq!(changed("not there"), None);
    assert_eq!(live.attributes.get("/", "a").unwrap(), "1");
    // What another one set meanwhile is not overwritten, in whatever epoch.
    let (restamped, early) = (["a".into()].into(), Base::of(&record));
    begin_epoch(&mut record, 2);
    let late = Base::of(&record);
    done(&mut record, &set("a", "5"), &late);
    done(&mut record, &Change { restamped, ..set("d", "4") }, &early);
    assert_eq!(record.live().unwrap().attributes.get("/", "a").unwrap(), "5");
}

#[test]
fn a_sum_tells_nothing_to_who_read_before_the_rotation() {
    let mut record = record(version(1, 1));
    let base = Base::of(&record);
    done(&mut record, &add(1, 1), &base);
    done(&mut record, &Change { proof: Some(proof("NEXT")), ..change() }, &base);
    assert_eq!(refused(&record, &add(2, 1), &base), Refused::Rotated);
    assert!(matches!(decide(&record, &add(1, 1), &base), Ok(Verdict::Repeated(_))));
    let later = Base::of(&record);
    done(&mut record, &add(3, 1), &later);
}
