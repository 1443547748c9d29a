//! A server that stops: its users are answered by another one, never by an error.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use copal_testkit::cluster::Cluster;
use copal_testkit::deadline::Deadline;
use copal_testkit::gate::Gate;
use copal_testkit::raw::Raw;
use copal_testkit::recipe::Recipe;
use copal_testkit::visitor::Visitor;

use crate::seen::{json, server};

fn start() -> Cluster {
    // A server that came back is used again after a second at the latest, and as much as before.
    let quick =
        "port = 6801\nload-balance-recover-time = \"1s\"\nload-balance-warmup-time = \"0s\"";
    let recipe = Recipe::example("one_balancer_two_backends").replaced("port = 6801", quick);
    Cluster::start(recipe)
}

/// Visitors whose sessions are on app-b.
fn visitors_of_b(cluster: &Cluster) -> Vec<Visitor> {
    let mut bound = Vec::new();
    while bound.len() < 3 {
        let mut visitor = Visitor::new(cluster.port(8080));
        if server(&visitor.get("/counter")) == "app-b" {
            bound.push(visitor);
        }
    }
    bound
}

fn users_move_and_come_back(end: fn(&mut Cluster)) {
    let mut cluster = start();
    let mut visitors = visitors_of_b(&cluster);
    end(&mut cluster);
    for round in 1..4 {
        for visitor in &mut visitors {
            let next = visitor.get("/counter");
            assert_eq!(server(&next), "app-a", "{next:?}");
            // Kept in memory only, the session is a new one; from now on it counts again.
            assert_eq!(json(&next)["count"], round);
        }
    }
    cluster.start_server("app-b");
    let mut bound = Visitor::new(cluster.port(8080));
    bound.set_cookie("JSESSIONID", "bacX8ZwooOz");
    let deadline = Deadline::after(Duration::from_secs(20));
    deadline.keep_asking("app-b is used again", || server(&bound.get("/echo")) == "app-b");
    let mut new: Vec<String> =
        (0..4).map(|_| server(&Visitor::new(cluster.port(8080)).get("/echo"))).collect();
    new.sort_unstable();
    assert_eq!(new, ["app-a", "app-a", "app-b", "app-b"]);
}

#[test]
fn a_stopped_server_is_left_and_used_again() {
    users_move_and_come_back(|cluster| {
        assert_eq!(cluster.stop("app-b").code(), Some(0));
    });
}

#[test]
fn a_killed_server_is_left_and_used_again() {
    users_move_and_come_back(|cluster| {
        cluster.kill("app-b");
    });
}

/// Keeps asking on one connection until it is over, and returns what was not answered well.
fn ask_on(port: u16, answered: &Gate, over: &AtomicBool) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut client = Raw::connect(port);
    while !over.load(Ordering::SeqCst) {
        client.send("GET /echo HTTP/1.1\r\nHost: a\r\nCookie: JSESSIONID=bacX8ZwooOz\r\n\r\n");
        match client.response() {
            Ok(response) if response.status == 200 => answered.pass(),
            other => {
                wrong.push(format!("{other:?}"));
                client = Raw::connect(port);
            }
        }
    }
    wrong
}

fn nobody_sees_an_error_while(end: fn(&mut Cluster)) {
    let mut cluster = start();
    let port = cluster.port(8080);
    // Open from the start: it only counts.
    let answered = Gate::new();
    answered.open();
    let over = AtomicBool::new(false);
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let askers: Vec<_> =
            (0..4).map(|_| scope.spawn(|| ask_on(port, &answered, &over))).collect();
        answered.wait_reached(50);
        end(&mut cluster);
        answered.wait_reached(answered.reached() + 50);
        over.store(true, Ordering::SeqCst);
        askers.into_iter().flat_map(|asker| asker.join().expect("an asker")).collect()
    });
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn no_running_request_fails_when_a_server_stops() {
    nobody_sees_an_error_while(|cluster| {
        cluster.stop("app-b");
    });
}

#[test]
fn no_running_request_fails_when_a_server_is_killed() {
    nobody_sees_an_error_while(|cluster| {
        cluster.kill("app-b");
    });
}
