//! Frames are read as they were written, and nothing else is.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::*;
use crate::answer::Answer;
use crate::call::{Birth, Call, Want};
use crate::change::Refused;
use crate::frame_samples::{frames, key};
use crate::holders::{Holder, Standing};
use crate::incarnation::Incarnation;
use crate::inquiry::Question;
use crate::live::WallTime;
use crate::opinion::{Help, Opinion, Shown};
use crate::outline::Outline;
use crate::samples::{proof, record, version};
use crate::server_id::ServerId;
use crate::step::Step;

fn heard(frame: Frame) -> Heard {
    Heard::Frame(key(), Box::new(frame))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// As a server writes it that does not know how long ago a session was used.
fn without_age(frame: Frame) -> Frame {
    match frame {
        Frame::Record { record, .. } => Frame::Record { record, age: None },
        Frame::Outline { outline, .. } => Frame::Outline { outline, age: None },
        Frame::Grant { epoch, version, .. } => Frame::Grant { epoch, version, age: None },
        Frame::Reply(Reply::Differs(record, _)) => Frame::Reply(Reply::Differs(record, None)),
        Frame::Opinion { number, opinion } => {
            Frame::Opinion { number, opinion: Box::new(Opinion { age: None, ..*opinion }) }
        }
        frame => frame,
    }
}

/// One field behind a frame, as a later version may write it.
fn with_field(mut bytes: Vec<u8>, tag: u64, content: &[u8]) -> Vec<u8> {
    let mut more = Writer::default();
    more.field_of(tag, content);
    bytes.extend(more.finish());
    bytes
}

proptest! {
    #[test]
    fn what_is_written_is_read(frame in frames()) {
        prop_assert_eq!(read(write(key(), &frame).into()), Ok(heard(frame)));
    }

    #[test]
    fn fields_of_a_later_version_are_skipped(
        frame in frames(),
        tag in 1000..u64::MAX,
        content: Vec<u8>,
    ) {
        let bytes = with_field(write(key(), &frame), tag, &content);
        prop_assert_eq!(read(bytes.into()), Ok(heard(frame)));
    }

    #[test]
    fn what_a_later_version_says_is_left_alone(kind in 29..u64::MAX, content: Vec<u8>) {
        let mut out = Writer::default();
        out.number(kind);
        out.raw(&content);
        prop_assert_eq!(read(out.finish().into()), Ok(Heard::Unknown { kind }));
    }

    /// Only ages may be missing without being missed; and fields of a later version that stand within a
    /// record, but they have a length before them here.
    #[test]
    fn a_frame_that_was_cut_is_none(frame in frames(), place: prop::sample::Index) {
        let bytes = write(key(), &frame);
        let cut = &bytes[..place.index(bytes.len())];
        let read = read(Bytes::copy_from_slice(cut));
        prop_assert!(read.is_err() || read == Ok(heard(without_age(frame))));
    }

    #[test]
    fn any_bytes_at_all_are_read_or_refused(kind in 0..32_u8, mut bytes: Vec<u8>, keyed: bool) {
        if keyed {
            bytes.splice(0..0, *key().as_bytes());
        }
        bytes.insert(0, kind);
        if let Ok(Heard::Frame(key, frame)) = read(bytes.into()) {
            prop_assert_eq!(read(write(key, &frame).into()), Ok(Heard::Frame(key, frame)));
        }
    }

    #[test]
    fn one_wrong_byte_makes_another_frame_or_none(
        frame in frames(),
        place: prop::sample::Index,
        byte: u8,
    ) {
        let mut bytes = write(key(), &frame);
        let place = place.index(bytes.len());
        bytes[place] = byte;
        if let Ok(Heard::Frame(key, frame)) = read(bytes.into()) {
            prop_assert_eq!(read(write(key, &frame).into()), Ok(Heard::Frame(key, frame)));
        }
    }
}

#[test]
fn the_samples_have_every_kind() {
    let mut runner = TestRunner::deterministic();
    let mut seen = BTreeSet::new();
    for _ in 0..2000 {
        let frame = frames().new_tree(&mut runner).unwrap().current();
        seen.insert(FrameKind::of(&frame).number());
    }
    assert_eq!(seen.len(), FrameKind::ALL.len(), "{seen:?}");
}

/// Whoever reads a large session does not copy it.
#[test]
fn values_share_the_memory_of_the_frame() {
    let mut step = Step::after(&record(version(1, 1))).unwrap();
    let value = Bytes::from(vec![b'x'; 1000]);
    step.attributes.insert("/".into(), [("a".into(), Some(value.clone()))].into_iter().collect());
    let bytes = Bytes::from(write(key(), &Frame::Step(Arc::new(step))));
    let Ok(Heard::Frame(_, frame)) = read(bytes.clone()) else { panic!("no frame") };
    let Frame::Step(step) = *frame else { panic!("{frame:?}") };
    let read = step.attributes.get("/").unwrap().get("a").unwrap().clone().unwrap();
    assert_eq!(read, value);
    assert!(bytes.as_ptr_range().contains(&read.as_ptr()));
}

#[test]
fn what_cannot_be_is_named() {
    let refused = |kind: FrameKind, fields: &[(u64, &[u8])]| {
        let mut out = Writer::default();
        out.number(kind.number());
        out.raw(key().as_bytes());
        for (tag, content) in fields {
            out.field_of(*tag, content);
        }
        read(out.finish().into()).unwrap_err().to_string()
    };
    let number = (1, &[5][..]);
    let hops = (2, &[0][..]);
    let create = [number, hops, (3, &[0, 0, 0][..])];
    let with = |more: &[(u64, &'static [u8])]| [&create[..], more].concat();
    let secret = (4, &b"\x0cSECRETsecret"[..]);
    let other = {
        let mut other = record(version(1, 1));
        other.key = SessionKey::parse(b"aaaaaaaaaaa").unwrap();
        crate::record_code::write(&other)
    };
    #[rustfmt::skip]
    let table: &[(String, &str)] = &[
        (refused(FrameKind::Held, &[]),                          "no version"),
        (refused(FrameKind::Held, &[(1, &[1, 64, 7, 1])]),       "bad index of a server"),
        (refused(FrameKind::Held, &[(1, &[0, 0, 7, 1])]),        "bad counter of an epoch"),
        (refused(FrameKind::Held, &[(1, &[1, 0, 7, 1, 0])]),     "something follows its end"),
        (refused(FrameKind::Lacks, &[(0, &[])]),                 "fields out of order"),
        (refused(FrameKind::Record, &[(1, &other)]), "bad key of a record: it is another one"),
        (refused(FrameKind::Touch, &[(1, &[1, 0, 7, 1]), (2, &[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1])]), "bad time"),
        (refused(FrameKind::Ask, &[number, (2, b"\x02-a")]),     "bad server"),
        (refused(FrameKind::Ask, &[number, (2, b"\x01a")]),      "no proposed epoch"),
        (refused(FrameKind::Ask, &[number, (2, b"\x01a"), (4, &[1, 0, 7])]), "no version of the asker"),
        (refused(FrameKind::Opinion, &[number, (2, &[7]), (9, &[2])]), "bad word about help"),
        (refused(FrameKind::BriefOpinion, &[number, (2, &[7]), (9, &[0])]), "no outline"),
        (refused(FrameKind::Outline, &[(1, &[&[1, 0, 7, 1][..], &other].concat())]), "fields out of order"),
        (refused(FrameKind::Outline, &[(1, &[&[1, 0, 7, 1][..], &other[..31]].concat())]), "bad key of an outline: it is another one"),
        (refused(FrameKind::NotChanged, &[number, (2, &[2])]),   "bad yes or no"),
        (refused(FrameKind::Refused, &[number, (2, &[2])]),      "no name of an attribute"),
        (refused(FrameKind::Create, &with(&[(4, b"\x09too short")])), "bad proof"),
        (refused(FrameKind::Create, &with(&[secret, (6, b"\x04shop")])), "bad path of a web-app"),
        (refused(FrameKind::Load, &[number, hops, (15, b"\x01a\x01b\x01c\x01d")]), "bad number of servers"),
        (refused(FrameKind::Change, &[number, hops, (3, b"\x01/"), (4, b"\x01b\0\x01a\0")]), "attributes out of order"),
    ];
    for (message, expected) in table {
        assert_eq!(message, expected);
    }
    assert_eq!(read(Bytes::from_static(b"\x03aaaaaaaaaa.")).unwrap_err().to_string(), "bad key");
    assert_eq!(read(Bytes::new()), Err(Malformed::Short));
}

#[test]
fn there_are_not_too_many_fields() {
    let frame = Frame::Reply(Reply::Lacks);
    let more = |count: u64| {
        (0..count).fold(write(key(), &frame), |bytes, tag| with_field(bytes, 1000 + tag, b""))
    };
    assert_eq!(read(more(256).into()), Ok(heard(frame.clone())));
    assert_eq!(read(more(257).into()), Err(Malformed::Value("number of fields")));
}

#[test]
fn a_reason_of_a_later_version_is_an_unknown_frame() {
    let refused = Answer::Refused(Refused::Ended);
    let mut bytes = write(key(), &Frame::Answer { number: 5, answer: Box::new(refused) });
    *bytes.last_mut().unwrap() = 99;
    assert_eq!(read(bytes.into()), Ok(Heard::Unknown { kind: 15 }));
}

/// Frames whose bytes stand in `docs/wire.md`, for whoever writes another implementation.
#[rustfmt::skip]
fn published() -> Vec<(&'static str, Frame)> {
    let server = |name: &str| ServerId::new(name).unwrap();
    let mut step = Step::after(&record(version(1, 1))).unwrap();
    step.attributes.insert("/".into(), [("colour".into(), Some("red".into()))].into_iter().collect());
    let (about, proposal) = (Some(version(1, 1).epoch), version(2, 1).epoch);
    let question =
        Question { asker: server("app-b"), about, proposal, has: Some(version(1, 2)) };
    let opinion = Opinion {
        incarnation: version(1, 1).epoch.incarnation,
        begun: Some(version(1, 1).epoch),
        promised: None,
        acts: false,
        copy: None,
        hears_acting: true,
        help: Help::In(Duration::from_millis(1500)),
        may_miss: false,
        age: None,
    };
    let outline = {
        let mut record = record(version(1, 1));
        Step::after(&record).unwrap().take(&mut record).unwrap();
        let (incarnation, standing) = (Incarnation(7), Standing::Current);
        let holder = Holder { server: server("app-a"), incarnation, standing };
        assert!(record.holders.put(holder) && record.holders.put(Holder::lacking(server("app-b"), incarnation)));
        Box::new(Outline::of(&record).unwrap())
    };
    let brief = Opinion { copy: Some(Shown::Outline(outline.clone())), ..opinion.clone() };
    let birth = Birth {
        created: WallTime(1_700_000_000_000),
        absolute_end: None,
        idle: Some(Duration::from_secs(1800)),
        proof: proof("SECRETsecret"),
        user: None,
        web_app: "/".into(),
        attributes: vec![("colour".into(), "red".into())],
    };
    let order = [server("app-a"), server("app-b")].into_iter().collect();
    let call = Call { key: key(), order, want: Want::Create(Box::new(birth)) };
    let answer = Answer::Done { version: version(1, 2), answer: Bytes::new() };
    let touch = Frame::Touch { version: version(1, 2), age: Duration::from_secs(1) };
    vec![
        ("0158385a776f6f4f7a61626301190106010007010201020f012f0106636f6c6f75720103726564",
         Frame::Step(Arc::new(step))),
        ("0358385a776f6f4f7a616263010401000702", Frame::Reply(Reply::Held(version(1, 2)))),
        ("0758385a776f6f4f7a6162630101050206056170702d620303010007040302000705050101000702",
         Frame::Ask { number: 5, question }),
        ("0858385a776f6f4f7a61626301010502010703030100070700090301dc0b",
         Frame::Opinion { number: 5, opinion: Box::new(opinion) }),
        ("1b58385a776f6f4f7a616263013301000701010b58385a776f6f4f7a616263020401000702030500010007020401010510056170702d610700056170702d620701", Frame::Outline { outline, age: None }),
        ("1c58385a776f6f4f7a6162630101050201070303010007063301000701010b58385a776f6f4f7a616263020401000702030500010007020401010510056170702d610700056170702d6207010700090301dc0b",
         Frame::Opinion { number: 5, opinion: Box::new(brief) }),
        ("0958385a776f6f4f7a616263010106020100030b80d095ffbc310001c0ee6d\
          040d0c5345435245547365637265740602012f070b06636f6c6f757203726564\
          0f0c056170702d61056170702d62",
         Frame::Call { number: 6, hops: 0, call: Box::new(call) }),
        ("0e58385a776f6f4f7a616263010106020401000702030100",
         Frame::Answer { number: 6, answer: Box::new(answer) }),
        ("1a58385a776f6f4f7a6162630104010007020202e807", touch),
    ]
}

#[test]
fn the_bytes_are_those_of_the_documentation() {
    let documentation = include_str!("../../../../docs/wire.md");
    for (expected, frame) in published() {
        let written = hex(&write(key(), &frame));
        assert_eq!(written, expected, "{frame:?}");
        assert!(documentation.contains(&format!("`{expected}`")), "{expected}");
    }
}
