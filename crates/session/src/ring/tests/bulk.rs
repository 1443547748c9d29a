//! Whole records that nobody asks for, and what else is to be sent.

#![expect(clippy::disallowed_methods, reason = "a bound for how long a test waits")]

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use copal_protocol::link_decoder::Decoder;
use copal_protocol::session_key::SessionKey;
use copal_protocol::state::State;
use copal_replica::answer::Answer;
use copal_replica::frame::Frame;
use copal_replica::frame_code::{self, Heard};
use copal_replica::heartbeat::HeartbeatAnswer;
use copal_replica::incarnation::Incarnation;

use super::disk::birth;
use super::rig::{PATIENCE, end, engine, server};
use crate::ring::engine::Engine;
use crate::ring::line::LinkKind;

/// Sessions, and the bytes of each.
const SESSIONS: u32 = 100;
const SIZE: usize = 300 << 10;

/// More than this never waits: what counts as much, what is sent at once, and a session beyond.
const MOST: usize = 6 << 20;

/// What there is to write is there at once.
const NO_TIME: Duration = Duration::from_millis(1);

#[tokio::test]
async fn a_server_that_comes_back_gets_its_copies_little_by_little() {
    let engine = engine("b");
    // It is not waited for.
    engine.refused(server('b'));
    for number in 0..SESSIONS {
        engine.beat(State::Ready);
        let call = engine.call(birth(number, Bytes::from(vec![7; SIZE])));
        let answer = tokio::time::timeout(PATIENCE, call).await.expect("an answer");
        assert!(matches!(answer, Answer::Done { .. }), "{answer:?}");
    }
    let there = end(7);
    engine.attach(LinkKind::Sessions, server('b'), there.clone());
    engine.attach(LinkKind::Pulse, server('b'), end(7));
    engine.catch_up();
    let (began, mut came) = (Instant::now(), BTreeSet::new());
    let mut beats = u64::from(SESSIONS);
    while came.len() < SESSIONS as usize {
        assert!(began.elapsed() < PATIENCE, "{} came", came.len());
        // It writes nothing for some time, and then all at once.
        for _ in 0..5 {
            beats += 1;
            answer_heartbeat(&engine, beats);
            engine.tick();
        }
        let waits = there.outbox.unsent();
        assert!(waits < MOST, "{waits} bytes wait");
        if let Ok(written) = tokio::time::timeout(NO_TIME, there.outbox.take()).await {
            came.extend(records(written.unwrap()));
        }
    }
}

fn answer_heartbeat(engine: &Engine, number: u64) {
    engine.beat(State::Ready);
    let (incarnation, state) = (Incarnation(7), State::Ready);
    let answer = HeartbeatAnswer { incarnation, number, hears_you: true, state };
    engine.answered(server('b'), answer);
}

/// The sessions that are sent whole.
fn records(mut written: BytesMut) -> BTreeSet<SessionKey> {
    let mut decoder = Decoder::default();
    let mut records = BTreeSet::new();
    while let Some(frame) = decoder.next(&mut written).unwrap() {
        if let Ok(Heard::Frame(key, frame)) = frame_code::read(frame.content)
            && matches!(*frame, Frame::Record { .. })
        {
            records.insert(key);
        }
    }
    records
}
