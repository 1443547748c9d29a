//! Frames for tests.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use copal_protocol::session_key::SessionKey;
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;

use crate::answer::Answer;
use crate::call::{Birth, Call, Want, Wish};
use crate::change::{Add, Base, Change, Refused};
use crate::copy::Reply;
use crate::frame::Frame;
use crate::incarnation::Incarnation;
use crate::inquiry::Question;
use crate::live::WallTime;
use crate::opinion::{Help, Opinion, Shown};
use crate::outline::Outline;
use crate::samples::{number, proof, records, seen, steps, versions};
use crate::server_id::ServerId;

/// The key of all records of these tests.
pub(crate) fn key() -> SessionKey {
    SessionKey::parse(b"X8ZwooOzabc").unwrap()
}

fn spans() -> impl Strategy<Value = Duration> {
    (0..5_000_u64).prop_map(Duration::from_millis)
}

fn names() -> impl Strategy<Value = Box<str>> {
    "[a-z\u{e4}]{0,4}".prop_map(Into::into)
}

fn values() -> impl Strategy<Value = Bytes> {
    vec(any::<u8>(), 0..9).prop_map(Bytes::from)
}

fn paths() -> impl Strategy<Value = Box<str>> {
    "/[a-z]{0,3}".prop_map(Into::into)
}

fn servers() -> impl Strategy<Value = ServerId> {
    "app-[a-d]".prop_map(|name| ServerId::new(&name).unwrap())
}

fn births() -> impl Strategy<Value = Birth> {
    let times = (any::<u64>(), option::of(any::<u64>()), option::of(spans()));
    let texts = (paths(), option::of(names()), "[A-Z]{1,12}");
    (times, texts, vec((names(), values()), 0..4)).prop_map(|(times, texts, attributes)| {
        let ((created, end, idle), (web_app, user, secret)) = (times, texts);
        let (created, absolute_end) = (WallTime(created), end.map(WallTime));
        Birth { created, absolute_end, idle, proof: proof(&secret), user, web_app, attributes }
    })
}

fn changes() -> impl Strategy<Value = Change> {
    let attributes = btree_map(names(), option::of(values()), 0..4);
    let of_user = (option::of("[A-Z]{1,12}"), option::of(option::of(names())), any::<bool>());
    let of_number =
        (option::of(versions()), option::of((names(), any::<i64>())), option::of(any::<u64>()));
    let restamped = btree_set(names(), 0..3);
    let all = (paths(), attributes, restamped, of_user, of_number);
    all.prop_map(|(web_app, attributes, restamped, user, numbers)| {
        let ((secret, user, ends), (only_if, add, count)) = (user, numbers);
        let proof = secret.map(|secret| proof(&secret));
        let add = add.map(|(name, by)| Add { name, by });
        let number = count.map(number);
        let attributes = attributes.into_iter().collect();
        Change { web_app, attributes, restamped, proof, user, ends, only_if, add, number }
    })
}

fn wishes() -> impl Strategy<Value = Wish> {
    let all = (changes(), versions(), seen(), vec(versions(), 0..3));
    all.prop_map(|(change, version, seen, made)| Wish {
        change,
        base: Base { version, seen },
        made,
    })
}

fn calls() -> impl Strategy<Value = Call> {
    let wants = prop_oneof![
        births().prop_map(|birth| Want::Create(Box::new(birth))),
        option::of(versions()).prop_map(Want::Load),
        wishes().prop_map(|wish| Want::Change(Box::new(wish))),
    ];
    (wants, vec(servers(), 0..=3)).prop_map(|(want, order)| Call {
        key: key(),
        order: order.into_iter().collect(),
        want,
    })
}

fn refusals() -> impl Strategy<Value = Refused> {
    prop_oneof![
        Just(Refused::Ended),
        names().prop_map(Refused::Changed),
        Just(Refused::UserChanged),
        Just(Refused::Rotated),
        Just(Refused::NotAsExpected),
        names().prop_map(Refused::NotANumber),
        names().prop_map(Refused::Overflow),
        Just(Refused::UsedUp),
    ]
}

