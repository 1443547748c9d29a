//! A session that may be on a server that does not answer.

use std::sync::Arc;

use super::world::{World, worlds};
use crate::error::Error;
use crate::session::Session;
use crate::web_app::WebApp;

const ID: &str = "bacAAAAAAAAAAAAAAAAAAAAAAA";

/// A request with an id of which nobody knows what it comes to.
fn open(world: &World, web_app: &Arc<WebApp>) -> Session {
    let session = world.open(web_app, Some(ID));
    let mut state = session.handle().state();
    (state.found, state.unknown) = (Some(None), true);
    drop(state);
    session
}

/// Nothing is done, the cookie stays, and no session was made.
async fn is_refused(world: &World, session: &Session, what: &str) {
    let refused = world.commit(session).await;
    assert!(matches!(refused, Err(Error::Unknown)), "{what}: {refused:?}");
    world.sessions.abandon(session).await;
    world.has(0, &[]);
}

#[tokio::test]
async fn who_only_looks_is_answered_and_keeps_the_cookie() {
    for world in worlds() {
        let web_app = world.plain();
        let session = open(&world, &web_app);
        assert_eq!(session.get::<u8>("a").await.unwrap(), None);
        assert_eq!(world.commit(&session).await.unwrap(), None);
    }
}

#[tokio::test]
async fn nobody_is_told_that_a_session_has_ended_or_was_rotated_that_nobody_has_found() {
    for world in worlds() {
        let web_app = world.plain();
        let session = open(&world, &web_app);
        session.destroy().unwrap();
        is_refused(&world, &session, "destroy").await;
        let session = open(&world, &web_app);
        session.rotate_id().unwrap();
        is_refused(&world, &session, "rotate_id").await;
        let session = open(&world, &web_app);
        session.handle().state().changes.remove("a");
        is_refused(&world, &session, "remove").await;
        let session = open(&world, &web_app);
        session.handle().state().changes.user = Some(None);
        is_refused(&world, &session, "set_user(None)").await;
        let session = open(&world, &web_app);
        session.handle().state().changes.remove("a");
        assert!(matches!(session.save().await, Err(Error::Unknown)), "remove and save");
        let session = open(&world, &web_app);
        let version = crate::version::Version::in_memory(
            copal_protocol::session_id::SessionId::parse(ID.as_bytes()).unwrap().key(),
            1,
        );
        assert!(matches!(session.save_if(version).await, Err(Error::Unknown)), "save_if");
    }
}

#[tokio::test]
async fn what_was_destroyed_unseen_makes_no_room_for_another_session() {
    for world in worlds() {
        let web_app = world.plain();
        let session = open(&world, &web_app);
        session.destroy().unwrap();
        assert!(matches!(session.increment("n", 1).await, Err(Error::Unknown)));
        session.handle().state().changes.set("a", "1".into());
        is_refused(&world, &session, "destroy and set").await;
    }
}

#[tokio::test]
async fn nothing_can_be_set_in_it() {
    for world in worlds() {
        let web_app = world.plain();
        let session = open(&world, &web_app);
        let unknown = |result: Result<(), Error>| {
            assert!(matches!(result, Err(Error::Unknown)), "{result:?}");
        };
        unknown(session.insert("a", 1));
        unknown(session.insert_bytes("a", "1"));
        unknown(session.remove("a"));
        unknown(session.set_user("ann"));
        // The application may leave it at that.
        assert_eq!(world.commit(&session).await.unwrap(), None);
        assert!(matches!(session.insert("a", 1), Err(Error::HeadSent)));
    }
}

#[tokio::test]
async fn where_nothing_counts_that_one_server_has_it_cannot_be_read_either() {
    for world in [World::that_refuses(), World::on_ring()] {
        let web_app = world.plain();
        let session = open(&world, &web_app);
        let refuses = world.kind() == "refusing ring";
        let unknown = |is_refused: bool| assert_eq!(is_refused, refuses);
        unknown(matches!(session.get::<u8>("a").await, Err(Error::Unknown)));
        unknown(matches!(session.get_bytes("a").await, Err(Error::Unknown)));
        unknown(matches!(session.attributes().await, Err(Error::Unknown)));
        unknown(matches!(session.user().await, Err(Error::Unknown)));
        unknown(matches!(session.id().await, Err(Error::Unknown)));
        unknown(matches!(session.version().await, Err(Error::Unknown)));
        // What this request does not ask for does not trouble it.
        let session = world.open(&web_app, None);
        assert_eq!(session.get::<u8>("a").await.unwrap(), None);
    }
}
