//! The states of servers that are not ours: what operators want of them is told to the web server,
//! and they may announce themselves that they drain.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use copal_protocol::state::State;
use copal_testkit::cluster::Cluster;
use copal_testkit::origin::Origin;
use copal_testkit::step::{Step, ok};

use crate::farm::{self, bound, count, visits};
use crate::seen::json;

fn wish(cluster: &Cluster, server: &str, wish: &str, state: State) {
    let answer = cluster.desk("web-a").post(&format!("/servers/{server}/{wish}"));
    assert_eq!((answer.status, &json(&answer)["state"]), (200, &state.as_str().into()));
    assert_eq!(cluster.desk("web-a").server(server).state, state, "at once");
}

/// How many of four new visitors `a` answers, and who answers one whose session is there.
fn who(cluster: &Cluster) -> (usize, String) {
    (count(&visits(cluster, 4), "a"), bound(cluster))
}

#[test]
fn each_state_leaves_a_server_its_own_requests() {
    let (a, b) = (Origin::answering("a"), Origin::answering("b"));
    let cluster = farm::start(farm::foreign("", &[(a.port(), ""), (b.port(), "")]));
    assert_eq!(who(&cluster), (2, "a".to_owned()));
    for (word, state, new, home) in [
        ("drain", State::Drain, 0, "a"),
        ("evict", State::Evict, 0, "b"),
        ("maintenance", State::Maintenance, 0, "b"),
        ("enable", State::Ready, 2, "a"),
    ] {
        wish(&cluster, "a", word, state);
        assert_eq!(who(&cluster), (new, home.to_owned()), "{word}");
    }
}

#[test]
fn a_state_survives_a_reload() {
    let (a, b) = (Origin::answering("a"), Origin::answering("b"));
    let mut cluster = farm::start(farm::foreign("", &[(a.port(), ""), (b.port(), "")]));
    wish(&cluster, "a", "evict", State::Evict);
    cluster.desk("web-a").reload();
    assert_eq!(cluster.desk("web-a").server("a").state, State::Evict);
    cluster.rewrite("id = \"a\"", "id = \"a\"\nweight = 7");
    cluster.desk("web-a").reload();
    let seen = cluster.desk("web-a").server("a");
    assert_eq!((seen.state, seen.weight), (State::Evict, 7));
    assert_eq!(who(&cluster), (0, "b".to_owned()));
}

#[test]
fn the_last_one_is_used_whatever_is_wanted_of_it() {
    for (word, state) in
        [("drain", State::Drain), ("evict", State::Evict), ("maintenance", State::Maintenance)]
    {
        let (a, b) = (Origin::answering("a"), Origin::answering("b"));
        let cluster = farm::start(farm::foreign("", &[(a.port(), ""), (b.port(), "")]));
        wish(&cluster, "a", word, state);
        drop(b);
        for _ in 0..3 {
            assert_eq!(who(&cluster), (4, "a".to_owned()), "{word}");
        }
    }
}

#[test]
fn a_server_may_announce_that_it_drains_and_nothing_else() {
    let drains = Arc::new(AtomicBool::new(false));
    let announced = Arc::clone(&drains);
    let a = Origin::start(move |call| {
        if !call.request_line().contains("/health") {
            return vec![Step::Send(ok("a"))];
        }
        let state = if announced.load(Ordering::SeqCst) { "drain" } else { "maintenance" };
        let answer =
            format!("HTTP/1.1 200 OK\r\nCopal-State: {state}\r\nContent-Length: 0\r\n\r\n");
        vec![Step::Send(answer.into())]
    });
    let b = Origin::answering("b");
    let check = "health-check = { path = \"/health\", interval = \"100ms\", timeout = \"100ms\" }";
    let cluster = farm::start(farm::foreign("", &[(a.port(), check), (b.port(), "")]));
    a.wait_calls(2);
    assert_eq!(cluster.desk("web-a").server("a").state, State::Ready);
    drains.store(true, Ordering::SeqCst);
    cluster.wait_state("web-a", "a", State::Drain);
    assert_eq!(who(&cluster), (0, "a".to_owned()));
    // What an operator wants says more.
    wish(&cluster, "a", "evict", State::Evict);
    assert_eq!(who(&cluster), (0, "b".to_owned()));
    let checks = a.calls().len();
    a.wait_calls(checks + 2);
    assert_eq!(cluster.desk("web-a").server("a").state, State::Evict);
    let answer = cluster.desk("web-a").post("/servers/a/enable");
    assert_eq!(json(&answer)["state"], "drain", "it still says so itself");
    drains.store(false, Ordering::SeqCst);
    cluster.wait_state("web-a", "a", State::Ready);
    assert_eq!(who(&cluster), (2, "a".to_owned()));
}
