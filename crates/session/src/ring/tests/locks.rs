//! Who waits for whom.

use std::sync::Arc;

use super::rig::{PATIENCE, elsewhere, end, engine, key, server};
use crate::ring::engine::Engine;
use crate::ring::line::LinkKind;

#[test]
#[expect(clippy::type_complexity, reason = "a table")]
fn whoever_waits_for_sessions_keeps_no_heartbeat_waiting() {
    #[rustfmt::skip]
    let kinds: [(&str, fn(&Engine)); 3] = [
        ("a request", |engine| engine.with(key(), |_, _| ())),
        ("all",       |engine| engine.tick()),
        ("a census",  |engine| drop(engine.census())),
    ];
    for (what, waits) in kinds {
        let engine = engine("b");
        let taken = engine.benches().next();
        let waiting = elsewhere({
            let engine = Arc::clone(&engine);
            move || waits(&engine)
        });
        let noted = elsewhere({
            let engine = Arc::clone(&engine);
            move || engine.refused(server('b'))
        });
        noted.recv_timeout(PATIENCE).expect(what);
        drop(taken);
        waiting.recv_timeout(PATIENCE).expect(what);
    }
}

#[test]
fn whoever_has_waited_for_sessions_goes_by_what_is_so_afterwards() {
    let engine = engine("b");
    let taken = engine.benches().next();
    let seen = elsewhere({
        let engine = Arc::clone(&engine);
        move || {
            let mut seen = None;
            engine.with(key(), |_, around| seen = Some((around.now, around.is_gone(server('b')))));
            seen
        }
    });
    engine.refused(server('b'));
    let released = engine.clocks().running;
    drop(taken);
    let (now, is_gone) = seen.recv_timeout(PATIENCE).unwrap().unwrap();
    assert!(now >= released, "{now:?} is before {released:?}");
    assert!(is_gone);
}

#[test]
fn whoever_tells_of_a_connection_waits_for_no_session() {
    let engine = engine("b");
    let taken = engine.benches().next();
    let told = elsewhere({
        let engine = Arc::clone(&engine);
        move || {
            for kind in [LinkKind::Sessions, LinkKind::Pulse] {
                engine.attach(kind, server('b'), end(7));
            }
        }
    });
    told.recv_timeout(PATIENCE).expect("it does not wait");
    drop(taken);
    assert!(!engine.is_joined(server('b')));
    engine.catch_up();
    assert!(engine.is_joined(server('b')));
}
