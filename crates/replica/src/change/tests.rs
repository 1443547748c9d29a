//! What the acting owner makes of what requests want.

use copal_protocol::session_id::SessionId;

use super::*;
use crate::live::Admission;
use crate::samples::{change, number, proof, record, set, version};

fn done(record: &mut Record, change: &Change, base: Version) -> Version {
    let at = record.version.next().unwrap();
    assert!(matches!(carry_out(record, change, base, at), Ok(Outcome::Done(_))));
    at
}

fn refused(record: &mut Record, change: &Change, base: Version) -> Refused {
    let (before, at) = (record.clone(), record.version.next().unwrap());
    let refused = carry_out(record, change, base, at).unwrap_err();
    assert_eq!(*record, before, "a refused change leaves nothing behind");
    refused
}

fn add(count: u64, by: i64) -> Change {
    let add = Operation::Add { name: "count".into(), by };
    Change { operation: Some((number(count), add)), ..change() }
}

#[test]
fn requests_that_set_different_attributes_do_not_undo_each_other() {
    let mut record = record(version(1, 1));
    let base = record.version;
    done(&mut record, &set("a", "1"), base);
    done(&mut record, &set("b", "2"), base);
    done(&mut record, &set("a", "3"), base);
    let live = record.live().unwrap();
    assert_eq!(live.attributes.get("/", "a").unwrap(), "3", "the later one wins");
    assert_eq!(live.attributes.get("/", "b").unwrap(), "2");
    assert_eq!(record.version, version(1, 4));
}

#[test]
fn what_was_read_in_an_earlier_epoch_overwrites_nothing_that_has_changed() {
    let mut record = record(version(1, 1));
    let base = record.version;
    let at = version(2, 2);
    carry_out(&mut record, &set("a", "new"), base, at).unwrap();
    assert_eq!(refused(&mut record, &set("a", "old"), base), Refused::Changed("a".into()));
    done(&mut record, &set("b", "old"), base);
    done(&mut record, &set("a", "newer"), at);
}

#[test]
fn what_was_removed_meanwhile_has_changed_too() {
    let mut record = record(version(1, 1));
    let base = done(&mut record, &set("a", "1"), version(1, 1));
    let remove = Change { attributes: [("a".into(), None)].into(), ..change() };
    carry_out(&mut record, &remove, base, version(2, 3)).unwrap();
    assert_eq!(refused(&mut record, &set("a", "2"), base), Refused::Changed("a".into()));
}

#[test]
fn nothing_is_added_twice() {
    let mut record = record(version(1, 1));
    let base = record.version;
    let at = record.version.next().unwrap();
    let sum = Some(Bytes::from_static(b"5"));
    assert_eq!(carry_out(&mut record, &add(1, 5), base, at), Ok(Outcome::Done(sum)));
    let before = record.clone();
    let again = carry_out(&mut record, &add(1, 5), base, at.next().unwrap());
    assert_eq!(again, Ok(Outcome::Repeated("5".into())));
    assert_eq!(record, before);
    done(&mut record, &add(2, -7), base);
    assert_eq!(record.live().unwrap().attributes.get("/", "count").unwrap(), "-2");
}

#[test]
fn adding_comes_after_what_the_same_request_sets() {
    let mut record = record(version(1, 1));
    let base = record.version;
    let mut both = add(1, 5);
    both.attributes.insert("count".into(), Some("100".into()));
    done(&mut record, &both, base);
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
        let base = done(&mut record, &set("count", text), version(1, 1));
        match expected {
            Err(reason) => assert_eq!(refused(&mut record, &add(1, 1), base), reason, "{text}"),
            Ok(sum) => {
                done(&mut record, &add(1, 1), base);
                assert_eq!(record.live().unwrap().attributes.get("/", "count").unwrap(), sum);
            }
        }
    }
}

#[test]
fn a_change_may_insist_on_a_version() {
    let mut record = record(version(1, 1));
    let base = record.version;
    let insisting = Change { only_if: Some(base), ..set("a", "1") };
    done(&mut record, &insisting, base);
    assert_eq!(refused(&mut record, &insisting, base), Refused::NotAsExpected);
}

#[test]
fn of_two_rotations_at_once_one_is_refused_and_saves_go_on() {
    let mut record = record(version(1, 1));
    let base = record.version;
    let old = SessionId::parse(b"abcX8ZwooOzabcSECRETsecret").unwrap();
    let new = SessionId::parse(b"cbaX8ZwooOzabcFIRSTxxxxxxx").unwrap();
    let rotate = |text: &str| Change { proof: Some(proof(text)), ..set("user", text) };
    let rotated = done(&mut record, &rotate("FIRST"), base);
    assert_eq!(refused(&mut record, &rotate("SECOND"), base), Refused::Rotated);
    done(&mut record, &set("a", "1"), base);
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
    let base = record.version;
    let end = Change { ends: true, ..set("a", "1") };
    let at = done(&mut record, &end, base);
    assert_eq!(record.content, Content::Ended { at });
    for change in [set("a", "2"), end, add(1, 1)] {
        assert_eq!(refused(&mut record, &change, at), Refused::Ended);
    }
}
