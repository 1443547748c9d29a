//! Who gets new sessions, and who gets those that are bound.

use copal_testkit::cluster::Cluster;
use copal_testkit::deadline::Deadline;
use copal_testkit::origin::Origin;
use copal_testkit::port::Port;
use copal_testkit::raw::get;
use copal_testkit::step::{Step, ok};

use crate::farm::{self, BOUND, bound, count, visits};
use crate::held::Held;

#[test]
fn shares_are_exact_over_a_round_whatever_is_bound_meanwhile() {
    let (a, b) = (Origin::answering("a"), Origin::answering("b"));
    let servers = [(a.port(), "weight = 3"), (b.port(), "weight = 1")];
    let cluster = farm::start(farm::foreign("", &servers));
    let mut seen = Vec::new();
    for _ in 0..20 {
        seen.extend(visits(&cluster, 1));
        assert_eq!(bound(&cluster), "a");
    }
    seen.extend(visits(&cluster, 20));
    assert_eq!((count(&seen, "a"), count(&seen, "b")), (30, 10), "{seen:?}");
    for round in seen.windows(4) {
        assert_eq!(count(round, "a"), 3, "{seen:?}");
    }
}

#[test]
fn a_server_without_weight_gets_bound_requests_only() {
    let (a, b) = (Origin::answering("a"), Origin::answering("b"));
    let cluster = farm::start(farm::foreign("", &[(a.port(), "weight = 0"), (b.port(), "")]));
    assert_eq!(visits(&cluster, 8), ["b"; 8]);
    for _ in 0..4 {
        assert_eq!(bound(&cluster), "a");
    }
    // Better than none.
    drop(b);
    assert_eq!(visits(&cluster, 4), ["a"; 4]);
}

#[test]
fn a_backup_server_comes_before_one_without_weight() {
    let (a, b) = (Origin::answering("a"), Origin::answering("b"));
    let servers = [(a.port(), "weight = 0"), (b.port(), "backup = true")];
    let cluster = farm::start(farm::foreign("", &servers));
    assert_eq!(visits(&cluster, 4), ["b"; 4]);
    assert_eq!(bound(&cluster), "a");
}

#[test]
fn a_backup_server_gets_new_sessions_only_while_the_others_are_down() {
    let place = Port::take();
    let answering_b = |_: &copal_testkit::call::Call| vec![Step::Send(ok("b"))];
    let (a, b) = (Origin::answering("a"), Origin::start_at(&place, answering_b));
    let keys = "server-default = { load-balance-recover-time = \"1s\", load-balance-warmup-time = \"0s\" }";
    let servers = [(a.port(), "backup = true"), (b.port(), "")];
    let cluster = farm::start(farm::foreign(keys, &servers));
    assert_eq!(visits(&cluster, 6), ["b"; 6]);
    assert_eq!(bound(&cluster), "a", "its own sessions");
    drop(b);
    assert_eq!(visits(&cluster, 6), ["a"; 6]);
    let _b = Origin::start_at(&place, answering_b);
    let deadline = Deadline::after(Origin::PATIENCE);
    deadline.keep_asking("b is used again", || visits(&cluster, 1) == ["b"]);
    assert_eq!(visits(&cluster, 6), ["b"; 6]);
}

#[test]
fn the_least_busy_server_gets_the_new_ones() {
    let (a, b) = (Held::start(), Origin::answering("b"));
    let keys = "strategy = \"least-connection\"";
    let cluster = farm::start(farm::foreign(keys, &[(a.port(), ""), (b.port(), "")]));
    let mut busy = farm::asking(&cluster, &farm::request("GET", &format!("/held{BOUND}"), ""));
    a.wait(1);
    for _ in 0..8 {
        assert_eq!(visits(&cluster, 1), ["b"]);
        wait_in_flight(&cluster, 1);
    }
    a.let_go("/held");
    assert_eq!(busy.response().expect("an answer").text(), "/held");
    wait_in_flight(&cluster, 0);
    // Idle ones take turns again: within two requests one is at a.
    let mut clients: Vec<_> =
        (0..2).map(|_| farm::asking(&cluster, &farm::request("GET", "/again", ""))).collect();
    a.wait(2);
    a.let_go("/again");
    let mut texts: Vec<_> =
        clients.iter_mut().map(|client| client.response().expect("an answer").text()).collect();
    texts.sort();
    assert_eq!(texts, ["/again", "b"]);
}

/// An answer is in flight until its last byte was sent, which the client may see first.
fn wait_in_flight(cluster: &Cluster, count: u64) {
    cluster.wait_status("web-a", "so many are in flight", |status| {
        status.servers.iter().map(|server| server.in_flight).sum::<u64>() == count
    });
}

#[test]
fn a_heavier_server_may_be_busier() {
    let (a, b) = (Held::start(), Held::start());
    let keys = "strategy = \"least-connection\"";
    let servers = [(a.port(), "weight = 300"), (b.port(), "weight = 100")];
    let cluster = farm::start(farm::foreign(keys, &servers));
    let mut clients = Vec::new();
    for sent in 1..=8 {
        clients.push(farm::asking(&cluster, &farm::request("GET", "/", "")));
        let deadline = Deadline::after(Origin::PATIENCE);
        deadline.keep_asking("one more", || a.paths().len() + b.paths().len() == sent);
    }
    assert_eq!((a.paths().len(), b.paths().len()), (6, 2));
    a.let_all_go();
    b.let_all_go();
    for client in &mut clients {
        assert_eq!(client.response().expect("an answer").status, 200);
    }
}

#[test]
fn a_cookie_binds_as_the_path_does() {
    let (a, b) = (Origin::answering("a"), Origin::answering("b"));
    let cluster = farm::start(farm::foreign("", &[(a.port(), "weight = 0"), (b.port(), "")]));
    let request = "GET / HTTP/1.1\r\nHost: a\r\nCookie: JSESSIONID=abc\r\n\r\n";
    assert_eq!(copal_testkit::raw::ask(cluster.port(8080), request).text(), "a");
    assert_eq!(get(cluster.port(8080), "/").text(), "b");
}
