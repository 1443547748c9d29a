//! Nothing was sent yet: any request goes to the next server.

use copal_protocol::state::State;
use copal_testkit::origin::Origin;
use copal_testkit::port::Port;
use copal_testkit::raw::{Raw, ask};
use copal_testkit::step::{Step, ok};

use crate::farm::{self, BOUND, request, send_bound};
use crate::prometheus::Samples;

#[test]
fn any_method_with_any_body_goes_to_the_next_server() {
    let large = "x".repeat(200 << 10);
    for (method, body) in [("POST", "hello"), ("PATCH", "hello"), ("POST", &large), ("GET", "")] {
        let (nobody, b) = (Port::take(), Origin::answering("b"));
        let recipe = farm::foreign("", &[(nobody.number(), ""), (b.port(), "")]);
        let cluster = farm::start(recipe);
        let answer = send_bound(&cluster, method, body);
        assert_eq!((answer.status, answer.text().as_str()), (200, "b"), "{method}");
        let calls = b.calls();
        assert_eq!(calls.len(), 1, "{method}");
        assert!(calls[0].body == body.as_bytes(), "{method}: {} bytes", calls[0].body.len());
        let seen = cluster.desk("web-a").server("a");
        assert_eq!((seen.state, seen.failures), (State::Down, 1), "{seen:?}");
        assert_eq!(seen.why.as_deref(), Some("cannot be reached"));
    }
}

#[test]
fn a_body_in_chunks_arrives_as_it_was() {
    let (nobody, b) = (Port::take(), Origin::answering("b"));
    let cluster = farm::start(farm::foreign("", &[(nobody.number(), ""), (b.port(), "")]));
    let head = format!("POST /{BOUND} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    let answer = ask(cluster.port(8080), format!("{head}5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n"));
    assert_eq!(answer.text(), "b");
    let body = b.calls()[0].body.clone();
    let text = String::from_utf8_lossy(&body).into_owned();
    let payload: String = text.split("\r\n").skip(1).step_by(2).collect();
    assert_eq!(payload, "hello!", "{text:?}");
}

#[test]
fn every_server_is_tried_once_and_then_it_is_unavailable() {
    let nobody = [Port::take(), Port::take(), Port::take()];
    let servers: Vec<(u16, &str)> = nobody.iter().map(|port| (port.number(), "")).collect();
    let cluster = farm::start(farm::foreign("", &servers));
    for round in 1..=3 {
        let answer = send_bound(&cluster, "POST", "hello");
        assert_eq!(answer.status, 503, "{answer:?}");
        assert!(answer.field("retry-after").is_some(), "{answer:?}");
        for id in ["a", "b", "c"] {
            assert_eq!(cluster.desk("web-a").server(id).failures, round, "{id}");
        }
    }
    let figures = Samples::read(&cluster.desk("web-a").get("/metrics").text());
    let value = figures.value("copal_web_second_tries_refused_total", &[]);
    assert!(value.abs() < f64::EPSILON, "the budget is not for these: {value}");
}

#[test]
fn these_are_not_counted_against_the_budget() {
    let (nobody, b) = (Port::take(), Origin::answering("b"));
    // It is tried again with each request: whoever has no other server goes on trying.
    let servers = [(nobody.number(), ""), (b.port(), "")];
    let cluster = farm::start(farm::foreign("", &servers));
    drop(nobody);
    for _ in 0..30 {
        assert_eq!(send_bound(&cluster, "POST", "hello").text(), "b");
    }
    assert_eq!(b.calls().len(), 30);
}

#[test]
fn a_kept_connection_that_is_dead_is_no_reason_to_fail_a_post() {
    let a = Origin::start(|call| match call.connection {
        0 => vec![Step::Send(ok("first")), Step::Close],
        _ => vec![Step::Send(ok("again"))],
    });
    let b = Origin::answering("b");
    let cluster = farm::start(farm::foreign("", &[(a.port(), ""), (b.port(), "")]));
    let mut client = Raw::connect(cluster.port(8080));
    client.send(request("POST", &format!("/{BOUND}"), "one"));
    assert_eq!(client.response().expect("an answer").text(), "first");
    a.wait_ended(0);
    client.send(request("POST", &format!("/{BOUND}"), "two"));
    assert_eq!(client.response().expect("an answer").text(), "again");
    assert_eq!((a.calls().len(), b.calls().len()), (2, 0));
    assert_eq!(cluster.desk("web-a").server("a").failures, 0);
}
