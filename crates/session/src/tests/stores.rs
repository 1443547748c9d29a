//! Web-apps that keep their sessions otherwise than the others: in memory only, or saved always.

use std::time::Duration;

use bytes::Bytes;
use copal_config::session_config::SessionConfig;
use copal_protocol::session_id::SessionId;

use super::world::{World, worlds};
use crate::changes::Changes;
use crate::error::Error;

#[tokio::test]
async fn a_web_app_without_the_store_keeps_its_sessions_in_memory() {
    let world = World::on_ring();
    let config = SessionConfig { use_persistent_store: false, ..SessionConfig::default() };
    let (local, stored) = (world.web_app("/local", &config), world.plain());
    let (of_local, of_stored) = (world.log_in(&local).await, world.log_in(&stored).await);
    assert!(of_local.starts_with("abc"), "{of_local}");
    assert_eq!((local.live(), world.sessions.live()), (1, 2));
    assert_eq!(world.ring_holds(), 1);
    assert!(world.user(&local, &of_local).await.is_some());
    assert!(world.user(&stored, &of_stored).await.is_some());
    // The two know nothing of each other.
    assert_eq!(world.user(&local, &of_stored).await, None);
    assert_eq!(world.user(&stored, &of_local).await, None);
    world.pass(Duration::from_secs(3600));
    assert_eq!(world.sessions.sweep(100), 1);
    assert_eq!((local.live(), world.sessions.live()), (0, 1));
}

#[tokio::test]
async fn saved_always_is_saved_without_a_change() {
    for world in worlds() {
        let config = SessionConfig { always_save_session: true, ..SessionConfig::default() };
        for (web_app, always) in [(world.web_app("/", &config), true), (world.plain(), false)] {
            let id = world.log_in(&web_app).await;
            let version = world.open(&web_app, Some(&id)).version().await.unwrap();
            let before = world.saves(&web_app, &id).await;
            // Not loaded is not saved.
            world.commit(&world.open(&web_app, Some(&id))).await.unwrap();
            assert_eq!(world.saves(&web_app, &id).await, before);
            let session = world.open(&web_app, Some(&id));
            session.get_bytes("user").await.unwrap();
            assert_eq!(world.commit(&session).await.unwrap(), None);
            let saved = world.saves(&web_app, &id).await - before;
            let expected = always && !world.reads_in_place();
            assert_eq!(saved, u64::from(expected), "{}", world.kind());
            // Nobody sees that anything has changed.
            let session = world.open(&web_app, Some(&id));
            assert_eq!(session.version().await.unwrap(), version);
            // One that was ended meanwhile is not missed by who changed nothing.
            let destroying = world.open(&web_app, Some(&id));
            destroying.destroy().unwrap();
            world.commit(&destroying).await.unwrap();
            assert_eq!(world.commit(&session).await.unwrap(), None);
        }
    }
}

#[tokio::test]
async fn what_is_saved_always_is_used_until_the_response_is_returned() {
    let world = World::new();
    let config = SessionConfig { always_save_session: true, ..SessionConfig::default() };
    for (web_app, there) in [(world.web_app("/", &config), true), (world.plain(), false)] {
        let id = world.log_in(&web_app).await;
        let session = world.open(&web_app, Some(&id));
        session.get_bytes("user").await.unwrap();
        world.pass(Duration::from_secs(20 * 60));
        world.commit(&session).await.unwrap();
        world.pass(Duration::from_secs(20 * 60));
        assert_eq!(world.user(&web_app, &id).await.is_some(), there);
    }
}

#[tokio::test]
async fn a_session_that_was_made_though_nobody_could_say_so_is_made_once() {
    let world = World::on_ring();
    let (web_app, keeper) = (world.plain(), world.ring_keeper());
    let id = SessionId::parse(b"abcAAAAAAAAAAABBBBBBBBBBBB").unwrap();
    let mut changes = Changes::default();
    changes.set("first", Bytes::from_static(b"1"));
    keeper.create(&web_app, id, &changes).await.unwrap();
    // The answer was lost; the request tries again, and has changed something since.
    changes.set("second", Bytes::from_static(b"2"));
    keeper.create(&web_app, id, &changes).await.unwrap();
    let session = world.open(&web_app, Some(id.as_str()));
    for (name, value) in [("first", "1"), ("second", "2")] {
        assert_eq!(session.get_bytes(name).await.unwrap().as_deref(), Some(value.as_bytes()));
    }
    assert_eq!(world.ring_holds(), 1);
    // Somebody else's stays as it is.
    let other = SessionId::parse(b"abcAAAAAAAAAAACCCCCCCCCCCC").unwrap();
    let error = keeper.create(&web_app, other, &changes).await.unwrap_err();
    assert!(matches!(error, Error::NoRandom(_)), "{error}");
}
