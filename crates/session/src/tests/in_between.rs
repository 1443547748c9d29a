//! Saving while the request goes on, on a condition, and after its head has left.

use std::sync::Arc;

use copal_config::session_config::SessionConfig;

use super::world::{World, id_in, worlds};
use crate::error::Error;
use crate::session::Session;
use crate::web_app::WebApp;

/// A request that has found the session of this id, and reads its `user`.
async fn come(world: &World, web_app: &Arc<WebApp>, id: &str) -> Session {
    let session = world.open(web_app, Some(id));
    assert!(session.get_bytes("user").await.unwrap().is_some());
    session
}

#[tokio::test]
async fn what_is_saved_in_between_is_there_at_once() {
    for world in worlds() {
        let web_app = world.plain();
        // A session that is made by it gets its cookie with the response.
        let session = world.open(&web_app, None);
        session.save().await.unwrap();
        world.has(0, &[]);
        session.insert("user", "ann").unwrap();
        session.save().await.unwrap();
        world.has(1, &[(&web_app, 1)]);
        assert!(session.is_new().await);
        let id = session.id().await.unwrap().unwrap().as_str().to_owned();
        assert_eq!(world.user(&web_app, &id).await.as_deref(), Some("ann"));
        // What is set later is saved later, and what was saved is not saved again.
        let other = world.open(&web_app, Some(&id));
        other.insert("user", "bob").unwrap();
        other.save().await.unwrap();
        session.insert("late", 1).unwrap();
        assert_eq!(session.get::<String>("user").await.unwrap().as_deref(), Some("bob"));
        assert_eq!(id_in(&world.commit(&session).await.unwrap().unwrap()), id);
        assert_eq!(world.user(&web_app, &id).await.as_deref(), Some("bob"));
        let later = world.open(&web_app, Some(&id));
        assert_eq!(later.get("late").await.unwrap(), Some(1));
        assert_eq!(world.commit(&other).await.unwrap(), None);
    }
}

#[tokio::test]
async fn saving_looks_again() {
    for world in worlds() {
        let web_app = world.plain();
        let id = world.log_in(&web_app).await;
        let long = world.open(&web_app, Some(&id));
        assert_eq!(long.get::<i32>("n").await.unwrap(), None);
        world.open(&web_app, Some(&id)).increment("n", 1).await.unwrap();
        assert_eq!(long.get::<i32>("n").await.unwrap(), world.reads_in_place().then_some(1));
        long.save().await.unwrap();
        assert_eq!(long.get("n").await.unwrap(), Some(1));
    }
}

#[tokio::test]
async fn what_could_not_be_saved_stays_and_is_tried_again() {
    for world in worlds() {
        let web_app = world.plain();
        world.random_works(false);
        let session = world.open(&web_app, None);
        session.insert("user", "ann").unwrap();
        assert!(matches!(session.save().await, Err(Error::NoRandom(_))));
        assert_eq!(session.get::<String>("user").await.unwrap().as_deref(), Some("ann"));
        world.random_works(true);
        session.save().await.unwrap();
        let id = id_in(&world.commit(&session).await.unwrap().unwrap());
        assert_eq!(world.user(&web_app, &id).await.as_deref(), Some("ann"));
        // What was saved of a new session ends with an answer that nobody gets.
        let session = world.open(&web_app, None);
        session.insert("user", "eve").unwrap();
        session.save().await.unwrap();
        world.sessions.abandon(&session).await;
        world.has(1, &[(&web_app, 1)]);
    }
}

