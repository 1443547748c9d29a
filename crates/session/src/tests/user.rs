//! Whose session it is.

use copal_config::session_config::SessionConfig;

use super::world::{World, id_in, worlds};
use crate::error::Error;
use crate::web_app::WebApp;

/// Whose session this id opens.
async fn user(world: &World, web_app: &std::sync::Arc<WebApp>, id: &str) -> Option<String> {
    world.open(web_app, Some(id)).user().await.unwrap()
}

#[tokio::test]
async fn the_user_is_said_kept_and_cleared() {
    for world in worlds() {
        let web_app = world.plain();
        let id = world.log_in(&web_app).await;
        assert_eq!(user(&world, &web_app, &id).await, None);
        let session = world.open(&web_app, Some(&id));
        session.set_user("ann").unwrap();
        assert_eq!(session.user().await.unwrap().as_deref(), Some("ann"));
        assert_eq!(user(&world, &web_app, &id).await, None, "not before the response is returned");
        assert_eq!(world.commit(&session).await.unwrap(), None);
        assert_eq!(user(&world, &web_app, &id).await.as_deref(), Some("ann"));
        // It is no attribute.
        let session = world.open(&web_app, Some(&id));
        assert_eq!(session.attributes().await.unwrap().len(), 1);
        session.set_user(None).unwrap();
        assert_eq!(session.user().await.unwrap(), None);
        session.save().await.unwrap();
        assert_eq!(user(&world, &web_app, &id).await, None);
        world.commit(&session).await.unwrap();
    }
}

#[tokio::test]
async fn a_user_alone_makes_a_session_and_nobody_does_not() {
    for world in worlds() {
        let web_app = world.plain();
        let session = world.open(&web_app, None);
        session.set_user(None).unwrap();
        assert!(session.id().await.unwrap().is_none());
        assert_eq!(world.commit(&session).await.unwrap(), None);
        let session = world.open(&web_app, None);
        session.set_user("ann").unwrap();
        assert!(session.is_new().await);
        let id = id_in(&world.commit(&session).await.unwrap().unwrap());
        world.has(1, &[(&web_app, 1)]);
        assert_eq!(user(&world, &web_app, &id).await.as_deref(), Some("ann"));
        let session = world.open(&web_app, Some(&id));
        assert_eq!(session.id().await.unwrap().unwrap().as_str(), id);
        assert!(!session.is_new().await);
        assert!(session.attributes().await.unwrap().is_empty());
        session.insert("a", 1).unwrap();
        world.commit(&session).await.unwrap();
        assert_eq!(user(&world, &web_app, &id).await.as_deref(), Some("ann"));
    }
}

#[tokio::test]
async fn the_old_proof_does_not_learn_who_logged_in() {
    for world in worlds() {
        let web_app = world.plain();
        let old = world.log_in(&web_app).await;
        let session = world.open(&web_app, Some(&old));
        session.rotate_id().unwrap();
        session.set_user("ann").unwrap();
        let new = id_in(&world.commit(&session).await.unwrap().unwrap());
        assert_eq!(user(&world, &web_app, &old).await, None);
        assert_eq!(user(&world, &web_app, &new).await.as_deref(), Some("ann"));
        let thief = world.open(&web_app, Some(&old));
        thief.set_user("eve").unwrap();
        assert!(matches!(world.commit(&thief).await, Err(Error::Rotated)));
        assert_eq!(user(&world, &web_app, &new).await.as_deref(), Some("ann"));
    }
}

#[tokio::test]
async fn what_was_saved_before_the_rotation_is_none_of_the_old_proofs_business() {
    for world in worlds() {
        let web_app = world.plain();
        let old = world.log_in(&web_app).await;
        let session = world.open(&web_app, Some(&old));
        session.set_user("ann").unwrap();
        session.insert("role", "admin").unwrap();
        session.save().await.unwrap();
        session.rotate_id().unwrap();
        let new = id_in(&world.commit(&session).await.unwrap().unwrap());
        assert_eq!(user(&world, &web_app, &old).await, None, "{}", world.kind());
        let thief = world.open(&web_app, Some(&old));
        assert_eq!(thief.get::<String>("role").await.unwrap(), None, "{}", world.kind());
        assert_eq!(user(&world, &web_app, &new).await.as_deref(), Some("ann"));
        // Who rotates without having said it hides nothing.
        let session = world.open(&web_app, Some(&new));
        session.rotate_id().unwrap();
        world.commit(&session).await.unwrap();
        assert_eq!(user(&world, &web_app, &new).await.as_deref(), Some("ann"));
    }
}

#[tokio::test]
async fn what_ends_or_is_not_answered_has_no_user() {
    for world in worlds() {
        let web_app = world.plain();
        let id = world.log_in(&web_app).await;
        let session = world.open(&web_app, Some(&id));
        session.set_user("ann").unwrap();
        world.sessions.abandon(&session).await;
        assert_eq!(user(&world, &web_app, &id).await, None);
        let session = world.open(&web_app, Some(&id));
        session.set_user("ann").unwrap();
        session.destroy().unwrap();
        assert_eq!(session.user().await.unwrap(), None);
        world.commit(&session).await.unwrap();
        world.has(0, &[]);
        let config = SessionConfig { session_max_bytes: 3, ..SessionConfig::default() };
        let session = world.open(&world.web_app("/small", &config), None);
        session.set_user("ann").unwrap();
        assert!(matches!(session.set_user("anna"), Err(Error::TooLarge { size: 4, limit: 3 })));
        assert_eq!(session.user().await.unwrap().as_deref(), Some("ann"));
    }
}

#[tokio::test]
async fn web_apps_that_share_a_session_share_its_user() {
    for world in worlds() {
        let (home, shop) = (world.plain(), world.web_app("/shop", &SessionConfig::default()));
        let id = world.log_in(&home).await;
        let session = world.open(&home, Some(&id));
        session.set_user("ann").unwrap();
        world.commit(&session).await.unwrap();
        assert_eq!(user(&world, &shop, &id).await.as_deref(), Some("ann"));
        let alone = copal_config::session_config::ReuseSessionId::Never;
        let config = SessionConfig { reuse_session_id: alone, ..SessionConfig::default() };
        let bank = world.web_app("/bank", &config);
        assert_eq!(user(&world, &bank, &id).await, None);
    }
}
