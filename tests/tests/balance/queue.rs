//! A server that is given so many requests at a time: the others wait, and are served in order.

use copal_testkit::cluster::Cluster;
use copal_testkit::desk;
use copal_testkit::origin::Origin;
use copal_testkit::raw::Raw;

use crate::farm::{self, BOUND, request};
use crate::held::Held;
use crate::seen::json;

fn asking(cluster: &Cluster, path: &str) -> Raw {
    farm::asking(cluster, &request("GET", path, ""))
}

fn wait_figures(cluster: &Cluster, server: &str, in_flight: u64, queued: u64) {
    let what = format!("{server} has {in_flight} in flight and {queued} wait");
    cluster.wait_status("web-a", &what, |status| {
        let seen = desk::of(status, server);
        (seen.in_flight, seen.queued) == (in_flight, queued)
    });
}

fn text(client: &mut Raw) -> String {
    let answer = client.response().expect("an answer");
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.text()
}

/// Two are let in at a time, and one after the other asks.
fn five(keys: &str) -> (Held, Cluster, Vec<Raw>) {
    let a = Held::start();
    let cluster = farm::start(farm::foreign("", &[(a.port(), keys)]));
    let mut clients = Vec::new();
    for number in 1..=5 {
        clients.push(asking(&cluster, &format!("/{number}")));
        wait_figures(&cluster, "a", number.min(2), number.saturating_sub(2));
        a.wait(usize::try_from(number.min(2)).expect("a small number"));
    }
    (a, cluster, clients)
}

#[test]
fn the_others_wait_and_are_served_in_order() {
    let (a, cluster, mut clients) = five("load-balance-max-requests = 2");
    a.wait(2);
    for served in 1..=3 {
        assert_eq!(a.paths().len(), served + 1, "two at a time");
        a.let_go(&format!("/{served}"));
        a.wait(served + 2);
    }
    assert_eq!(a.paths(), ["/1", "/2", "/3", "/4", "/5"]);
    wait_figures(&cluster, "a", 2, 0);
    a.let_all_go();
    let texts: Vec<String> = clients.iter_mut().map(text).collect();
    assert_eq!(texts, ["/1", "/2", "/3", "/4", "/5"]);
    wait_figures(&cluster, "a", 0, 0);
}

#[test]
fn who_waits_too_long_is_told_when_to_come_back() {
    let a = Held::start();
    let keys = "load-balance-max-requests = 1\nload-balance-queue-timeout = \"200ms\"";
    let cluster = farm::start(farm::foreign("", &[(a.port(), keys)]));
    let mut first = asking(&cluster, "/first");
    a.wait(1);
    for method in ["GET", "POST"] {
        let mut second = farm::asking(&cluster, &request(method, "/second", "hello"));
        let answer = second.response().expect("an answer");
        assert_eq!(answer.status, 503, "{answer:?}");
        let seconds = answer.field("retry-after").map(str::parse::<u64>);
        assert!(matches!(seconds, Some(Ok(1..))), "{answer:?}");
    }
    a.let_go("/first");
    assert_eq!(text(&mut first), "/first");
    assert_eq!(a.paths(), ["/first"]);
    wait_figures(&cluster, "a", 0, 0);
    let seen = cluster.desk("web-a").server("a");
    assert_eq!(seen.failures, 0, "it did nothing wrong: {seen:?}");
}

#[test]
fn bound_ones_wait_for_their_own_server_and_new_ones_for_any() {
    let (a, b) = (Held::start(), Held::start());
    let one = "load-balance-max-requests = 1";
    let cluster = farm::start(farm::foreign("", &[(a.port(), one), (b.port(), one)]));
    let mut at_a = asking(&cluster, &format!("/at-a{BOUND}"));
    a.wait(1);
    // There is room at b, and it is not for this one.
    let mut bound = asking(&cluster, &format!("/bound{BOUND}"));
    wait_figures(&cluster, "a", 1, 1);
    assert_eq!(b.paths().len(), 0);
    let mut at_b = asking(&cluster, "/at-b");
    b.wait(1);
    let mut new = asking(&cluster, "/new");
    cluster.wait_status("web-a", "the new one waits", |status| desk::of(status, "b").queued == 1);
    b.let_go("/at-b");
    b.wait(2);
    assert_eq!(
        (text(&mut at_b), b.paths()),
        ("/at-b".to_owned(), vec!["/at-b".to_owned(), "/new".to_owned()])
    );
    wait_figures(&cluster, "a", 1, 1);
    a.let_go("/at-a");
    a.wait(2);
    assert_eq!(a.paths(), ["/at-a", "/bound"]);
    a.let_all_go();
    b.let_all_go();
    let texts = [&mut at_a, &mut bound, &mut new].map(text);
    assert_eq!(texts, ["/at-a", "/bound", "/new"]);
}