#[tokio::test]
async fn whoever_insists_on_a_version_saves_all_or_nothing() {
    for world in worlds() {
        let web_app = world.plain();
        assert!(world.open(&web_app, None).version().await.unwrap().is_none());
        let id = world.log_in(&web_app).await;
        let [first, second] = [(); 2].map(|()| world.open(&web_app, Some(&id)));
        let version = first.version().await.unwrap().unwrap();
        assert_eq!(second.version().await.unwrap(), Some(version));
        first.insert("a", 1).unwrap();
        first.insert("b", 1).unwrap();
        first.save_if(version).await.unwrap();
        second.insert("a", 2).unwrap();
        second.remove("user").unwrap();
        let refused = second.save_if(version).await.unwrap_err();
        assert!(matches!(refused, Error::NotAsExpected), "{refused}");
        assert!(refused.may_be_tried_again() && refused.is_the_clients_own());
        // Nothing of it is saved later either.
        assert_eq!(world.commit(&second).await.unwrap(), None);
        let third = world.open(&web_app, Some(&id));
        assert_eq!(third.get("a").await.unwrap(), Some(1));
        assert_eq!(third.get("b").await.unwrap(), Some(1));
        assert_eq!(world.user(&web_app, &id).await.as_deref(), Some("ann"));

        // It may be tried again.
        let again = world.open(&web_app, Some(&id));
        let version = again.version().await.unwrap().unwrap();
        again.insert("a", 3).unwrap();
        again.save_if(version).await.unwrap();
        assert_eq!(again.get("a").await.unwrap(), Some(3));
        // A version is good once.
        again.insert("a", 4).unwrap();
        assert!(matches!(again.save_if(version).await, Err(Error::NotAsExpected)));
        assert_eq!(again.get("a").await.unwrap(), Some(3));
        let version = again.version().await.unwrap().unwrap();
        again.insert("a", 4).unwrap();
        again.save_if(version).await.unwrap();
    }
}

#[tokio::test]
async fn everything_that_can_be_seen_makes_another_version() {
    for world in worlds() {
        let (web_app, shop) = (world.plain(), world.web_app("/shop", &SessionConfig::default()));
        let id = world.log_in(&web_app).await;
        let version = async |id: &str| world.open(&web_app, Some(id)).version().await.unwrap();
        let mut seen = vec![version(&id).await.unwrap()];
        for what in 0..6 {
            let session = world.open(if what == 5 { &shop } else { &web_app }, Some(&id));
            let same = match what {
                0 => {
                    session.get_bytes("user").await.unwrap();
                    true
                }
                1 => {
                    session.remove("nothing").unwrap();
                    true
                }
                2 => {
                    session.increment("n", 1).await.unwrap();
                    false
                }
                3 => {
                    session.set_user("ann").unwrap();
                    false
                }
                4 => {
                    session.insert("user", "ann").unwrap();
                    false
                }
                _ => {
                    session.insert("cart", 1).unwrap();
                    false
                }
            };
            world.commit(&session).await.unwrap();
            let now = version(&id).await.unwrap();
            assert_eq!(seen.contains(&now), same, "{what} {}", world.kind());
            seen.push(now);
        }
        let session = world.open(&web_app, Some(&id));
        session.rotate_id().unwrap();
        let new = id_in(&world.commit(&session).await.unwrap().unwrap());
        assert!(!seen.contains(&version(&new).await.unwrap()));
        // Another session is another session.
        let other = world.log_in(&web_app).await;
        let session = world.open(&web_app, Some(&other));
        session.insert("a", 1).unwrap();
        assert!(matches!(session.save_if(seen[0]).await, Err(Error::NotAsExpected)));
        assert!(!format!("{:?}", seen[0]).contains(&id[3..14]));
    }
}

#[tokio::test]
async fn who_insists_on_a_version_of_what_is_gone_is_told() {
    for world in worlds() {
        let web_app = world.plain();
        let id = world.log_in(&web_app).await;
        let [late, destroying, without] =
            [Some(&*id), Some(&id), None].map(|id| world.open(&web_app, id));
        let version = late.version().await.unwrap().unwrap();
        without.insert("a", 1).unwrap();
        assert!(matches!(without.save_if(version).await, Err(Error::NotAsExpected)));
        destroying.destroy().unwrap();
        destroying.insert("a", 1).unwrap();
        assert!(matches!(destroying.save_if(version).await, Err(Error::NotAsExpected)));
        world.commit(&destroying).await.unwrap();
        late.insert("a", 1).unwrap();
        assert!(matches!(late.save_if(version).await, Err(Error::Ended)));
        world.commit(&late).await.unwrap();
        world.has(0, &[]);
    }
}

#[tokio::test]
async fn of_many_who_insist_on_one_version_one_wins() {
    for world in worlds() {
        let web_app = world.plain();
        let id = world.log_in(&web_app).await;
        let sessions: Vec<Session> = (0..8).map(|_| world.open(&web_app, Some(&id))).collect();
        let version = sessions[0].version().await.unwrap().unwrap();
        let mut won = 0;
        for (number, session) in sessions.iter().enumerate() {
            session.insert("winner", number).unwrap();
            won += u32::from(session.save_if(version).await.is_ok());
        }
        assert_eq!(won, 1);
        assert_eq!(world.open(&web_app, Some(&id)).get("winner").await.unwrap(), Some(0));
    }
}

