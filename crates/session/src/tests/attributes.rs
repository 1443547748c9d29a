//! What is set can be read, in this request and in the next.

use std::collections::BTreeMap;

use copal_config::session_config::SessionConfig;
use serde::Serialize;

use super::world::{World, worlds};
use crate::error::Error;

#[tokio::test]
async fn what_is_set_and_removed_shows_at_once_and_later() {
    for world in worlds() {
        let web_app = world.plain();
        let id = world.log_in(&web_app).await;

        let session = world.open(&web_app, Some(&id));
        session.insert("cart", vec![1, 2]).unwrap();
        session.insert_bytes("raw", &b"\xff\x00"[..]).unwrap();
        session.remove("user").unwrap();
        for session in [session.clone(), {
            world.commit(&session).await.unwrap();
            world.open(&web_app, Some(&id))
        }] {
            assert_eq!(session.get("cart").await.unwrap(), Some(vec![1, 2]));
            assert_eq!(session.get_bytes("raw").await.unwrap().unwrap(), &b"\xff\x00"[..]);
            assert_eq!(session.get::<String>("user").await.unwrap(), None);
            let all = session.attributes().await.unwrap();
            let names: Vec<_> = all.keys().map(String::as_str).collect();
            assert_eq!(names, ["cart", "raw"]);
            assert_eq!(all.get("cart").unwrap(), &b"[1,2]"[..]);
        }
    }
}

