//! A server of ours that says it had not begun (a marked 503), and servers that are not believed.

use copal_protocol::state::State;
use copal_testkit::cluster::Cluster;
use copal_testkit::origin::Origin;
use copal_testkit::step::Step;

use crate::farm::{self, send_bound};
use crate::prometheus::Samples;

const MARK: &str = "Copal-Not-Begun: 1\r\n";

/// A server that answers everything with 503 and these fields.
fn unavailable(fields: &str, body: &str) -> Origin {
    let length = body.len();
    let answer =
        format!("HTTP/1.1 503 No\r\n{fields}Content-Length: {length}\r\n\r\n{body}").into_bytes();
    Origin::start(move |_| vec![Step::Send(answer.clone())])
}

fn ours(servers: &[&Origin]) -> Cluster {
    let servers: Vec<(u16, &str)> = servers.iter().map(|origin| (origin.port(), "")).collect();
    farm::start(farm::ours(&servers))
}

fn second_tries(cluster: &Cluster, reason: &str) -> f64 {
    let figures = Samples::read(&cluster.desk("web-a").get("/metrics").text());
    figures.value("copal_web_second_tries_total", &[("reason", reason)])
}

#[test]
fn what_was_not_begun_goes_to_the_next_server_whatever_it_is() {
    for method in ["POST", "PATCH", "GET", "PUT"] {
        let (a, b) = (unavailable(MARK, "a"), Origin::answering("b"));
        let cluster = ours(&[&a, &b]);
        let answer = send_bound(&cluster, method, "hello");
        assert_eq!((answer.status, answer.text().as_str()), (200, "b"), "{method}");
        assert_eq!(b.calls()[0].body, b"hello");
        let seen = cluster.desk("web-a").server("a");
        assert_eq!(seen.state, State::Ready, "the mark alone says nothing: {seen:?}");
    }
}

#[test]
fn the_second_one_is_passed_on_without_the_mark() {
    let (a, b) = (unavailable(MARK, "a"), unavailable(&format!("X-B: 1\r\n{MARK}"), "b"));
    let c = Origin::answering("c");
    let cluster = ours(&[&a, &b, &c]);
    let answer = send_bound(&cluster, "POST", "hello");
    assert_eq!((answer.status, answer.text().as_str()), (503, "b"), "{answer:?}");
    assert_eq!((answer.field("x-b"), answer.field("copal-not-begun")), (Some("1"), None));
    assert_eq!((a.calls().len(), b.calls().len(), c.calls().len()), (1, 1, 0));
}

#[test]
fn the_only_server_is_passed_on_too() {
    let a = unavailable(MARK, "a");
    let cluster = ours(&[&a]);
    let answer = send_bound(&cluster, "GET", "");
    assert_eq!((answer.status, answer.text().as_str()), (503, "a"), "{answer:?}");
    assert_eq!(answer.field("copal-not-begun"), None);
    assert_eq!(a.calls().len(), 1);
}

#[test]
fn the_budget_does_not_count_these() {
    let (a, b) = (unavailable(MARK, "a"), Origin::answering("b"));
    let cluster = ours(&[&a, &b]);
    for _ in 0..50 {
        assert_eq!(send_bound(&cluster, "POST", "hello").text(), "b");
    }
    assert_eq!((a.calls().len(), b.calls().len()), (50, 50));
    assert!((second_tries(&cluster, "not-begun") - 50.0).abs() < f64::EPSILON);
}

#[test]
fn what_is_not_held_any_more_is_passed_on() {
    let (a, b) = (unavailable(MARK, "a"), Origin::answering("b"));
    let cluster = ours(&[&a, &b]);
    let answer = send_bound(&cluster, "POST", &"x".repeat(80 << 10));
    assert_eq!((answer.status, answer.text().as_str()), (503, "a"), "{answer:?}");
    assert_eq!(answer.field("copal-not-begun"), None);
    assert_eq!(send_bound(&cluster, "POST", &"x".repeat(64 << 10)).text(), "b");
    assert_eq!(b.calls().len(), 1);
}

#[test]
fn who_says_when_to_come_back_is_busy_until_then() {
    let fields = format!("Retry-After: 5\r\n{MARK}");
    let (a, b) = (unavailable(&fields, "a"), Origin::answering("b"));
    let cluster = ours(&[&a, &b]);
    assert_eq!(send_bound(&cluster, "POST", "hello").text(), "b");
    let seen = cluster.desk("web-a").server("a");
    assert_eq!((seen.state, seen.why.as_deref()), (State::Down, Some("busy")), "{seen:?}");
    assert_eq!(send_bound(&cluster, "POST", "hello").text(), "b");
    assert_eq!(a.calls().len(), 1, "left alone");
}

#[test]
fn who_is_busy_is_known_to_be_even_where_its_answer_is_passed_on() {
    let fields = format!("Retry-After: 5\r\n{MARK}");
    let (a, b) = (unavailable(MARK, "a"), unavailable(&fields, "b"));
    let cluster = ours(&[&a, &b]);
    let answer = send_bound(&cluster, "POST", "hello");
    assert_eq!((answer.status, answer.text().as_str()), (503, "b"), "{answer:?}");
    let seen = cluster.desk("web-a").server("b");
    assert_eq!((seen.state, seen.why.as_deref()), (State::Down, Some("busy")), "{seen:?}");
}

#[test]
fn an_application_that_answers_503_has_answered() {
    for method in ["GET", "POST"] {
        let (a, b) = (unavailable("Retry-After: 5\r\n", "a"), Origin::answering("b"));
        let cluster = ours(&[&a, &b]);
        let answer = send_bound(&cluster, method, "hello");
        assert_eq!((answer.status, answer.text().as_str()), (503, "a"), "{method}: {answer:?}");
        assert_eq!(answer.field("retry-after"), Some("5"));
        assert_eq!(b.calls().len(), 0, "{method}");
        let seen = cluster.desk("web-a").server("a");
        assert_eq!((seen.state, seen.failures), (State::Ready, 0), "{seen:?}");
    }
}
