//! What is not touched is not loaded, not made, not told.

use std::time::Duration;

use super::world::{World, id_in, worlds};
use crate::session::Session;

#[tokio::test]
async fn a_request_that_does_not_touch_its_session_costs_nothing() {
    for world in worlds() {
        let web_app = world.plain();
        let session = world.open(&web_app, None);
        assert_eq!(world.commit(&session).await.unwrap(), None);
        world.has(0, &[]);
    }
}

#[tokio::test]
async fn an_untouched_session_is_not_used() {
    let world = World::new();
    let web_app = world.plain();
    let id = world.log_in(&web_app).await;
    world.pass(Duration::from_secs(20 * 60));
    world.commit(&world.open(&web_app, Some(&id))).await.unwrap();
    world.pass(Duration::from_secs(20 * 60));
    assert_eq!(world.user(&web_app, &id).await, None);
}

#[tokio::test]
async fn looking_makes_no_session() {
    for world in worlds() {
        let web_app = world.plain();
        for cookie in [None, Some("abcdefghijklmnopqrstuvwxyz"), Some("abc"), Some("")] {
            let session = world.open(&web_app, cookie);
            assert_eq!(session.get::<u32>("count").await.unwrap(), None);
            assert!(session.attributes().await.unwrap().is_empty());
            assert!(session.id().await.unwrap().is_none());
            assert!(!session.is_new().await);
            session.remove("count").unwrap();
            session.rotate_id().unwrap();
            assert!(session.id().await.unwrap().is_none());
            assert_eq!(session.encode_url("/next").await, "/next");
            assert_eq!(world.commit(&session).await.unwrap(), None);
        }
        world.has(0, &[]);
    }
}

#[tokio::test]
async fn setting_makes_a_session_whose_id_is_known_before() {
    for world in worlds() {
        let web_app = world.plain();
        let session = world.open(&web_app, None);
        session.insert("count", 1).unwrap();
        assert!(session.is_new().await);
        let id = session.id().await.unwrap().unwrap();
        assert!(id.as_str().starts_with("abc"));
        world.has(0, &[]);
        let cookie = world.commit(&session).await.unwrap().unwrap();
        assert_eq!(id_in(&cookie), id.as_str());
        assert_eq!(cookie, format!("JSESSIONID={}; Path=/; HttpOnly; SameSite=Lax", id.as_str()));
        world.has(1, &[(&web_app, 1)]);
        assert!(session.is_new().await);
        // A second commit changes nothing and says the same.
        assert_eq!(world.commit(&session).await.unwrap(), Some(cookie));

        let next = world.open(&web_app, Some(id.as_str()));
        assert_eq!(next.get("count").await.unwrap(), Some(1));
        assert!(!next.is_new().await);
        assert_eq!(world.commit(&next).await.unwrap(), None, "the client has the id");
    }
}

#[tokio::test]
async fn after_the_head_nothing_can_be_changed() {
    for world in worlds() {
        let web_app = world.plain();
        let id = world.log_in(&web_app).await;
        let (committed, dropped) =
            (world.open(&web_app, Some(&id)), world.open(&web_app, Some(&id)));
        dropped.insert("user", "bob").unwrap();
        world.commit(&committed).await.unwrap();
        world.sessions.abandon(&dropped).await;
        for session in [committed, dropped] {
            let refused = [
                session.insert("user", "eve"),
                session.insert_bytes("user", "eve"),
                session.remove("user"),
                session.rotate_id(),
                session.destroy(),
            ];
            for refused in refused {
                assert!(refused.unwrap_err().to_string().contains("head has left"));
            }
            assert_eq!(session.increment("visits", 0).await.unwrap(), 0, "there is a session");
        }
        assert_eq!(world.user(&web_app, &id).await.as_deref(), Some("ann"));

        let without = world.open(&web_app, None);
        world.sessions.abandon(&without).await;
        let refused = without.increment("visits", 1).await.unwrap_err();
        assert!(refused.to_string().contains("head has left"));
        world.has(1, &[]);
    }
}

#[tokio::test]
async fn a_request_carries_its_session() {
    for world in worlds() {
        let mut request = http::Request::new(());
        assert!(Session::try_of(&request).is_none());
        request.extensions_mut().insert(world.open(&world.plain(), None));
        Session::of(&request).insert("a", 1).unwrap();
        assert!(Session::try_of(&request).unwrap().is_new().await);
    }
}

#[test]
#[should_panic(expected = "serve the application with app_tier::Server")]
fn a_request_without_a_session_says_what_to_do() {
    let _ = Session::of(&http::Request::new(()));
}
