//! Nothing is said before what it rests on is on the disk; and if the disk does not do it, soon after.

#![expect(clippy::disallowed_methods, reason = "threads and their disk go by the clock")]

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use copal_protocol::server_index::ServerIndex;
use copal_protocol::session_id::SessionId;
use copal_protocol::session_key::SessionKey;
use copal_protocol::state::State;
use copal_replica::answer::Answer;
use copal_replica::call::{Birth, Call, Order, Want};
use copal_replica::heartbeat::HeartbeatAnswer;
use copal_replica::incarnation::Incarnation;
use copal_replica::live::WallTime;
use copal_replica::proof::Proof;
use copal_replica::safety::Degraded;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::rig::{PATIENCE, elsewhere, end, engine, plan, server};
use crate::disk::limits::Bounds;
use crate::disk::settings::{DiskSettings, DiskSync};
use crate::disk::tests::sim::Sim;
use crate::ring::engine::Engine;
use crate::ring::line::LinkKind;
use crate::ring::shelf::Shelf;

/// A server without others, whose disk has everything before anybody is told.
struct Alone {
    engine: Arc<Engine>,
    disk: Sim,
    parts: UnboundedReceiver<usize>,
}

/// So many changes may wait for the disk.
const QUEUE: u32 = 10;

impl Alone {
    fn new(degraded: Degraded) -> Self {
        let mut plan = plan('a', "");
        plan.safety.degraded = degraded;
        let engine = Arc::new(Engine::new(plan));
        let (disk, (safe, parts)) = (Sim::default(), unbounded_channel());
        let settings = DiskSettings {
            folder: Path::new("/disk").to_owned(),
            sync: DiskSync::Always,
            server_id: "app-a".to_owned(),
            server_index: ServerIndex::new(0).unwrap(),
        };
        let bounds = Bounds { queue_keys: QUEUE as usize, ..Bounds::USUAL };
        let files = Arc::new(disk.clone());
        let open =
            |restore: &dyn Fn(_, _)| Shelf::open_in(files, bounds, &settings, safe, false, restore);
        let _ = engine.unpack_from(open).unwrap();
        Self { engine, disk, parts }
    }

    /// Somebody wants a new session.
    fn create(&self, number: u32) -> Receiver<Answer> {
        self.engine.beat(State::Ready);
        let engine = Arc::clone(&self.engine);
        elsewhere(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(engine.call(birth(number, Bytes::from_static(b"1"))))
        })
    }

    /// What the threads of the ring do, until there is an answer.
    fn answer(&mut self, answer: &Receiver<Answer>) -> Answer {
        let began = Instant::now();
        loop {
            self.engine.beat(State::Ready);
            self.engine.mind_the_disk();
            self.release();
            match answer.recv_timeout(Duration::from_millis(10)) {
                Ok(answer) => return answer,
                Err(RecvTimeoutError::Timeout) => assert!(began.elapsed() < PATIENCE, "no answer"),
                Err(RecvTimeoutError::Disconnected) => panic!("no answer ever"),
            }
        }
    }

    /// Says what the disk has been heard to have.
    fn release(&mut self) {
        while let Ok(part) = self.parts.try_recv() {
            self.engine.release(part);
        }
    }

    fn degradations(&self) -> u64 {
        self.engine.shelf().unwrap().degradations()
    }
}

fn key(number: u32) -> SessionKey {
    SessionKey::parse(format!("a{number:010}").as_bytes()).unwrap()
}

/// A new session with one attribute.
pub(super) fn birth(number: u32, value: Bytes) -> Call {
    let id = SessionId::parse(format!("abca{number:010}012345678901").as_bytes()).unwrap();
    let birth = Birth {
        created: WallTime(1),
        absolute_end: None,
        idle: None,
        proof: Proof::of(&id),
        user: None,
        web_app: "/".into(),
        attributes: std::iter::once(("count".into(), value)).collect(),
    };
    Call { key: key(number), order: Order::new(), want: Want::Create(Box::new(birth)) }
}

