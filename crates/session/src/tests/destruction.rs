//! Sessions that are ended, and ids that stay dead.

use copal_config::session_config::SessionConfig;

use super::world::{id_in, worlds};
use crate::error::Error;

const FORGET: &str = "JSESSIONID=; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; \
                      HttpOnly; SameSite=Lax";

#[tokio::test]
async fn destroying_ends_the_session_and_the_cookie() {
    for world in worlds() {
        let web_app = world.plain();
        let id = world.log_in(&web_app).await;
        let session = world.open(&web_app, Some(&id));
        session.insert("user", "bob").unwrap();
        session.destroy().unwrap();
        assert_eq!(session.get::<String>("user").await.unwrap(), None);
        assert!(session.attributes().await.unwrap().is_empty());
        assert!(session.id().await.unwrap().is_none());
        assert!(!session.is_new().await);
        world.has(1, &[]);
        assert_eq!(world.commit(&session).await.unwrap().as_deref(), Some(FORGET));
        world.has(0, &[(&web_app, 0)]);
        assert_eq!(world.user(&web_app, &id).await, None);
    }
}

#[tokio::test]
async fn a_destroyed_id_is_never_taken_again() {
    for world in worlds() {
        let (home, shop) = (world.plain(), world.web_app("/shop", &SessionConfig::default()));
        let id = world.log_in(&home).await;
        let session = world.open(&shop, Some(&id));
        session.insert("cart", 1).unwrap();
        world.commit(&session).await.unwrap();
        let session = world.open(&home, Some(&id));
        session.destroy().unwrap();
        world.commit(&session).await.unwrap();
        world.has(0, &[(&shop, 0)]);

        for web_app in [&home, &shop] {
            let session = world.open(web_app, Some(&id));
            session.insert("user", "eve").unwrap();
            let other = id_in(&world.commit(&session).await.unwrap().unwrap());
            assert_ne!(other[3..14], id[3..14]);
            let session = world.open_url(web_app, &id);
            assert_eq!(session.increment("n", 1).await.unwrap(), 1);
            assert_ne!(&session.id().await.unwrap().unwrap().as_str()[3..14], &id[3..14]);
        }
    }
}

#[tokio::test]
async fn a_save_never_brings_a_session_back() {
    for world in worlds() {
        let web_app = world.plain();
        let id = world.log_in(&web_app).await;
        let late = world.open(&web_app, Some(&id));
        late.get_bytes("user").await.unwrap();
        let session = world.open(&web_app, Some(&id));
        session.destroy().unwrap();
        world.commit(&session).await.unwrap();

        assert_eq!(late.get_bytes("user").await.unwrap().is_none(), world.reads_in_place());
        let error = late.increment("n", 1).await.unwrap_err();
        assert!(matches!(error, Error::Ended) && error.may_be_tried_again());
        late.insert("cart", 1).unwrap();
        assert!(matches!(world.commit(&late).await, Err(Error::Ended)));
        world.has(0, &[]);
        // Two who destroy the same session agree.
        let id = world.log_in(&web_app).await;
        let [first, second] = [(); 2].map(|()| world.open(&web_app, Some(&id)));
        for session in [first, second] {
            session.get_bytes("user").await.unwrap();
            session.destroy().unwrap();
            assert_eq!(world.commit(&session).await.unwrap().as_deref(), Some(FORGET));
        }
    }
}

#[tokio::test]
async fn after_destroying_a_new_session_begins() {
    for world in worlds() {
        let web_app = world.plain();
        let id = world.log_in(&web_app).await;

        let session = world.open(&web_app, Some(&id));
        session.destroy().unwrap();
        session.insert("flash", "bye").unwrap();
        assert!(session.is_new().await);
        let shown = session.id().await.unwrap().unwrap();
        let next = id_in(&world.commit(&session).await.unwrap().unwrap());
        assert_eq!(next, shown.as_str());
        assert_ne!(next[3..14], id[3..14]);
        assert_eq!(world.user(&web_app, &id).await, None);
        assert_eq!(world.user(&web_app, &next).await, None, "nothing is carried over");

        // Made at once, destroyed, made again: only the last one stays.
        let session = world.open(&web_app, Some(&next));
        session.destroy().unwrap();
        session.increment("n", 1).await.unwrap();
        session.destroy().unwrap();
        session.destroy().unwrap();
        assert_eq!(session.increment("n", 5).await.unwrap(), 5);
        let last = id_in(&world.commit(&session).await.unwrap().unwrap());
        world.has(1, &[]);
        let session = world.open(&web_app, Some(&last));
        assert_eq!(session.get("n").await.unwrap(), Some(5));
    }
}

#[tokio::test]
async fn who_brings_no_cookie_is_told_to_forget_none() {
    for world in worlds() {
        let web_app = world.plain();
        let id = world.log_in(&web_app).await;
        let session = world.open_url(&web_app, &id);
        session.destroy().unwrap();
        assert_eq!(world.commit(&session).await.unwrap(), None);
        world.has(0, &[]);

        let session = world.open(&web_app, None);
        session.increment("n", 1).await.unwrap();
        session.destroy().unwrap();
        assert_eq!(world.commit(&session).await.unwrap(), None);
        world.has(0, &[]);

        let session = world.open(&web_app, Some("old and odd"));
        session.destroy().unwrap();
        assert_eq!(world.commit(&session).await.unwrap().as_deref(), Some(FORGET));
    }
}

#[tokio::test]
async fn a_web_app_does_not_end_what_only_others_have() {
    for world in worlds() {
        let (home, shop) = (world.plain(), world.web_app("/shop", &SessionConfig::default()));
        let id = world.log_in(&home).await;
        let session = world.open(&shop, Some(&id));
        session.destroy().unwrap();
        assert_eq!(world.commit(&session).await.unwrap(), None);
        assert!(world.user(&home, &id).await.is_some());
    }
}
