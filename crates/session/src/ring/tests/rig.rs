//! Engines for tests.

#![expect(
    clippy::disallowed_methods,
    reason = "another thread waits for a lock, and cannot say so"
)]

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use copal_protocol::server_index::ServerIndex;
use copal_protocol::session_key::SessionKey;
use copal_protocol::state::State;
use copal_replica::incarnation::Incarnation;
use copal_replica::safety::{Acknowledge, Degraded, Safety};
use copal_replica::server_id::ServerId;

use crate::ring::engine::Engine;
use crate::ring::line::End;
use crate::ring::plan::RingPlan;
use crate::ring::roster::{Member, Roster};

/// Waits in tests end after this long.
pub(in crate::ring) const PATIENCE: Duration = Duration::from_secs(30);

/// The server with this letter.
pub(in crate::ring) fn server(letter: char) -> ServerId {
    ServerId::new(&format!("app-{letter}")).unwrap()
}

fn member(letter: char) -> Member {
    let index = ServerIndex::from_letter(letter as u8).unwrap();
    Member { id: server(letter), index, address: "127.0.0.1".to_owned(), port: 1 }
}

/// The plan of one server, with others of these letters.
pub(in crate::ring) fn plan(own: char, others: &str) -> RingPlan {
    let safety = Safety {
        copies: 2,
        acknowledge: Acknowledge::Backup,
        acknowledge_timeout: Duration::from_millis(500),
        recovery_wait: Duration::from_secs(30),
        degraded: Degraded::Accept,
    };
    RingPlan {
        roster: Roster::new("app-tier", member(own), others.chars().map(member).collect()),
        incarnation: Incarnation(1),
        safety,
        secret: None,
        tls: None,
        wished: Arc::new(|| State::Ready),
        session_max: 4096,
        max_away: Duration::from_secs(7 * 86_400),
        disk: None,
    }
}

/// The engine of app-a, with other servers of these letters.
pub(in crate::ring) fn engine(others: &str) -> Arc<Engine> {
    engine_of('a', others)
}

/// The engine of one server, with others of these letters.
pub(in crate::ring) fn engine_of(own: char, others: &str) -> Arc<Engine> {
    Arc::new(Engine::new(plan(own, others)))
}

/// The end of a connection to a server in this start.
pub(in crate::ring) fn end(start: u64) -> End {
    End { start: Incarnation(start), outbox: Arc::default() }
}

/// A key of the first part of all sessions.
pub(in crate::ring) fn key() -> SessionKey {
    SessionKey::parse(b"a0123456789").unwrap()
}

/// Has somebody else do something, who has begun by the time that this returns. Tells when it is done.
pub(in crate::ring) fn elsewhere<T: Send + 'static>(
    what: impl FnOnce() -> T + Send + 'static,
) -> Receiver<T> {
    let ((begin, begun), (done, is_done)) = (mpsc::channel(), mpsc::channel());
    thread::spawn(move || {
        begin.send(()).unwrap();
        // Whoever has seen enough waits for no more.
        let _ = done.send(what());
    });
    begun.recv_timeout(PATIENCE).unwrap();
    // Where it waits it cannot say so; to be there is a matter of microseconds.
    thread::sleep(Duration::from_millis(50));
    is_done
}
