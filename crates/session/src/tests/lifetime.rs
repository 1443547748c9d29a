//! Sessions that are left alone, grow old, or are too many.

use std::time::Duration;

use copal_config::session_config::SessionConfig;

use super::world::{World, id_in};
use crate::error::Error;

const MINUTE: Duration = Duration::from_secs(60);

fn config(timeout: Option<u32>, lifetime: Option<u32>, max: usize) -> SessionConfig {
    SessionConfig {
        session_timeout: timeout.map(|minutes| MINUTE * minutes),
        session_max_lifetime: lifetime.map(|minutes| MINUTE * minutes),
        session_max: max,
        ..SessionConfig::default()
    }
}

#[tokio::test]
async fn a_session_ends_when_it_is_left_alone_or_old() {
    type Case = (Option<u32>, Option<u32>, &'static [u32], bool);
    #[rustfmt::skip]
    let table: &[Case] = &[
        // idle, age, minutes between reads, there at the last read
        (Some(30), None, &[29],              true),
        (Some(30), None, &[30],              false),
        (Some(30), None, &[29, 29, 29, 29],  true),
        (Some(30), None, &[29, 31],          false),
        (None,     None, &[1_000_000],       true),
        (None,     Some(60), &[59],          true),
        (None,     Some(60), &[60],          false),
        (Some(30), Some(60), &[29, 29, 1],   true),
        (Some(30), Some(60), &[29, 29, 2],   false),
    ];
    for &(timeout, lifetime, waits, there) in table {
        let world = World::new();
        let web_app = world.web_app("/", &config(timeout, lifetime, 10));
        let id = world.log_in(&web_app).await;
        let mut user = None;
        for wait in waits {
            world.pass(MINUTE * *wait);
            user = world.user(&web_app, &id).await;
        }
        assert_eq!(user.is_some(), there, "{timeout:?} {lifetime:?} {waits:?}");
        assert_eq!(world.sessions.live(), usize::from(there));
        assert_eq!(web_app.live(), usize::from(there));
    }
}

#[tokio::test]
async fn every_touch_counts_as_use() {
    let world = World::new();
    let web_app = world.plain();
    let id = world.log_in(&web_app).await;
    for round in 0..5 {
        world.pass(MINUTE * 29);
        let session = world.open(&web_app, Some(&id));
        match round {
            0 => drop(session.get_bytes("nothing").await.unwrap()),
            1 => drop(session.attributes().await.unwrap()),
            2 => drop(session.increment("n", 1).await.unwrap()),
            3 => session.insert("a", 1).unwrap(),
            _ => drop(session.id().await.unwrap()),
        }
        world.commit(&session).await.unwrap();
    }
    // A request that runs for hours keeps its session by reading.
    let long = world.open(&web_app, Some(&id));
    for _ in 0..5 {
        world.pass(MINUTE * 29);
        assert!(long.get::<String>("user").await.unwrap().is_some());
    }
    assert!(world.user(&web_app, &id).await.is_some());
}

#[tokio::test]
async fn adding_keeps_a_session_alive_that_was_found_long_ago() {
    let world = World::new();
    let web_app = world.plain();
    let id = world.log_in(&web_app).await;
    let long = world.open(&web_app, Some(&id));
    assert!(long.get::<String>("user").await.unwrap().is_some());
    world.pass(MINUTE * 20);
    assert_eq!(long.increment("n", 1).await.unwrap(), 1);
    world.pass(MINUTE * 20);
    assert!(world.user(&web_app, &id).await.is_some());
}

#[tokio::test]
async fn an_expired_id_is_not_taken_again() {
    let world = World::new();
    let web_app = world.plain();
    let id = world.log_in(&web_app).await;
    world.pass(MINUTE * 30);
    let session = world.open(&web_app, Some(&id));
    assert_eq!(session.encode_url("/").await, "/");
    session.insert("user", "ann").unwrap();
    let other = id_in(&world.commit(&session).await.unwrap().unwrap());
    assert_ne!(other[3..14], id[3..14]);
}

#[tokio::test]
async fn sweeping_ends_what_nobody_asks_for_and_no_more_than_it_may() {
    let world = World::new();
    let (idle, old, never) = (
        world.web_app("/idle", &config(Some(10), None, 100)),
        world.web_app("/old", &config(None, Some(20), 100)),
        world.web_app("/never", &config(None, None, 100)),
    );
    for web_app in [&idle, &old, &never] {
        for _ in 0..30 {
            world.log_in(web_app).await;
        }
    }
    assert_eq!(world.sessions.sweep(1000), 0);
    world.pass(MINUTE * 10);
    assert_eq!(world.sessions.sweep(0), 0);
    assert_eq!(world.sessions.sweep(7), 7);
    assert_eq!((idle.live(), world.sessions.live()), (23, 83));
    assert_eq!(world.sessions.sweep(1000), 23);
    assert_eq!(idle.live(), 0);
    world.pass(MINUTE * 10);
    assert_eq!(world.sessions.sweep(1000), 30);
    assert_eq!((old.live(), never.live(), world.sessions.live()), (0, 30, 30));
    assert_eq!(world.sessions.sweep(1000), 0);
}

#[tokio::test]
async fn the_least_used_is_pushed_out() {
    let world = World::new();
    let web_app = world.web_app("/", &config(None, None, 3));
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(world.log_in(&web_app).await);
        world.pass(MINUTE);
    }
    // The first is used again, so the second goes.
    assert!(world.user(&web_app, &ids[0]).await.is_some());
    world.pass(MINUTE);
    ids.push(world.log_in(&web_app).await);
    let mut there = Vec::new();
    for id in &ids {
        there.push(world.user(&web_app, id).await.is_some());
    }
    assert_eq!(there, [true, false, true, true]);
    assert_eq!((world.sessions.live(), web_app.live()), (3, 3));
}

