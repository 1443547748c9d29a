//! When changes are saved: before the head, after the body, when the server stops.

use std::sync::Arc;
use std::time::Duration;

use copal_config::session_config::{SaveMode, SessionConfig};

use super::world::{World, id_in, worlds};
use crate::error::Error;
use crate::session::Session;
use crate::sessions::HeldSaves;
use crate::web_app::WebApp;

fn with(save_mode: SaveMode) -> SessionConfig {
    SessionConfig { save_mode, ..SessionConfig::default() }
}

/// A request that sets an attribute of the session of this id, up to the head of its response.
async fn set(world: &World, web_app: &Arc<WebApp>, id: &str, name: &str, value: i64) -> Session {
    let session = world.open(web_app, Some(id));
    session.insert(name, value).unwrap();
    assert_eq!(head(world, &session).await, None);
    session
}

async fn head(world: &World, session: &Session) -> Option<String> {
    let cookie = world.sessions.commit_head(session).await.unwrap();
    cookie.map(|value| value.to_str().unwrap().to_owned())
}

async fn seen(world: &World, web_app: &Arc<WebApp>, id: &str, name: &str) -> Option<i64> {
    world.open(web_app, Some(id)).get(name).await.unwrap()
}

#[tokio::test]
async fn after_request_a_change_is_saved_when_the_body_has_ended() {
    for world in worlds() {
        let web_app = world.web_app("/", &with(SaveMode::AfterRequest));
        // Of a new session the client is told with the head, so it is there, with all that it has.
        let session = world.open(&web_app, None);
        session.insert("n", 1).unwrap();
        let id = id_in(&head(&world, &session).await.unwrap());
        assert_eq!(seen(&world, &web_app, &id, "n").await, Some(1), "{}", world.kind());
        let session = set(&world, &web_app, &id, "n", 2).await;
        assert_eq!(seen(&world, &web_app, &id, "n").await, Some(1));
        assert_eq!(session.get("n").await.unwrap(), Some(2), "the request itself sees it");
        assert!(matches!(session.insert("n", 3), Err(Error::HeadSent)));
        world.sessions.finish(&session).await.unwrap();
        assert_eq!(seen(&world, &web_app, &id, "n").await, Some(2));
        // Once.
        set(&world, &web_app, &id, "n", 4).await;
        world.sessions.finish(&session).await.unwrap();
        assert_eq!(seen(&world, &web_app, &id, "n").await, Some(2));
    }
}

#[tokio::test]
async fn after_request_a_redirect_and_a_new_id_take_everything_along() {
    for world in worlds() {
        let web_app = world.web_app("/", &with(SaveMode::AfterRequest));
        let id = world.log_in(&web_app).await;
        let redirect = world.open(&web_app, Some(&id));
        redirect.insert("n", 1).unwrap();
        world.commit(&redirect).await.unwrap();
        assert_eq!(seen(&world, &web_app, &id, "n").await, Some(1), "{}", world.kind());
        let session = world.open(&web_app, Some(&id));
        session.insert("n", 2).unwrap();
        session.rotate_id().unwrap();
        let rotated = id_in(&head(&world, &session).await.unwrap());
        assert_eq!(seen(&world, &web_app, &rotated, "n").await, Some(2));
        let session = world.open(&web_app, Some(&rotated));
        session.destroy().unwrap();
        assert!(head(&world, &session).await.is_some());
        world.has(0, &[]);
    }
}

#[tokio::test]
async fn after_request_what_is_set_in_a_body_is_saved_with_it() {
    for world in worlds() {
        let web_app = world.web_app("/", &with(SaveMode::AfterRequest));
        let id = world.log_in(&web_app).await;
        let session = world.open(&web_app, Some(&id));
        session.keep_open();
        assert!(session.get_bytes("user").await.unwrap().is_some());
        assert_eq!(head(&world, &session).await, None);
        session.insert("n", 1).unwrap();
        world.sessions.finish(&session).await.unwrap();
        assert_eq!(seen(&world, &web_app, &id, "n").await, Some(1), "{}", world.kind());
    }
}