fn answers() -> impl Strategy<Value = Answer> {
    let sessions = (records(), any::<bool>()).prop_map(|(record, honours_former)| {
        Answer::Session { record: Arc::new(record), honours_former }
    });
    prop_oneof![
        sessions,
        any::<bool>().prop_map(|honours_former| Answer::NotChanged { honours_former }),
        (versions(), values()).prop_map(|(version, answer)| Answer::Done { version, answer }),
        refusals().prop_map(Answer::Refused),
        Just(Answer::Exists),
        Just(Answer::Absent),
        Just(Answer::Unknown),
        Just(Answer::Unsaved),
        Just(Answer::Failed),
    ]
}

fn opinions() -> impl Strategy<Value = Opinion> {
    let epochs = (option::of(versions()), option::of(versions()));
    let words = (any::<bool>(), any::<bool>(), any::<bool>());
    let help = prop_oneof![Just(Help::Now), spans().prop_map(Help::In)];
    let shown = (option::of(records()), option::of(spans()));
    let all = (any::<u64>(), epochs, words, shown, help);
    all.prop_map(
        |(incarnation, (begun, promised), (acts, hears_acting, may_miss), (record, age), help)| {
            Opinion {
                incarnation: Incarnation(incarnation),
                begun: begun.map(|version| version.epoch),
                promised: promised.map(|version| version.epoch),
                acts: acts && begun.is_some(),
                copy: record.map(|record| match Outline::of(&record) {
                    Some(outline) if acts => Shown::Outline(Box::new(outline)),
                    _ => Shown::Record(Arc::new(record)),
                }),
                age,
                hears_acting,
                help,
                may_miss,
            }
        },
    )
}

fn outlines() -> impl Strategy<Value = Outline> {
    records().prop_filter_map("it has ended", |record| Outline::of(&record))
}

fn replies() -> impl Strategy<Value = Reply> {
    prop_oneof![
        versions().prop_map(Reply::Held),
        Just(Reply::Lacks),
        versions().prop_map(|version| Reply::Higher(version.epoch)),
        (records(), option::of(spans()))
            .prop_map(|(record, age)| Reply::Differs(Arc::new(record), age)),
    ]
}

fn questions() -> impl Strategy<Value = Question> {
    let all = (servers(), option::of(versions()), versions(), option::of(versions()));
    all.prop_map(|(asker, about, proposal, has)| Question {
        asker,
        about: about.map(|version| version.epoch),
        proposal: proposal.epoch,
        has,
    })
}

/// Any frame.
pub(crate) fn frames() -> impl Strategy<Value = Frame> {
    let ask = (any::<u64>(), questions());
    let call = (any::<u64>(), any::<u8>(), calls());
    prop_oneof![
        1 => steps().prop_map(|step| Frame::Step(Arc::new(step))),
        1 => (records(), option::of(spans()))
            .prop_map(|(record, age)| Frame::Record { record: Arc::new(record), age }),
        1 => (outlines(), option::of(spans()))
            .prop_map(|(outline, age)| Frame::Outline { outline: Box::new(outline), age }),
        2 => replies().prop_map(Frame::Reply),
        1 => ask.prop_map(|(number, question)| Frame::Ask { number, question }),
        2 => (any::<u64>(), opinions())
            .prop_map(|(number, opinion)| Frame::Opinion { number, opinion: Box::new(opinion) }),
        4 => call
            .prop_map(|(number, hops, call)| Frame::Call { number, hops, call: Box::new(call) }),
        4 => (any::<u64>(), answers())
            .prop_map(|(number, answer)| Frame::Answer { number, answer: Box::new(answer) }),
        2 => small(),
    ]
}

fn small() -> impl Strategy<Value = Frame> {
    let grant = (versions(), versions(), option::of(spans()));
    prop_oneof![
        any::<u64>().prop_map(|number| Frame::NotActing { number }),
        grant.prop_map(|(next, version, age)| Frame::Grant { epoch: next.epoch, version, age }),
        versions().prop_map(Frame::Drop),
        versions().prop_map(|version| Frame::Dropped(version.epoch)),
        versions().prop_map(Frame::Forget),
        (versions(), spans()).prop_map(|(version, age)| Frame::Touch { version, age }),
    ]
}