#[tokio::test]
async fn each_web_app_has_a_bound_of_its_own() {
    let world = World::new();
    let (small, big) =
        (world.web_app("/s", &config(None, None, 2)), world.web_app("/b", &config(None, None, 9)));
    let mut shared = Vec::new();
    for _ in 0..4 {
        let id = world.log_in(&big).await;
        let session = world.open(&small, Some(&id));
        session.insert("user", "small").unwrap();
        world.commit(&session).await.unwrap();
        shared.push(id);
        world.pass(MINUTE);
    }
    // The small one lost its part of two sessions; the big one still has them.
    assert_eq!((small.live(), big.live(), world.sessions.live()), (2, 4, 4));
    assert_eq!(world.user(&small, &shared[0]).await, None);
    assert!(world.user(&big, &shared[0]).await.is_some());
    assert!(world.user(&small, &shared[3]).await.is_some());
}

#[tokio::test]
async fn sharing_web_apps_expire_each_by_their_own_time() {
    let world = World::new();
    let (bank, home) = (
        world.web_app("/bank", &config(Some(5), None, 9)),
        world.web_app("/", &config(Some(30), None, 9)),
    );
    let id = world.log_in(&home).await;
    let session = world.open(&bank, Some(&id));
    session.insert("user", "ann").unwrap();
    world.commit(&session).await.unwrap();
    world.pass(MINUTE * 4);
    assert!(world.user(&home, &id).await.is_some());
    world.pass(MINUTE);
    assert_eq!(world.user(&bank, &id).await, None, "using the other does not count");
    assert!(world.user(&home, &id).await.is_some());
    assert_eq!((bank.live(), home.live(), world.sessions.live()), (0, 1, 1));
}

#[tokio::test]
async fn a_session_that_was_pushed_out_during_a_request_is_not_saved() {
    let world = World::new();
    let web_app = world.web_app("/", &config(None, None, 1));
    let id = world.log_in(&web_app).await;
    let late = world.open(&web_app, Some(&id));
    late.get_bytes("user").await.unwrap();
    world.pass(MINUTE);
    world.log_in(&web_app).await;
    late.insert("user", "bob").unwrap();
    assert!(world.commit(&late).await.unwrap_err().to_string().contains("ended"));
    assert_eq!(world.sessions.live(), 1);
}

#[tokio::test]
async fn the_session_that_was_just_made_is_not_the_one_to_go() {
    let world = World::new();
    let web_app = world.web_app("/", &config(None, None, 1));
    for _ in 0..20 {
        // All in the same moment, so that only the keys could tell which is the least used.
        let id = world.log_in(&web_app).await;
        assert!(world.user(&web_app, &id).await.is_some());
        assert_eq!(world.sessions.live(), 1);
    }
}

#[tokio::test]
async fn a_part_that_ended_during_a_request_is_not_begun_again_by_it() {
    let world = World::new();
    let (bank, home) = (
        world.web_app("/bank", &config(Some(5), None, 9)),
        world.web_app("/", &config(Some(30), None, 9)),
    );
    let id = world.log_in(&home).await;
    let early = world.open(&bank, Some(&id));
    early.insert("user", "ann").unwrap();
    world.commit(&early).await.unwrap();
    let late = world.open(&bank, Some(&id));
    late.get_bytes("user").await.unwrap();
    world.pass(MINUTE * 5);

    let next = world.open(&bank, Some(&id));
    next.insert("user", "bob").unwrap();
    assert!(next.is_new().await);
    assert!(matches!(late.increment("n", 1).await, Err(Error::Ended)));
    late.insert("user", "bob").unwrap();
    assert!(matches!(world.commit(&late).await, Err(Error::Ended)));
    assert!(world.user(&home, &id).await.is_some());

    // The next request begins a new part.
    assert_eq!(world.commit(&next).await.unwrap(), None);
    assert_eq!(world.user(&bank, &id).await.as_deref(), Some("bob"));
}
