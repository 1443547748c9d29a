//! Who waits in a queue while servers or clients go away.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use copal_protocol::state::State;
use copal_testkit::cluster::Cluster;
use copal_testkit::desk;
use copal_testkit::gate::Gate;
use copal_testkit::raw::Raw;
use copal_testkit::step::{Step, ok};

use crate::farm::{self, BOUND, request};
use crate::held::Held;

const ONE: &str = "load-balance-max-requests = 1\nload-balance-queue-timeout = \"1h\"";

fn asking(cluster: &Cluster, path: &str) -> Raw {
    farm::asking(cluster, &request("GET", path, ""))
}

fn text(client: &mut Raw) -> String {
    let answer = client.response().expect("an answer");
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.text()
}

/// A server that answers its health checks until it hangs.
fn checked(hangs: &Arc<AtomicBool>, gate: &Gate) -> Held {
    let (hangs, gate) = (Arc::clone(hangs), gate.clone());
    Held::start_except(move |path| {
        let steps = match hangs.load(Ordering::SeqCst) {
            true => vec![Step::Wait(gate.clone())],
            false => vec![Step::Send(ok("well"))],
        };
        (path == "/health").then_some(steps)
    })
}

#[test]
fn who_waits_is_not_sent_to_a_server_that_has_just_been_declared_down() {
    let (hangs, gate) = (Arc::new(AtomicBool::new(false)), Gate::new());
    let (a, b) = (Held::start(), checked(&hangs, &gate));
    let check = "health-check = { path = \"/health\", interval = \"300ms\", timeout = \"300ms\" }";
    let keys = format!("{ONE}\n{check}");
    let cluster = farm::start(farm::foreign("", &[(a.port(), ONE), (b.port(), &keys)]));
    let mut at_a = asking(&cluster, &format!("/at-a{BOUND}"));
    a.wait(1);
    let mut at_b = asking(&cluster, "/at-b");
    b.wait(1);
    let mut waiting = ["/first", "/second"].map(|path| asking(&cluster, path));
    let queued = |count| {
        cluster
            .wait_status("web-a", "so many wait", |status| desk::of(status, "a").queued == count);
    };
    queued(2);
    hangs.store(true, Ordering::SeqCst);
    cluster.wait_state("web-a", "b", State::Down);
    // What b was working on waits as well, and the place it had is nobody's.
    queued(3);
    a.let_go("/at-a");
    assert_eq!(text(&mut at_a), "/at-a");
    for count in 2..=4 {
        a.wait(count);
        a.let_all_go();
    }
    let [first, second] = &mut waiting;
    assert_eq!([first, second, &mut at_b].map(text), ["/first", "/second", "/at-b"]);
    assert_eq!(b.paths(), ["/at-b"], "only what came before it was down");
    gate.open();
    b.let_all_go();
}

#[test]
fn who_waits_is_answered_by_a_server_that_came_up_meanwhile() {
    let well = Arc::new(AtomicBool::new(false));
    let is_well = Arc::clone(&well);
    let b = Held::start_except(move |path| {
        let answer = match is_well.load(Ordering::SeqCst) {
            true => ok("b"),
            false => b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n".to_vec(),
        };
        Some(vec![Step::Send(if path == "/health" { answer } else { ok("b") })])
    });
    let a = Held::start();
    let check = "health-check = { path = \"/health\", interval = \"100ms\", timeout = \"100ms\" }";
    let cluster = farm::start(farm::foreign("", &[(a.port(), ONE), (b.port(), check)]));
    cluster.wait_state("web-a", "b", State::Down);
    let mut at_a = asking(&cluster, "/at-a");
    a.wait(1);
    let mut waiting = asking(&cluster, "/waiting");
    cluster.wait_status("web-a", "one waits", |status| desk::of(status, "a").queued == 1);
    well.store(true, Ordering::SeqCst);
    assert_eq!(text(&mut waiting), "b");
    assert_eq!(a.paths(), ["/at-a"]);
    a.let_all_go();
    assert_eq!(text(&mut at_a), "/at-a");
}

#[test]
fn clients_that_left_the_queue_are_never_sent_and_the_living_one_is() {
    let a = Held::start();
    let cluster = farm::start(farm::foreign("", &[(a.port(), ONE)]));
    let mut running = asking(&cluster, "/running");
    a.wait(1);
    let gone = [1, 2, 3].map(|number| {
        let client = farm::asking(&cluster, &request("POST", &format!("/gone-{number}"), "x"));
        cluster.wait_status("web-a", "it waits", |status| desk::of(status, "a").queued == number);
        client
    });
    drop(gone);
    let mut living = asking(&cluster, "/living");
    cluster.wait_status("web-a", "it waits", |status| desk::of(status, "a").queued > 0);
    a.let_go("/running");
    assert_eq!(text(&mut running), "/running");
    a.wait(2);
    a.let_all_go();
    assert_eq!(text(&mut living), "/living");
    assert_eq!(a.paths(), ["/running", "/living"]);
}
