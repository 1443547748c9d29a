//! Requests whose answer is not the application's: what they made ends, what was there stays.

use copal_config::session_config::SessionConfig;
use copal_protocol::session_id::SessionId;

use super::world::worlds;
use crate::error::Error;

#[tokio::test]
async fn a_session_that_no_client_was_told_of_is_ended() {
    for world in worlds() {
        let config = SessionConfig { session_max: 1, ..SessionConfig::default() };
        let web_app = world.web_app("/", &config);

        // Made at once, and by a commit whose cookie was thrown away.
        let session = world.open(&web_app, None);
        session.increment("n", 1).await.unwrap();
        world.sessions.abandon(&session).await;
        world.has(0, &[(&web_app, 0)]);
        assert!(session.increment("n", 1).await.is_err(), "nothing is made any more");

        let session = world.open(&web_app, None);
        session.insert("a", 1).unwrap();
        world.commit(&session).await.unwrap();
        world.sessions.abandon(&session).await;
        world.has(0, &[(&web_app, 0)]);

        // Made, destroyed and made again.
        let session = world.open(&web_app, None);
        session.increment("n", 1).await.unwrap();
        session.destroy().unwrap();
        session.increment("n", 1).await.unwrap();
        world.sessions.abandon(&session).await;
        world.has(0, &[(&web_app, 0)]);
    }
}

#[tokio::test]
async fn a_session_that_the_client_knows_stays() {
    for world in worlds() {
        let web_app = world.plain();
        let id = world.log_in(&web_app).await;
        let session = world.open(&web_app, Some(&id));
        session.increment("n", 1).await.unwrap();
        session.insert("user", "bob").unwrap();
        session.destroy().unwrap();
        world.sessions.abandon(&session).await;
        assert_eq!(world.user(&web_app, &id).await.as_deref(), Some("ann"));
    }
}

#[tokio::test]
async fn destroying_and_making_is_done_as_a_whole_or_not_at_all() {
    for world in worlds() {
        let web_app = world.plain();
        let id = world.log_in(&web_app).await;

        // Nothing could be made: nothing has ended.
        let session = world.open(&web_app, Some(&id));
        session.destroy().unwrap();
        session.insert("flash", "x".repeat(60)).unwrap();
        world.random_works(false);
        assert!(matches!(world.commit(&session).await, Err(Error::NoRandom(_))));
        world.random_works(true);
        assert_eq!(world.user(&web_app, &id).await.as_deref(), Some("ann"));

        // The key was taken by somebody else: found out only when the session is made.
        let session = world.open(&web_app, Some(&id));
        session.destroy().unwrap();
        session.insert("flash", "bye").unwrap();
        let fresh = session.id().await.unwrap().unwrap();
        let taken = fresh.with_new_proof(&[7; SessionId::MAX_LENGTH]).unwrap();
        let store = &session.handle().store;
        store.create(&web_app, taken, &crate::changes::Changes::default()).await.unwrap();
        assert!(matches!(world.commit(&session).await, Err(Error::NoRandom(_))));
        assert_eq!(world.user(&web_app, &id).await.as_deref(), Some("ann"));
    }
}

#[tokio::test]
async fn what_could_not_be_ended_leaves_nothing_new() {
    for world in worlds() {
        let web_app = world.plain();
        let id = world.log_in(&web_app).await;
        let rotating = world.open(&web_app, Some(&id));
        rotating.rotate_id().unwrap();
        world.commit(&rotating).await.unwrap();
        // The former proof ends nothing.
        let session = world.open(&web_app, Some(&id));
        session.destroy().unwrap();
        session.increment("n", 1).await.unwrap();
        session.destroy().unwrap();
        session.insert("flash", "bye").unwrap();
        assert!(matches!(world.commit(&session).await, Err(Error::Rotated)));
        world.sessions.abandon(&session).await;
        world.has(1, &[]);
    }
}