#[test]
fn a_new_one_goes_where_there_is_room() {
    let (a, b) = (Held::start(), Origin::answering("b"));
    let one = "load-balance-max-requests = 1";
    let cluster = farm::start(farm::foreign("", &[(a.port(), one), (b.port(), "")]));
    let mut at_a = asking(&cluster, &format!("/at-a{BOUND}"));
    a.wait(1);
    for _ in 0..6 {
        assert_eq!(text(&mut asking(&cluster, "/new")), "b");
    }
    a.let_go("/at-a");
    assert_eq!(text(&mut at_a), "/at-a");
}

#[test]
fn who_waits_for_a_server_that_goes_down_is_answered_by_another() {
    let (a, b) = (Held::start(), Origin::answering("b"));
    let one = "load-balance-max-requests = 1";
    let cluster = farm::start(farm::foreign("", &[(a.port(), one), (b.port(), "")]));
    let mut first = asking(&cluster, &format!("/first{BOUND}"));
    a.wait(1);
    let mut second = asking(&cluster, &format!("/second{BOUND}"));
    wait_figures(&cluster, "a", 1, 1);
    drop(a);
    assert_eq!([text(&mut first), text(&mut second)], ["b", "b"]);
}

#[test]
fn who_goes_away_while_waiting_leaves_no_gap() {
    let a = Held::start();
    let keys = "load-balance-max-requests = 1\nload-balance-queue-timeout = \"1h\"";
    let cluster = farm::start(farm::foreign("", &[(a.port(), keys)]));
    let mut first = asking(&cluster, "/first");
    a.wait(1);
    let gone = asking(&cluster, "/gone");
    wait_figures(&cluster, "a", 1, 1);
    drop(gone);
    let mut last = asking(&cluster, "/last");
    cluster.wait_status("web-a", "the last one waits", |status| desk::of(status, "a").queued >= 1);
    a.let_go("/first");
    assert_eq!(text(&mut first), "/first");
    a.wait(2);
    a.let_all_go();
    if a.paths()[1] == "/gone" {
        a.wait(3);
        a.let_all_go();
    }
    assert_eq!(text(&mut last), "/last");
    wait_figures(&cluster, "a", 0, 0);
}

#[test]
fn the_bound_is_raised_and_lowered_while_some_wait() {
    let (a, mut cluster, mut clients) = five("load-balance-max-requests = 2");
    a.wait(2);
    cluster.rewrite("max-requests = 2", "max-requests = 4");
    cluster.desk("web-a").reload();
    a.wait(4);
    wait_figures(&cluster, "a", 4, 1);
    cluster.rewrite("max-requests = 4", "max-requests = 1");
    let answer = cluster.desk("web-a").post("/reload");
    let changed = json(&answer)["changed"].to_string();
    assert!(changed.contains("max-requests"), "{answer:?}");
    for path in ["/1", "/2", "/3"] {
        a.let_go(path);
        assert_eq!(text(&mut clients.remove(0)), path);
    }
    wait_figures(&cluster, "a", 1, 1);
    assert_eq!(a.paths().len(), 4, "the fifth still waits");
    let late = asking(&cluster, "/6");
    wait_figures(&cluster, "a", 1, 2);
    a.let_go("/4");
    a.wait(5);
    wait_figures(&cluster, "a", 1, 1);
    // Without a bound nobody waits.
    cluster.rewrite("max-requests = 1", "max-requests = 0");
    cluster.desk("web-a").reload();
    a.wait(6);
    a.let_all_go();
    clients.push(late);
    let texts: Vec<String> = clients.iter_mut().map(text).collect();
    assert_eq!(texts, ["/4", "/5", "/6"]);
}