#[tokio::test]
async fn after_request_a_session_that_has_ended_takes_nothing() {
    for world in worlds() {
        let web_app = world.web_app("/", &with(SaveMode::AfterRequest));
        let id = world.log_in(&web_app).await;
        let session = world.open(&web_app, Some(&id));
        assert!(session.get_bytes("user").await.unwrap().is_some());
        session.insert("n", 1).unwrap();
        assert_eq!(head(&world, &session).await, None);
        let other = world.open(&web_app, Some(&id));
        other.destroy().unwrap();
        world.commit(&other).await.unwrap();
        let finished = world.sessions.finish(&session).await;
        assert!(matches!(finished, Err(Error::Ended)), "{} {finished:?}", world.kind());
        assert_eq!(session.get::<i64>("n").await.unwrap(), None, "it is given up");
        world.has(0, &[]);
    }
}

#[tokio::test]
async fn after_request_an_answer_that_is_not_given_saves_nothing() {
    for world in worlds() {
        let web_app = world.web_app("/", &with(SaveMode::AfterRequest));
        let id = world.log_in(&web_app).await;
        let session = set(&world, &web_app, &id, "n", 1).await;
        world.sessions.abandon(&session).await;
        world.sessions.finish(&session).await.unwrap();
        assert_eq!(seen(&world, &web_app, &id, "n").await, None, "{}", world.kind());
    }
}

#[tokio::test]
async fn after_request_a_session_that_is_only_used_is_saved_at_the_end_if_that_is_wanted() {
    let world = World::on_ring();
    let config = SessionConfig { always_save_session: true, ..with(SaveMode::AfterRequest) };
    let web_app = world.web_app("/", &config);
    let id = world.log_in(&web_app).await;
    let before = world.saves(&web_app, &id).await;
    let session = world.open(&web_app, Some(&id));
    assert!(session.get_bytes("user").await.unwrap().is_some());
    assert_eq!(head(&world, &session).await, None);
    assert_eq!(world.saves(&web_app, &id).await, before);
    world.sessions.finish(&session).await.unwrap();
    assert_eq!(world.saves(&web_app, &id).await, before + 1);
}

#[tokio::test]
async fn without_a_store_there_is_nothing_to_keep_back_from() {
    let world = World::new();
    let web_app = world.web_app("/", &with(SaveMode::OnShutdown));
    let id = world.log_in(&web_app).await;
    set(&world, &web_app, &id, "n", 1).await;
    world.sessions.hold_back(false);
    assert_eq!(world.sessions.save_held().await, HeldSaves::default());
    assert_eq!(seen(&world, &web_app, &id, "n").await, Some(1));
}

#[tokio::test]
async fn on_shutdown_everybody_here_sees_what_nobody_else_has() {
    let world = World::on_ring();
    let web_app = world.web_app("/", &with(SaveMode::OnShutdown));
    let id = world.log_in(&web_app).await;
    let saves = world.saves(&web_app, &id).await;
    for n in 1..=3 {
        assert_eq!(seen(&world, &web_app, &id, "n").await, (n > 1).then_some(n - 1));
        set(&world, &web_app, &id, "n", n).await;
    }
    let session = world.open(&web_app, Some(&id));
    session.remove("user").unwrap();
    session.set_user("ann").unwrap();
    assert_eq!(head(&world, &session).await, None);
    let session = world.open(&web_app, Some(&id));
    assert_eq!(session.user().await.unwrap().as_deref(), Some("ann"));
    let all = session.attributes().await.unwrap();
    assert_eq!(all.into_iter().collect::<Vec<_>>(), [("n".to_owned(), "3".into())]);
    assert_eq!(world.saves(&web_app, &id).await, saves, "nothing was saved");
    assert_eq!(world.sessions.save_held().await, HeldSaves::default(), "it is not time yet");
    world.sessions.hold_back(false);
    let stopped = HeldSaves { saved: 1, ..HeldSaves::default() };
    assert_eq!(world.sessions.save_held().await, stopped);
    assert_eq!(world.saves(&web_app, &id).await, saves + 1);
    assert_eq!(seen(&world, &web_app, &id, "n").await, Some(3));
    assert_eq!(seen(&world, &web_app, &id, "user").await, None);
    // From now on everything is saved at once.
    set(&world, &web_app, &id, "n", 4).await;
    assert_eq!(world.saves(&web_app, &id).await, saves + 2);
    assert_eq!(world.sessions.save_held().await, HeldSaves::default());
}

