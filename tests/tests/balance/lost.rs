//! All servers are down, and one comes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use copal_protocol::state::State;
use copal_testkit::cluster::Cluster;
use copal_testkit::deadline::Deadline;
use copal_testkit::origin::Origin;
use copal_testkit::port::Port;
use copal_testkit::raw::get;
use copal_testkit::recipe::Recipe;
use copal_testkit::step::{Step, ok};

use crate::farm;

/// From the moment at which a server can be connected to, or was seen to be.
const LIMIT: Duration = Duration::from_millis(1500);

/// Keeps asking until there is a good answer, and checks that it came soon.
fn first_good_answer(port: u16) {
    let limit = Deadline::after(LIMIT);
    loop {
        let status = get(port, "/echo").status;
        assert!(!limit.has_passed(), "after {LIMIT:?} the answer is {status}");
        if status == 200 {
            return;
        }
        assert_eq!(status, 503);
    }
}

#[test]
fn app_servers_that_come_back_are_used_at_once() {
    let mut cluster = Cluster::start(Recipe::example("one_balancer_two_backends"));
    let port = cluster.port(8080);
    for letters in ["abc", "bac"] {
        assert_eq!(get(port, &format!("/echo;jsessionid={letters}")).status, 200);
    }
    for app in ["app-a", "app-b"] {
        cluster.kill(app);
    }
    for app in ["app-a", "app-b"] {
        cluster.wait_state("web-a", app, State::Down);
    }
    // So often that pauses after failures would be at their longest.
    for _ in 0..20 {
        let answer = get(port, "/echo");
        assert_eq!(answer.status, 503, "{answer:?}");
        let seconds = answer.field("retry-after").map(str::parse::<u64>);
        assert!(matches!(seconds, Some(Ok(1..))), "{answer:?}");
    }
    cluster.start_server("app-b");
    first_good_answer(port);
    cluster.start_server("app-a");
    cluster.wait_state("web-a", "app-a", State::Warming);
}

#[test]
fn servers_that_nobody_checks_are_used_as_soon_as_they_are_back() {
    let (first, second) = (Port::take(), Port::take());
    let servers = [(first.number(), ""), (second.number(), "")];
    let cluster = farm::start(farm::foreign("", &servers));
    for _ in 0..20 {
        assert_eq!(get(cluster.port(8080), "/").status, 503);
    }
    cluster.wait_state("web-a", "a", State::Down);
    cluster.wait_state("web-a", "b", State::Down);
    let _back = Origin::start_at(&second, |_| vec![Step::Send(ok("b"))]);
    first_good_answer(cluster.port(8080));
}

#[test]
fn one_passed_check_is_enough_when_there_is_nobody_else() {
    let (well, passed) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicUsize::new(0)));
    let (is_well, counted) = (Arc::clone(&well), Arc::clone(&passed));
    let a = Origin::start(move |_| {
        if is_well.load(Ordering::SeqCst) {
            counted.fetch_add(1, Ordering::SeqCst);
            return vec![Step::Send(ok("a"))];
        }
        vec![Step::Send(b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n".to_vec())]
    });
    let check =
        "health-check = { path = \"/\", interval = \"100ms\", timeout = \"100ms\", rise = 100 }";
    let cluster = farm::start(farm::foreign("", &[(a.port(), check)]));
    a.wait_calls(1);
    well.store(false, Ordering::SeqCst);
    cluster.wait_state("web-a", "a", State::Down);
    passed.store(0, Ordering::SeqCst);
    well.store(true, Ordering::SeqCst);
    cluster.wait_state("web-a", "a", State::Warming);
    let passed = passed.load(Ordering::SeqCst);
    assert!(passed < 100, "{passed}");
}
