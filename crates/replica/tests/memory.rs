//! How much memory sessions of 1 KB take, on the server that acts for them and on the one that has their
//! copies: as the system counts the pages of this process, with everything around the bytes.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking and shows what it saw"
)]

use std::fs;
use std::mem;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use copal_protocol::server_index::ServerIndex;
use copal_protocol::session_key::SessionKey;
use copal_protocol::state::State;
use copal_replica::act::Ticket;
use copal_replica::call::{Birth, Call, Order, Want};
use copal_replica::copy::Reply;
use copal_replica::effects::Effects;
use copal_replica::frame::Frame;
use copal_replica::frame_code::{self, Heard};
use copal_replica::heartbeat::HeartbeatAnswer;
use copal_replica::incarnation::Incarnation;
use copal_replica::live::WallTime;
use copal_replica::liveness::Liveness;
use copal_replica::proof::Proof;
use copal_replica::safety::{Acknowledge, Degraded, Safety};
use copal_replica::server_id::ServerId;
use copal_replica::shard::{Event, Shard};
use copal_replica::surroundings::{Clocks, Own, Surroundings};

const SESSIONS: usize = 5_000;
const PARTS: usize = 64;
/// Names and values together are 1 KB.
const ATTRIBUTES: [(&str, usize); 4] =
    [("user", 24), ("cart", 700), ("language", 2), ("token", 274)];
const MOST: usize = 4000;
const NOW: Duration = Duration::from_secs(10);

fn name(number: usize) -> ServerId {
    ServerId::new(["app-a", "app-b"][number]).unwrap()
}

/// A start as the clock of a real one gives it.
const fn start(number: usize) -> Incarnation {
    Incarnation((1_800_000_000_000_000 << 8) + number as u64)
}

/// A server and the other one, which it hears.
struct Server {
    own: Own,
    others: [(ServerId, ServerIndex); 1],
    liveness: Liveness,
    shards: Vec<Shard>,
    out: Effects,
}

impl Server {
    fn new(number: usize) -> Self {
        let index = |number| ServerIndex::new(number).unwrap();
        let other = 1 - number;
        let own = Own { server: name(number), index: index(number), incarnation: start(number) };
        let mut liveness = Liveness::new(own.incarnation, Duration::ZERO);
        liveness.table(&[name(other)]);
        liveness.becomes(State::Ready);
        let peer = liveness.peer_mut(name(other)).unwrap();
        peer.met(start(other));
        peer.connected();
        for (_, beat) in liveness.beats(NOW) {
            let incarnation = start(other);
            let (number, hears_you, state) = (beat.number, true, State::Ready);
            let answer = HeartbeatAnswer { incarnation, number, hears_you, state };
            liveness.answered(NOW, name(other), answer);
        }
        let shards = (0..PARTS).map(|_| Shard::default()).collect();
        let others = [(name(other), index(other))];
        Self { own, others, liveness, shards, out: Effects::default() }
    }

    fn on(&mut self, session: usize, event: Event) {
        let safety = Safety {
            copies: 2,
            acknowledge: Acknowledge::Backup,
            acknowledge_timeout: Duration::from_millis(500),
            recovery_wait: Duration::from_secs(30),
            degraded: Degraded::Accept,
        };
        let clocks = Clocks { clock: NOW, running: NOW, wall: WallTime(1_800_000_000_000) };
        let around = Surroundings::new(self.own, safety, &self.liveness, &self.others, clocks);
        self.shards[session % PARTS].on(event, &around, &mut self.out);
        self.out.changed.clear();
    }

    /// The other server says something.
    fn hear(&mut self, session: usize, frame: Frame) {
        let (from, incarnation) = (self.others[0].0, start(1 - self.own.index.get()));
        let frame = Box::new(frame);
        self.on(session, Event::Frame { from, incarnation, key: key(session), frame });
    }

    /// A request makes a session; the other server has what it is sent. Returns the last record that it
    /// was sent, as it is on the wire.
    fn create(&mut self, session: usize) -> Bytes {
        let value = |length| Bytes::from(vec![b'x'; length]);
        let birth = Birth {
            created: WallTime(1_800_000_000_000),
            absolute_end: None,
            idle: Some(Duration::from_secs(1800)),
            proof: Proof::new(b"SECRETsecret").unwrap(),
            user: Some("somebody".into()),
            web_app: "/".into(),
            attributes: ATTRIBUTES.map(|(name, length)| (name.into(), value(length))).into(),
        };
        let order: Order = [name(0), name(1)].into_iter().collect();
        let call = Call { key: key(session), order, want: Want::Create(Box::new(birth)) };
        self.on(session, Event::Call(Ticket(session as u64), Box::new(call)));
        let mut sent = Bytes::new();
        loop {
            let frames = mem::take(&mut self.out.frames);
            if frames.is_empty() {
                break;
            }
            for (_, key, frame) in frames {
                let held = match &frame {
                    Frame::Record { record, .. } => record.version,
                    Frame::Step(step) => step.to,
                    other => panic!("{other:?}"),
                };
                if let Frame::Record { .. } = frame {
                    sent = frame_code::write(key, &frame).into();
                }
                self.hear(session, Frame::Reply(Reply::Held(held)));
            }
        }
        assert_eq!(mem::take(&mut self.out.answers).len(), 1, "it is made");
        sent
    }
}

fn key(session: usize) -> SessionKey {
    SessionKey::parse(format!("key{session:08}").as_bytes()).unwrap()
}

/// The bytes of the pages that this process has.
fn resident() -> usize {
    let text = fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let kilobytes: usize = line.trim().trim_end_matches(" kB").parse().unwrap();
    kilobytes * 1024
}

#[test]
fn a_session_of_1_kb_takes_less_than_4_kb_on_each_of_its_servers() {
    let (mut owner, mut holder) = (Server::new(0), Server::new(1));
    let sent = owner.create(SESSIONS);
    let before = resident();
    for session in 0..SESSIONS {
        owner.create(session);
    }
    let on_owner = (resident() - before) / SESSIONS;
    let before = resident();
    let mut read = BytesMut::new();
    for session in 0..SESSIONS {
        // As a link does it: what a small frame brings lies in memory of its own. The key is in the bytes of
        // the frame, and of the record in it.
        read.clear();
        let own = key(SESSIONS);
        let mut place = 0;
        while let Some(next) = sent[place..].windows(11).position(|part| part == own.as_bytes()) {
            read.extend_from_slice(&sent[place..place + next]);
            read.extend_from_slice(key(session).as_bytes());
            place += next + 11;
        }
        read.extend_from_slice(&sent[place..]);
        let Ok(Heard::Frame(_, frame)) = frame_code::read(Bytes::copy_from_slice(&read)) else {
            panic!("a frame");
        };
        holder.hear(session, *frame);
        holder.out.frames.clear();
    }
    let on_holder = (resident() - before) / SESSIONS;
    let all = holder.shards.iter().flat_map(Shard::places).count();
    assert_eq!(all, SESSIONS);
    println!("{on_owner} bytes on the server that acts, {on_holder} on the other one");
    assert!(on_owner > 1000 && on_holder > 1000, "they are all in memory");
    assert!(on_owner < MOST && on_holder < MOST, "{on_owner} and {on_holder} bytes");
}