#[tokio::test]
async fn after_the_head_only_those_change_a_session_who_said_that_they_save() {
    for world in worlds() {
        let web_app = world.plain();
        let id = world.log_in(&web_app).await;
        for before in [true, false] {
            let session = world.open(&web_app, Some(&id));
            if before {
                session.keep_open();
            }
            world.commit(&session).await.unwrap();
            if !before {
                assert!(matches!(session.insert("draft", 1), Err(Error::HeadSent)));
                assert!(matches!(session.set_user("eve"), Err(Error::HeadSent)));
                session.keep_open();
            }
            session.insert("draft", before).unwrap();
            session.remove("gone").unwrap();
            assert_eq!(session.get("draft").await.unwrap(), Some(before));
            session.save().await.unwrap();
            assert_eq!(world.open(&web_app, Some(&id)).get("draft").await.unwrap(), Some(before));
            let version = session.version().await.unwrap().unwrap();
            session.insert("draft", 2).unwrap();
            session.save_if(version).await.unwrap();
            assert_eq!(world.open(&web_app, Some(&id)).get("draft").await.unwrap(), Some(2));
            // The client could not be told of that.
            assert!(matches!(session.rotate_id(), Err(Error::HeadSent)));
            assert!(matches!(session.destroy(), Err(Error::HeadSent)));
        }
    }
}

#[tokio::test]
async fn after_the_head_no_session_is_made() {
    for world in worlds() {
        let web_app = world.plain();
        for cookie in [None, Some("abcAAAAAAAAAAAAAAAAAAAAAAA")] {
            let session = world.open(&web_app, cookie);
            session.keep_open();
            world.commit(&session).await.unwrap();
            if cookie.is_some() {
                // Nobody has looked yet.
                session.insert("a", 1).unwrap();
                assert!(matches!(session.save().await, Err(Error::HeadSent)));
            }
            assert!(matches!(session.insert("b", 1), Err(Error::HeadSent)));
        }
        // Another answer was given than the application's.
        let id = world.log_in(&web_app).await;
        let session = world.open(&web_app, Some(&id));
        session.keep_open();
        session.insert("a", 1).unwrap();
        world.sessions.abandon(&session).await;
        session.keep_open();
        assert!(matches!(session.insert("a", 1), Err(Error::HeadSent)));
        session.save().await.unwrap();
        assert_eq!(world.open(&web_app, Some(&id)).get::<i32>("a").await.unwrap(), None);
        world.has(1, &[(&web_app, 1)]);
    }
}

#[tokio::test]
async fn what_was_saved_before_a_rotation_is_hidden_from_the_old_proof() {
    for world in worlds() {
        let web_app = world.plain();
        let old = world.log_in(&web_app).await;
        let session = world.open(&web_app, Some(&old));
        session.insert("card", "4711").unwrap();
        session.rotate_id().unwrap();
        session.save().await.unwrap();
        session.increment("n", 1).await.unwrap();
        let new = id_in(&world.commit(&session).await.unwrap().unwrap());
        let thief = world.open(&web_app, Some(&old));
        assert_eq!(thief.attributes().await.unwrap().into_keys().collect::<Vec<_>>(), ["user"]);
        let session = world.open(&web_app, Some(&new));
        assert_eq!(session.attributes().await.unwrap().len(), 3);
    }
}

#[tokio::test]
async fn a_session_that_another_request_rotated_is_not_saved_on_a_condition() {
    for world in worlds() {
        let web_app = world.plain();
        let old = world.log_in(&web_app).await;
        let early = come(&world, &web_app, &old).await;
        let version = early.version().await.unwrap().unwrap();
        let session = world.open(&web_app, Some(&old));
        session.rotate_id().unwrap();
        world.commit(&session).await.unwrap();
        early.insert("a", 1).unwrap();
        assert!(early.save_if(version).await.unwrap_err().is_the_clients_own());
        // Without one it is, as with the response.
        early.insert("b", 1).unwrap();
        early.save().await.unwrap();
    }
}