#[tokio::test]
async fn on_shutdown_what_cannot_wait_is_saved_with_all_that_came_before() {
    let world = World::on_ring();
    let web_app = world.web_app("/", &with(SaveMode::OnShutdown));
    let id = world.log_in(&web_app).await;
    // A request that has loaded the session before something is saved sees it all the same.
    let slow = world.open(&web_app, Some(&id));
    assert!(slow.get_bytes("user").await.unwrap().is_some());
    set(&world, &web_app, &id, "n", 5).await;
    assert_eq!(slow.get("n").await.unwrap(), Some(5));
    assert_eq!(world.open(&web_app, Some(&id)).increment("n", 1).await.unwrap(), 6);
    assert_eq!(slow.get("n").await.unwrap(), Some(6));
    // So does a version: what came since is another one.
    let session = world.open(&web_app, Some(&id));
    let version = session.version().await.unwrap().unwrap();
    set(&world, &web_app, &id, "n", 7).await;
    session.insert("m", 1).unwrap();
    assert!(matches!(session.save_if(version).await, Err(Error::NotAsExpected)));
    let version = session.version().await.unwrap().unwrap();
    session.insert("m", 1).unwrap();
    session.save_if(version).await.unwrap();
    // A rotation takes everything along; who comes with the former id sees what was there before.
    set(&world, &web_app, &id, "n", 8).await;
    let session = world.open(&web_app, Some(&id));
    session.rotate_id().unwrap();
    let rotated = id_in(&head(&world, &session).await.unwrap());
    set(&world, &web_app, &rotated, "n", 9).await;
    assert_eq!(seen(&world, &web_app, &rotated, "n").await, Some(9));
    assert_eq!(seen(&world, &web_app, &id, "n").await, Some(8));
    let late = world.open(&web_app, Some(&id));
    late.insert("n", 10).unwrap();
    assert!(matches!(world.sessions.commit_head(&late).await, Err(Error::Rotated)));
}

#[tokio::test]
async fn on_shutdown_an_ended_session_leaves_nothing_behind() {
    let world = World::on_ring();
    let web_app = world.web_app("/", &with(SaveMode::OnShutdown));
    let id = world.log_in(&web_app).await;
    set(&world, &web_app, &id, "n", 1).await;
    let session = world.open(&web_app, Some(&id));
    session.destroy().unwrap();
    head(&world, &session).await.unwrap();
    world.sessions.hold_back(false);
    assert_eq!(world.sessions.save_held().await, HeldSaves::default());
    world.has(0, &[]);
}

#[tokio::test]
async fn on_shutdown_memory_is_bounded() {
    let world = World::on_ring();
    let config = SessionConfig {
        session_max: 2,
        session_max_bytes: 40,
        session_timeout: Some(Duration::from_secs(60)),
        ..with(SaveMode::OnShutdown)
    };
    let web_app = world.web_app("/", &config);
    let mut ids = Vec::new();
    for n in 0..3 {
        let id = world.log_in(&web_app).await;
        set(&world, &web_app, &id, "n", n).await;
        ids.push(id);
        world.pass(Duration::from_secs(1));
    }
    let saves = |id: String| {
        let (world, web_app) = (&world, &web_app);
        async move { world.saves(web_app, &id).await }
    };
    let before = saves(ids[0].clone()).await;
    // The one that was used last longest ago makes room.
    let one = HeldSaves { saved: 1, ..HeldSaves::default() };
    assert_eq!(world.sessions.save_held().await, one);
    assert_eq!(saves(ids[0].clone()).await, before + 1);
    assert_eq!(world.sessions.save_held().await, HeldSaves::default());
    world.pass(Duration::from_secs(60));
    let two = HeldSaves { saved: 2, ..HeldSaves::default() };
    assert_eq!(world.sessions.save_held().await, two);
    // What is kept back counts against the size of a session.
    let session = world.open(&web_app, Some(&ids[0]));
    session.insert_bytes("a", [0; 20].as_slice().to_vec()).unwrap();
    head(&world, &session).await;
    let session = world.open(&web_app, Some(&ids[0]));
    session.insert_bytes("b", [0; 20].as_slice().to_vec()).unwrap();
    let refused = world.sessions.commit_head(&session).await;
    assert!(matches!(refused, Err(Error::TooLarge { .. })), "{refused:?}");
}
