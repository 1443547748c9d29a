//! Values for tests.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use copal_protocol::server_index::ServerIndex;
use copal_protocol::session_key::SessionKey;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::attributes::Attributes;
use crate::change::Change;
use crate::epoch::Epoch;
use crate::holders::{Holder, Holders, Standing};
use crate::incarnation::Incarnation;
use crate::live::{Live, WallTime};
use crate::operations::{OperationNumber, Operations};
use crate::proof::Proof;
use crate::record::{Content, Record};
use crate::seen::Seen;
use crate::server_id::ServerId;
use crate::stamped::Stamped;
use crate::step::Step;
use crate::version::Version;

/// A version of an epoch of the first server.
pub(crate) fn version(counter: u64, sequence: u64) -> Version {
    let server = ServerIndex::new(0).unwrap();
    Version { epoch: Epoch { counter, server, incarnation: Incarnation(7) }, sequence }
}

pub(crate) fn number(count: u64) -> OperationNumber {
    let server = ServerId::new("app-a").unwrap();
    OperationNumber { server, incarnation: Incarnation(7), count }
}

/// The key of the sessions here.
pub(crate) fn key() -> SessionKey {
    SessionKey::parse(b"X8ZwooOzabc").unwrap()
}

/// The proof of twelve characters that begins like this.
pub(crate) fn proof(text: &str) -> Proof {
    Proof::new(format!("{text:x<12}").as_bytes()).unwrap()
}

/// A change of the root web-app that wants nothing.
pub(crate) fn change() -> Change {
    Change::of("/")
}

pub(crate) fn set(name: &str, value: &str) -> Change {
    let value = Some(Bytes::copy_from_slice(value.as_bytes()));
    Change { attributes: [(name.into(), value)].into_iter().collect(), ..change() }
}

/// An empty session of the id `abcX8ZwooOzabcSECRETsecret`.
pub(crate) fn record(version: Version) -> Record {
    Record {
        key: SessionKey::parse(b"X8ZwooOzabc").unwrap(),
        version,
        seen: Seen::new(None, [(version.epoch, version.sequence)]),
        acknowledged: version.sequence,
        holders: Holders::default(),
        content: Content::Live(Box::new(Live {
            created: WallTime(1_700_000_000_000),
            absolute_end: None,
            changed: version,
            idle: Stamped { value: Some(Duration::from_secs(1800)), at: version },
            proof: Stamped { value: proof("SECRETsecret"), at: version },
            former: None,
            user: Stamped { value: None, at: version },
            attributes: Attributes::default(),
            operations: Operations::default(),
        })),
        unknown: Vec::new(),
    }
}

/// A few versions of a few servers.
pub(crate) fn versions() -> impl Strategy<Value = Version> {
    (1..4_u64, 0..3_usize, 1..3_u64, 1..9_u64).prop_map(|(counter, server, start, sequence)| {
        let server = ServerIndex::new(server).unwrap();
        Version { epoch: Epoch { counter, server, incarnation: Incarnation(start) }, sequence }
    })
}

/// What stands under a version is the same wherever it stands, so it is made of the version.
fn text_of(at: Version) -> Bytes {
    format!("{at:?}").into()
}

fn proof_of(at: Version) -> Stamped<Proof> {
    let Version { epoch, sequence } = at;
    let text =
        format!("{}-{}-{}-{sequence}", epoch.counter, epoch.server.get(), epoch.incarnation.0);
    Stamped { value: proof(&text), at }
}

fn attributes() -> impl Strategy<Value = Attributes> {
    vec((0..2_usize, 0..3_usize, versions()), 0..6).prop_map(|entries| {
        let mut attributes = Attributes::default();
        for (web_app, name, at) in entries {
            let value = (at.sequence % 3 != 0).then(|| text_of(at));
            attributes.put(["/", "/shop"][web_app], ["a", "b", "c"][name], Stamped { value, at });
        }
        attributes
    })
}