#[test]
fn a_change_is_told_when_the_disk_has_it() {
    let mut alone = Alone::new(Degraded::Accept);
    let answer = alone.create(1);
    assert!(matches!(alone.answer(&answer), Answer::Done { .. }));
    assert!(alone.engine.shelf().unwrap().disk().has_newest(key(1)));
    assert_eq!(alone.degradations(), 0);
}

#[test]
fn nobody_waits_for_a_disk_that_hangs() {
    for (degraded, made) in [(Degraded::Accept, true), (Degraded::Refuse, false)] {
        let mut alone = Alone::new(degraded);
        alone.disk.freeze();
        let answer = alone.create(1);
        assert!(alone.disk.wait_for_frost(|| false));
        assert!(matches!(answer.try_recv(), Err(TryRecvError::Empty)), "it is waited for");
        let first = alone.answer(&answer);
        assert_eq!(matches!(first, Answer::Done { .. }), made, "{first:?}");
        // By now that is known, and nobody waits at all.
        let answer = alone.create(2).recv_timeout(PATIENCE).unwrap();
        assert_eq!(matches!(answer, Answer::Done { .. }), made, "{answer:?}");
        assert_eq!(alone.degradations(), 2);
        alone.disk.thaw();
    }
}

#[test]
fn a_change_that_the_disk_loses_counts_as_degraded_or_not_at_all() {
    for (degraded, expected) in
        [(Degraded::Accept, None), (Degraded::Refuse, Some(Answer::Unsaved))]
    {
        let mut alone = Alone::new(degraded);
        alone.disk.let_sync_fail(true);
        for number in 1..3 {
            let answer = alone.create(number);
            let answer = alone.answer(&answer);
            match &expected {
                Some(expected) => assert_eq!(answer, *expected),
                None => assert!(matches!(answer, Answer::Done { .. }), "{answer:?}"),
            }
            assert_eq!(alone.degradations(), u64::from(number));
        }
    }
}

#[test]
fn what_the_disk_did_not_take_is_told_when_it_was_put_again() {
    let mut alone = Alone::new(Degraded::Accept);
    alone.disk.freeze();
    let first = alone.create(0);
    assert!(alone.disk.wait_for_frost(|| false));
    let mut others: Vec<Receiver<Answer>> = (1..QUEUE).map(|number| alone.create(number)).collect();
    let last = alone.create(QUEUE);
    let disk = |alone: &Alone| alone.engine.shelf().unwrap().disk().figures();
    assert_eq!(disk(&alone).not_taken, 1);
    alone.disk.thaw();
    // Everything that was taken is written, and this is told; nobody puts the last one again.
    let began = Instant::now();
    while disk(&alone).waiting > 0 || !others.is_empty() {
        alone.release();
        let came = others
            .first()
            .is_some_and(|first| first.recv_timeout(Duration::from_millis(1)).is_ok());
        others.drain(..usize::from(came));
        assert!(began.elapsed() < PATIENCE, "{:?}", disk(&alone));
    }
    assert!(matches!(first.recv_timeout(PATIENCE), Ok(Answer::Done { .. })));
    assert!(matches!(last.try_recv(), Err(TryRecvError::Empty)), "the disk does not have it");
    assert!(matches!(alone.answer(&last), Answer::Done { .. }));
    assert!(alone.engine.shelf().unwrap().disk().has_newest(key(QUEUE)));
    assert_eq!(alone.degradations(), 0);
}

#[test]
fn a_server_that_is_connected_and_silent_has_sent_nothing_that_a_damaged_disk_lacks() {
    let engine = engine("b");
    for kind in [LinkKind::Sessions, LinkKind::Pulse] {
        engine.attach(kind, server('b'), end(7));
    }
    engine.catch_up();
    engine.beat(State::Ready);
    assert!(engine.is_joined(server('b')));
    assert!(!engine.all_are_heard());
    let (incarnation, state) = (Incarnation(7), State::Ready);
    let answer = HeartbeatAnswer { incarnation, number: 1, hears_you: true, state };
    engine.answered(server('b'), answer);
    assert!(engine.all_are_heard());
}
