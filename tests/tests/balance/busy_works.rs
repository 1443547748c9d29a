//! A server of ours that says it is busy goes on with what it has begun.

use std::time::Duration;

use copal_protocol::state::State;
use copal_testkit::cluster::Cluster;
use copal_testkit::deadline::Deadline;
use copal_testkit::desk;
use copal_testkit::gate::Gate;
use copal_testkit::origin::Origin;
use copal_testkit::step::{Step, ok};

use crate::farm::{self, BOUND, request, send_bound};
use crate::held::Held;

const BUSY: &str =
    "HTTP/1.1 503 No\r\nRetry-After: 5\r\nCopal-Not-Begun: 1\r\nContent-Length: 0\r\n\r\n";

/// How long a server is left alone that says for the first time that it is busy.
const PAUSE: Duration = Duration::from_secs(1);

/// It is busy when it is asked for `/`, well when it is checked, and holds everything else.
fn busy() -> Held {
    Held::start_except(|path| match path {
        "/" => Some(vec![Step::Send(BUSY.into())]),
        path if path.starts_with("/.copal/") => Some(vec![Step::Send(ok("well"))]),
        _ => None,
    })
}

fn start(a: &Held, b: &Origin, check: &str) -> Cluster {
    let recipe = farm::ours(&[(a.port(), ""), (b.port(), "")]);
    farm::start(recipe.replaced("health-check = false", check))
}

fn is_busy(cluster: &Cluster) -> bool {
    let seen = cluster.desk("web-a").server("a");
    (seen.state, seen.why.as_deref()) == (State::Down, Some("busy"))
}

#[test]
fn what_a_busy_server_is_working_on_stays_with_it() {
    let (a, b) = (busy(), Origin::answering("b"));
    let cluster = start(&a, &b, "health-check = false");
    let paths = ["/1", "/2", "/3"];
    let mut clients = paths
        .map(|path| farm::asking(&cluster, &request("PUT", &format!("{path}{BOUND}"), "hello")));
    a.wait(3);
    assert_eq!(send_bound(&cluster, "GET", "").text(), "b");
    assert!(is_busy(&cluster));
    // Everybody has heard of it by now, and goes elsewhere.
    assert_eq!(farm::visits(&cluster, 4), ["b"; 4]);
    let mut came = a.paths();
    came.sort();
    assert_eq!((came.as_slice(), b.calls().len()), (&paths.map(str::to_owned)[..], 5));
    a.let_all_go();
    for (client, path) in clients.iter_mut().zip(paths) {
        assert_eq!(client.response().expect("an answer").text(), path);
    }
    assert_eq!((a.paths().len(), b.calls().len()), (3, 5), "each ran once");
}

#[test]
fn passed_checks_do_not_end_the_pause_that_a_busy_server_asked_for() {
    let (a, b) = (busy(), Origin::answering("b"));
    let check = "health-check = { interval = \"50ms\", timeout = \"50ms\", rise = 1, fall = 100 }";
    let cluster = start(&a, &b, check);
    a.origin.wait_calls(2);
    let pause = Deadline::after(PAUSE);
    assert_eq!(send_bound(&cluster, "GET", "").text(), "b");
    let _up = cluster.server("web-a").wait_for_log("up again");
    assert!(pause.has_passed(), "it is back too early");
    let calls = a.origin.calls();
    let checks = calls.iter().filter(|call| call.head.contains("copal-health-check")).count();
    assert!(checks > 3, "{checks} checks");
}

#[test]
fn who_waits_for_the_only_server_is_not_sent_away_because_it_is_busy() {
    let gate = Gate::new();
    let until_then = gate.clone();
    let a = Held::start_except(move |path| {
        let busy = vec![Step::Wait(until_then.clone()), Step::Send(BUSY.into())];
        (path == "/busy").then_some(busy)
    });
    let keys = "load-balance-max-requests = 2\nload-balance-queue-timeout = \"1h\"";
    let cluster = farm::start(farm::ours(&[(a.port(), keys)]));
    let asking = |path: &str| farm::asking(&cluster, &request("GET", path, ""));
    let (mut running, mut busy) = (asking("/1"), asking("/busy"));
    a.origin.wait_calls(2);
    let mut waiting = [asking("/2"), asking("/3")];
    cluster.wait_status("web-a", "two wait", |status| desk::of(status, "a").queued == 2);
    gate.open();
    assert_eq!(busy.response().expect("an answer").status, 503);
    // The place that became free is taken, although the server is left alone for a while.
    a.wait(2);
    a.let_go("/1");
    assert_eq!(running.response().expect("an answer").status, 200);
    a.wait(3);
    a.let_all_go();
    for client in &mut waiting {
        assert_eq!(client.response().expect("an answer").status, 200);
    }
}
