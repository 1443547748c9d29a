//! A new proof for a session, and what the old one is still good for.

use std::time::Duration;

use copal_config::session_config::SessionConfig;

use super::world::{World, id_in, worlds};
use crate::error::Error;

/// A session with attributes `user`, `color` and `n`, rotated by a request that sets `user`, adds
/// to `n` and removes `gone`. Returns the old and the new id.
async fn rotated(world: &World, web_app: &std::sync::Arc<crate::web_app::WebApp>) -> [String; 2] {
    let session = world.open(web_app, None);
    session.insert("user", "nobody").unwrap();
    session.insert("color", "red").unwrap();
    session.insert("gone", "soon").unwrap();
    session.insert("n", 1).unwrap();
    let old = id_in(&world.commit(&session).await.unwrap().unwrap());

    let session = world.open(web_app, Some(&old));
    session.increment("n", 1).await.unwrap();
    session.rotate_id().unwrap();
    session.insert("user", "ann").unwrap();
    session.remove("gone").unwrap();
    let shown = session.id().await.unwrap().unwrap();
    let new = id_in(&world.commit(&session).await.unwrap().unwrap());
    assert_eq!(shown.as_str(), new);
    assert_eq!(session.id().await.unwrap().unwrap().as_str(), new);
    assert!(!session.is_new().await);
    [old, new]
}

#[tokio::test]
async fn only_the_proof_changes() {
    for world in worlds() {
        let web_app = world.plain();
        let [old, new] = rotated(&world, &web_app).await;
        assert_eq!(old[..14], new[..14]);
        assert_eq!(old.len(), new.len());
        assert_ne!(old, new);
        world.has(1, &[]);
        let session = world.open(&web_app, Some(&new));
        assert_eq!(session.get("n").await.unwrap(), Some(2));
        assert_eq!(session.get::<String>("color").await.unwrap().as_deref(), Some("red"));
        assert_eq!(session.get::<String>("user").await.unwrap().as_deref(), Some("ann"));
        assert_eq!(world.commit(&session).await.unwrap(), None);
    }
}

#[tokio::test]
async fn the_old_proof_reads_for_ten_seconds_what_has_not_changed() {
    let world = World::new();
    let web_app = world.plain();
    let [old, new] = rotated(&world, &web_app).await;
    #[rustfmt::skip]
    let table = [
        // after ms,  color
        (0,           Some("red")),
        (9_999,       Some("red")),
        (1,           None),
        (60_000,      None),
    ];
    for (wait, color) in table {
        world.pass(Duration::from_millis(wait));
        let session = world.open(&web_app, Some(&old));
        let read: Option<String> = session.get::<String>("color").await.unwrap();
        assert_eq!(read.as_deref(), color);
        for name in ["user", "n", "gone"] {
            assert_eq!(session.get_bytes(name).await.unwrap(), None, "{name}");
        }
        let all = session.attributes().await.unwrap();
        assert_eq!(all.keys().collect::<Vec<_>>(), Vec::from_iter(color.map(|_| "color")));
        assert_ne!(session.id().await.unwrap().map(|id| id.as_str().to_owned()), Some(new.clone()));
        assert_eq!(session.encode_url("/").await, "/");
        assert_eq!(world.commit(&session).await.unwrap(), None, "never learns the new id");
    }
    // What changes later is hidden, too.
    let [old, new] = rotated(&world, &web_app).await;
    let session = world.open(&web_app, Some(&new));
    session.insert("color", "blue").unwrap();
    world.commit(&session).await.unwrap();
    let session = world.open(&web_app, Some(&old));
    assert!(session.attributes().await.unwrap().is_empty());
}

#[tokio::test]
async fn the_old_proof_writes_nothing() {
    for world in worlds() {
        let web_app = world.plain();
        let [old, new] = rotated(&world, &web_app).await;
        let refused = |error: Error| {
            assert!(matches!(error, Error::Rotated), "{error}");
            assert!(error.may_be_tried_again());
        };

        let session = world.open(&web_app, Some(&old));
        session.insert("color", "black").unwrap();
        refused(world.commit(&session).await.unwrap_err());
        let session = world.open(&web_app, Some(&old));
        session.remove("color").unwrap();
        refused(world.commit(&session).await.unwrap_err());
        let session = world.open(&web_app, Some(&old));
        session.rotate_id().unwrap();
        assert_eq!(session.id().await.unwrap().unwrap().as_str(), old);
        refused(world.commit(&session).await.unwrap_err());
        let session = world.open(&web_app, Some(&old));
        session.destroy().unwrap();
        refused(world.commit(&session).await.unwrap_err());
        let session = world.open(&web_app, Some(&old));
        refused(session.increment("n", 1).await.unwrap_err());
        refused(session.increment("unset", 1).await.unwrap_err());
        // Nor does it join.
        let shop = world.web_app("/shop", &SessionConfig::default());
        let session = world.open(&shop, Some(&old));
        refused(session.increment("n", 1).await.unwrap_err());
        session.insert("n", 1).unwrap();
        refused(world.commit(&session).await.unwrap_err());
        world.has(1, &[(&shop, 0)]);

        let session = world.open(&web_app, Some(&new));
        assert_eq!(session.get::<String>("color").await.unwrap().as_deref(), Some("red"));
        assert_eq!(session.get("n").await.unwrap(), Some(2));
    }
}

