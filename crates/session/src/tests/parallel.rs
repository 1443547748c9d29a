//! Requests and tasks at the same time.

use std::sync::{Arc, Barrier};
use std::thread;

use copal_config::session_config::SessionConfig;
use tokio::runtime::Builder;

use super::world::{World, worlds};
use crate::session::Session;
use crate::sessions::Sessions;
use crate::web_app::WebApp;

const THREADS: usize = 8;

/// Runs the same on several threads that start together.
fn on_all_threads(work: impl AsyncFn(usize) + Sync) {
    let barrier = Barrier::new(THREADS);
    thread::scope(|scope| {
        for number in 0..THREADS {
            let (work, barrier) = (&work, &barrier);
            scope.spawn(move || {
                let runtime = Builder::new_current_thread().build().unwrap();
                barrier.wait();
                runtime.block_on(work(number));
            });
        }
    });
}

/// More of those that are soon made.
fn many_worlds() -> impl Iterator<Item = World> {
    (0..50).map(|_| World::new()).chain((0..5).map(|_| World::on_ring()))
}

#[test]
fn everything_may_cross_threads() {
    fn check<T: Send + Sync + 'static>() {}
    fn check_future(_: &(impl Future + Send)) {}
    check::<Session>();
    check::<Sessions>();
    check::<Arc<WebApp>>();
    let world = World::new();
    let session = world.open(&world.plain(), None);
    check_future(&session.get::<u8>("a"));
    check_future(&session.increment("a", 1));
    check_future(&session.attributes());
    check_future(&session.id());
    check_future(&world.sessions.commit(&session));
}

#[tokio::test]
async fn two_requests_that_set_different_attributes_never_undo_each_other() {
    for world in worlds() {
        let web_app = world.plain();
        let id = world.log_in(&web_app).await;
        let [first, second] = [(); 2].map(|()| world.open(&web_app, Some(&id)));
        for session in [&first, &second] {
            assert_eq!(session.attributes().await.unwrap().len(), 1);
        }
        first.insert("first", 1).unwrap();
        second.insert("second", 2).unwrap();
        second.remove("user").unwrap();
        world.commit(&second).await.unwrap();
        let seen = first.get::<i32>("second").await.unwrap();
        assert_eq!(seen, world.reads_in_place().then_some(2));
        world.commit(&first).await.unwrap();
        let all = world.open(&web_app, Some(&id)).attributes().await.unwrap();
        assert_eq!(all.keys().collect::<Vec<_>>(), ["first", "second"]);
    }
}

#[test]
fn no_increment_is_lost() {
    for world in worlds() {
        let web_app = world.plain();
        let runtime = Builder::new_current_thread().build().unwrap();
        let id = runtime.block_on(world.log_in(&web_app));
        on_all_threads(async |number| {
            for round in 0..500 {
                let session = world.open(&web_app, Some(&id));
                assert!(session.increment("n", 1).await.unwrap() > 0);
                session.insert(&format!("of {number}"), round).unwrap();
                world.commit(&session).await.unwrap();
            }
        });
        let all = runtime.block_on(async {
            let session = world.open(&web_app, Some(&id));
            assert_eq!(session.get("n").await.unwrap(), Some(THREADS * 500));
            session.attributes().await.unwrap()
        });
        assert_eq!(all.len(), 2 + THREADS);
        assert!((0..THREADS).all(|number| all[&format!("of {number}")] == "499"));
    }
}

#[test]
fn tasks_of_one_request_make_one_session() {
    for world in many_worlds() {
        let web_app = world.plain();
        let session = world.open(&web_app, Some("abcAAAAAAAAAAAAAAAAAAAAAAA"));
        on_all_threads(async |number| {
            let session = session.clone();
            session.insert(&format!("of {number}"), number).unwrap();
            session.increment("n", 1).await.unwrap();
            assert!(session.id().await.unwrap().is_some());
        });
        world.has(1, &[(&web_app, 1)]);
        let runtime = Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let id = session.id().await.unwrap().unwrap();
            world.commit(&session).await.unwrap();
            let later = world.open(&web_app, Some(id.as_str()));
            assert_eq!(later.get("n").await.unwrap(), Some(THREADS));
            assert_eq!(later.attributes().await.unwrap().len(), 1 + THREADS);
        });
    }
}

#[test]
fn a_change_is_refused_or_saved_and_never_swallowed() {
    for world in many_worlds() {
        let web_app = world.plain();
        let runtime = Builder::new_current_thread().build().unwrap();
        let id = runtime.block_on(world.log_in(&web_app));
        let session = world.open(&web_app, Some(&id));
        let taken = std::sync::Mutex::new(Vec::new());
        on_all_threads(async |number| {
            if number == 0 {
                world.commit(&session).await.unwrap();
            } else {
                let name = format!("of {number}");
                if session.insert(&name, number).is_ok() {
                    taken.lock().unwrap().push(name);
                }
            }
        });
        let all = runtime.block_on(world.open(&web_app, Some(&id)).attributes()).unwrap();
        let mut taken = taken.into_inner().unwrap();
        taken.push("user".to_owned());
        taken.sort();
        assert_eq!(all.into_keys().collect::<Vec<_>>(), taken);
    }
}

#[test]
fn many_threads_at_the_bound_leave_exactly_so_many() {
    let world = World::new();
    let config = SessionConfig { session_max: 20, ..SessionConfig::default() };
    let (web_app, other) = (world.web_app("/", &config), world.web_app("/other", &config));
    on_all_threads(async |number| {
        for round in 0..100 {
            let id = world.log_in(&web_app).await;
            world.user(&web_app, &id).await;
            let shared = world.open(&other, Some(&id));
            shared.insert("user", "other").unwrap();
            // Another thread may have pushed it out meanwhile, and then this is a new one.
            let _ = world.commit(&shared).await;
            if (round + number) % 10 == 0 {
                let session = world.open(&web_app, Some(&id));
                session.destroy().unwrap();
                world.commit(&session).await.unwrap();
            }
            let _ = world.sessions.sweep(10);
        }
    });
    assert!(web_app.live() <= 20 && other.live() <= 20);
    // The last thing that happened may have been that sessions were destroyed.
    let runtime = Builder::new_current_thread().build().unwrap();
    for _ in 0..20 {
        runtime.block_on(world.log_in(&web_app));
    }
    assert_eq!(web_app.live(), 20);
    assert!((20..=40).contains(&world.sessions.live()), "{}", world.sessions.live());
    world.pass(std::time::Duration::from_secs(3600));
    let _ = world.sessions.sweep(usize::MAX);
    assert_eq!((world.sessions.live(), web_app.live(), other.live()), (0, 0, 0));
}