fn operations() -> impl Strategy<Value = Operations> {
    vec((0..60_u64, versions()), 0..40).prop_map(|entries| {
        let mut operations = Operations::default();
        for (count, at) in entries {
            operations.keep(number(count), Stamped { value: text_of(at), at });
        }
        operations
    })
}

/// What a session may hold.
pub(crate) fn content() -> impl Strategy<Value = Content> {
    let times = (0..3_u64, prop::option::of(0..3_u64));
    let stamps = (versions(), versions(), versions());
    let live = (times, stamps, attributes(), operations());
    let live = live.prop_map(|((created, end), (idle, rotated, user), attributes, operations)| {
        let name = (user.sequence % 2 == 0).then(|| format!("{user:?}").into());
        Content::Live(Box::new(Live {
            created: WallTime(created),
            absolute_end: end.map(WallTime),
            changed: rotated.max(user),
            idle: Stamped { value: Some(Duration::from_millis(idle.sequence)), at: idle },
            proof: proof_of(rotated),
            former: Some(proof(&rotated.sequence.to_string())),
            user: Stamped { value: name, at: user },
            attributes,
            operations,
        }))
    });
    prop_oneof![9 => live, 1 => versions().prop_map(|at| Content::Ended { at })]
}

fn holders() -> impl Strategy<Value = Holders> {
    vec((0..9_usize, 0..9_u64, any::<bool>()), 0..5).prop_map(|entries| {
        let mut holders = Holders::default();
        for (server, incarnation, current) in entries {
            let server = ServerId::new(&format!("app-{server}")).unwrap();
            let standing = if current { Standing::Current } else { Standing::Behind };
            let incarnation = Incarnation(incarnation);
            assert!(holders.put(Holder { server, incarnation, standing }));
        }
        holders
    })
}

pub(crate) fn seen() -> impl Strategy<Value = Seen> {
    (prop::option::of(versions()), vec(versions(), 0..5)).prop_map(|(below, last)| {
        let last = last.into_iter().map(|version| (version.epoch, version.sequence));
        Seen::new(below.map(|version| version.epoch), last)
    })
}

/// Any record, with fields of a later version too.
pub(crate) fn records() -> impl Strategy<Value = Record> {
    let unknown = prop::collection::btree_map(1000..u64::MAX, vec(any::<u8>(), 0..9), 0..3);
    let all = (versions(), seen(), any::<u64>(), holders(), content(), unknown);
    all.prop_map(|(version, seen, acknowledged, holders, content, unknown)| Record {
        key: SessionKey::parse(b"X8ZwooOzabc").unwrap(),
        version,
        seen,
        acknowledged,
        holders,
        content,
        unknown: unknown.into_iter().map(|(tag, bytes)| (tag, bytes.into())).collect(),
    })
}

/// Any step.
pub(crate) fn steps() -> impl Strategy<Value = Step> {
    let part =
        prop::collection::btree_map("[a-z]{0,3}", prop::option::of(vec(any::<u8>(), 0..5)), 1..4);
    let parts = prop::collection::btree_map("/[a-z]{0,2}", part, 0..3);
    let small = (any::<u64>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (versions(), parts, holders(), small).prop_map(|(from, parts, holders, small)| {
        let (acknowledged, rotates, has_user, answers, ends) = small;
        let text = |text: &str| Box::<str>::from(text);
        let bytes = |value: Option<Vec<u8>>| value.map(Bytes::from);
        let part = |part: BTreeMap<String, Option<Vec<u8>>>| {
            part.into_iter().map(|(name, value)| (text(&name), bytes(value))).collect()
        };
        Step {
            from,
            to: from.next().unwrap(),
            acknowledged,
            attributes: parts.into_iter().map(|(path, all)| (text(&path), part(all))).collect(),
            proof: rotates.then(|| proof("NEXT")),
            user: has_user.then(|| rotates.then(|| text("ann"))),
            answer: answers.then(|| (number(acknowledged), Bytes::from_static(b"5"))),
            dropped: holders.iter().map(|holder| holder.server).take(2).collect(),
            holders: holders.iter().copied().collect(),
            ends,
        }
    })
}