#[tokio::test]
async fn a_value_of_another_type_is_an_error() {
    for world in worlds() {
        let web_app = world.plain();
        let session = world.open(&web_app, None);
        session.insert("user", "ann").unwrap();
        let wrong = session.get::<u32>("user").await.unwrap_err();
        assert!(matches!(&wrong, Error::Deserialize { name, .. } if name == "user"));
        assert!(!wrong.may_be_tried_again());

        #[derive(Serialize)]
        struct Unwritable {
            map: BTreeMap<Vec<u8>, u8>,
        }
        let unwritable = Unwritable { map: BTreeMap::from([(vec![1], 2)]) };
        let wrong = session.insert("map", unwritable).unwrap_err();
        assert!(matches!(&wrong, Error::Serialize { name, .. } if name == "map"));
        assert_eq!(session.attributes().await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_sum_counts_what_was_set_before_and_shows_at_once() {
    for world in worlds() {
        let web_app = world.plain();
        let session = world.open(&web_app, None);
        session.insert("n", 40).unwrap();
        session.insert("other", 1).unwrap();
        assert_eq!(session.increment("n", 1).await.unwrap(), 41);
        assert_eq!(session.increment("n", 1).await.unwrap(), 42);
        assert_eq!(session.get("n").await.unwrap(), Some(42));
        assert_eq!(session.increment("down", -7).await.unwrap(), -7);
        let id = session.id().await.unwrap().unwrap();
        // Another request adds, and this one does not put its old 40 back.
        let other = world.open(&web_app, Some(id.as_str()));
        assert_eq!(other.increment("n", 8).await.unwrap(), 50);
        world.commit(&session).await.unwrap();
        let later = world.open(&web_app, Some(id.as_str()));
        assert_eq!(later.get("n").await.unwrap(), Some(50));
        assert_eq!(later.get("other").await.unwrap(), Some(1));
        later.remove("n").unwrap();
        assert_eq!(later.increment("n", 3).await.unwrap(), 3);
        world.has(1, &[]);
    }
}

#[tokio::test]
async fn only_whole_numbers_are_added_to() {
    for world in worlds() {
        let web_app = world.plain();
        let session = world.open(&web_app, None);
        session.insert("n", i64::MAX).unwrap();
        assert_eq!(session.increment("n", 0).await.unwrap(), i64::MAX);
        #[rustfmt::skip]
    let table = [
        // value,  by, refused as
        ("\"1\"",  1,  "is not a whole number"),
        ("1.5",    1,  "is not a whole number"),
        ("[1]",    1,  "is not a whole number"),
        ("",       1,  "is not a whole number"),
        ("9223372036854775808", 1,  "is not a whole number"),
        ("9223372036854775807", 1,  "goes beyond 64 bits"),
        ("-9223372036854775808", -1, "goes beyond 64 bits"),
    ];
        for (value, by, refused) in table {
            session.insert_bytes("n", value).unwrap();
            let error = session.increment("n", by).await.unwrap_err();
            assert!(error.to_string().contains(refused), "{value}: {error}");
            assert_eq!(session.get_bytes("n").await.unwrap().unwrap(), value, "unchanged");
        }
    }
}

#[tokio::test]
async fn a_session_that_grows_too_big_is_refused_and_never_cut() {
    for world in worlds() {
        let web_app = world
            .web_app("/", &SessionConfig { session_max_bytes: 100, ..SessionConfig::default() });

        let session = world.open(&web_app, None);
        session.insert_bytes("a", vec![0; 50]).unwrap();
        let refused = session.insert_bytes("b", vec![0; 49]).unwrap_err();
        assert!(matches!(refused, Error::TooLarge { size: 101, limit: 100 }), "{refused}");
        session.insert_bytes("b", vec![0; 48]).unwrap();
        let refused = session.insert_bytes("a", vec![0; 51]).unwrap_err();
        assert!(matches!(refused, Error::TooLarge { size: 101, .. }));
        assert_eq!(session.get_bytes("a").await.unwrap().unwrap().len(), 50, "as it was before");
        let id = session.id().await.unwrap().unwrap();
        world.commit(&session).await.unwrap();

        let session = world.open(&web_app, Some(id.as_str()));
        session.insert_bytes("c", "").unwrap();
        let refused = world.commit(&session).await.unwrap_err();
        assert!(matches!(refused, Error::TooLarge { size: 101, .. }));
        let session = world.open(&web_app, Some(id.as_str()));
        assert!(matches!(session.increment("n", 1).await, Err(Error::TooLarge { size: 102, .. })));
        assert_eq!(session.attributes().await.unwrap().len(), 2);

        // Smaller values and removed ones make room.
        session.insert_bytes("a", vec![0; 10]).unwrap();
        session.insert_bytes("c", vec![0; 38]).unwrap();
        session.remove("nothing").unwrap();
        world.commit(&session).await.unwrap();
        let session = world.open(&web_app, Some(id.as_str()));
        session.remove("b").unwrap();
        session.insert_bytes("d", vec![0; 50]).unwrap();
        assert!(world.commit(&session).await.is_err());
        let session = world.open(&web_app, Some(id.as_str()));
        session.remove("b").unwrap();
        session.insert_bytes("d", vec![0; 49]).unwrap();
        world.commit(&session).await.unwrap();
    }
}

#[tokio::test]
async fn without_random_bytes_there_is_no_new_session() {
    for world in worlds() {
        let web_app = world.plain();
        let id = world.log_in(&web_app).await;
        world.random_works(false);

        let session = world.open(&web_app, None);
        assert!(matches!(session.increment("n", 1).await, Err(Error::NoRandom(_))));
        session.insert("a", 1).unwrap();
        assert!(matches!(session.id().await, Err(Error::NoRandom(_))));
        assert_eq!(session.encode_url("/next").await, "/next");
        let refused = world.commit(&session).await.unwrap_err();
        assert!(refused.may_be_tried_again());

        // A rotation that cannot be done changes nothing else either.
        let session = world.open(&web_app, Some(&id));
        session.rotate_id().unwrap();
        session.insert("user", "eve").unwrap();
        assert!(matches!(world.commit(&session).await, Err(Error::NoRandom(_))));
        assert_eq!(world.user(&web_app, &id).await.as_deref(), Some("ann"));
        world.has(1, &[]);
    }
}

#[tokio::test]
async fn a_random_source_that_repeats_itself_never_gives_two_clients_one_session() {
    use copal_protocol::server_index::ServerIndex;

    use crate::sessions::Sessions;
    use crate::surroundings::Surroundings;

    let world = World::new();
    let stuck = Surroundings::new(
        || std::time::Duration::ZERO,
        |bytes| {
            bytes.fill(4);
            Ok(())
        },
    );
    let sessions = Sessions::new(ServerIndex::new(0).unwrap(), Vec::new(), stuck);
    let web_app = sessions.web_app(&world.cluster, ("", "/"), &SessionConfig::default());
    let made = async || {
        let session = sessions.open(&web_app, crate::presented::Presented::default());
        session.insert("user", "ann").unwrap();
        sessions.commit(&session).await
    };
    assert!(made().await.unwrap().is_some());
    assert!(matches!(made().await, Err(Error::NoRandom(_))));
    assert_eq!(sessions.live(), 1);
}