#[tokio::test]
async fn after_the_ten_seconds_the_old_id_is_nobodys() {
    let world = World::new();
    let web_app = world.plain();
    let [old, new] = rotated(&world, &web_app).await;
    world.pass(Duration::from_secs(10));
    let session = world.open(&web_app, Some(&old));
    session.insert("user", "eve").unwrap();
    let other = id_in(&world.commit(&session).await.unwrap().unwrap());
    assert_ne!(other[3..14], new[3..14]);
    assert_eq!(world.user(&web_app, &new).await.as_deref(), Some("ann"));
}

#[tokio::test]
async fn a_second_rotation_forgets_the_first_proof() {
    for world in worlds() {
        let web_app = world.plain();
        let [oldest, old] = rotated(&world, &web_app).await;
        let session = world.open(&web_app, Some(&old));
        session.rotate_id().unwrap();
        let new = id_in(&world.commit(&session).await.unwrap().unwrap());
        let color = async |id: &str| -> Option<String> {
            world.open(&web_app, Some(id)).get("color").await.unwrap()
        };
        assert_eq!(color(&oldest).await, None);
        assert_eq!(color(&old).await.as_deref(), Some("red"));
        assert_eq!(color(&new).await.as_deref(), Some("red"));
        // Nothing was set in that request, so the last proof still sees the user.
        assert_eq!(world.user(&web_app, &old).await.as_deref(), Some("ann"));
    }
}

#[tokio::test]
async fn a_request_that_had_loaded_before_may_still_save_but_not_look() {
    for world in worlds() {
        let web_app = world.plain();
        let old = world.log_in(&web_app).await;
        let early = world.open(&web_app, Some(&old));
        early.get_bytes("user").await.unwrap();

        let session = world.open(&web_app, Some(&old));
        session.rotate_id().unwrap();
        session.insert("user", "root").unwrap();
        let new = id_in(&world.commit(&session).await.unwrap().unwrap());

        let seen = early.get_bytes("user").await.unwrap();
        assert_eq!(seen.is_none(), world.reads_in_place(), "changed since");
        assert_ne!(seen.as_deref(), Some(&b"\"root\""[..]));
        assert!(matches!(early.increment("n", 0).await, Err(Error::Rotated)));
        early.insert("seen", true).unwrap();
        assert_eq!(world.commit(&early).await.unwrap(), None, "never learns the new id");
        assert_ne!(early.id().await.unwrap().unwrap().as_str(), new);
        let session = world.open(&web_app, Some(&new));
        assert_eq!(session.get("seen").await.unwrap(), Some(true));
        assert_eq!(session.get::<String>("user").await.unwrap().as_deref(), Some("root"));
    }
}

#[tokio::test]
async fn of_two_rotations_at_once_one_is_refused() {
    for world in worlds() {
        let web_app = world.plain();
        let old = world.log_in(&web_app).await;
        let [first, second] = [(); 2].map(|()| world.open(&web_app, Some(&old)));
        for session in [&first, &second] {
            session.id().await.unwrap();
            session.rotate_id().unwrap();
        }
        second.insert("user", "eve").unwrap();
        let new = id_in(&world.commit(&first).await.unwrap().unwrap());
        assert!(matches!(world.commit(&second).await, Err(Error::Rotated)));
        assert_eq!(world.user(&web_app, &new).await.as_deref(), Some("ann"));
    }
}

#[tokio::test]
async fn a_session_made_by_the_same_request_can_be_rotated() {
    for world in worlds() {
        let web_app = world.plain();
        let session = world.open(&web_app, None);
        session.insert("user", "ann").unwrap();
        session.rotate_id().unwrap();
        let id = id_in(&world.commit(&session).await.unwrap().unwrap());
        assert!(world.user(&web_app, &id).await.is_some());

        let session = world.open(&web_app, None);
        session.increment("n", 1).await.unwrap();
        session.rotate_id().unwrap();
        let id = id_in(&world.commit(&session).await.unwrap().unwrap());
        let session = world.open(&web_app, Some(&id));
        assert_eq!(session.increment("n", 1).await.unwrap(), 2);
    }
}
