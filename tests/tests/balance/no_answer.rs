//! The request was sent and not one byte came back: once more, elsewhere, when that is the same
//! as once.

use copal_testkit::call::Call;
use copal_testkit::origin::Origin;
use copal_testkit::raw::{Raw, ask};
use copal_testkit::step::Step;

use crate::farm::{self, BOUND, request, send_bound};

/// What is kept of a request's body.
const HELD: usize = 64 << 10;
/// What may have come together with the head, and is held as well.
const MORE: usize = 16 << 10;

fn breaking_off(step: &Step) -> Origin {
    let step = step.clone();
    Origin::start(move |_: &Call| vec![step.clone()])
}

fn without_a_body() -> Origin {
    Origin::answering("")
}

#[test]
fn once_more_on_another_server_if_that_can_do_no_harm() {
    for step in [Step::Close, Step::Reset] {
        for (method, again) in [
            ("GET", true),
            ("HEAD", true),
            ("OPTIONS", true),
            ("PUT", true),
            ("DELETE", true),
            ("POST", false),
            ("PATCH", false),
            ("PROPFIND", false),
        ] {
            let (a, b) = (breaking_off(&step), without_a_body());
            let cluster = farm::start(farm::foreign("", &[(a.port(), ""), (b.port(), "")]));
            let mut client = farm::asking(&cluster, &request(method, &format!("/{BOUND}"), ""));
            let answer = client.response_to_head().expect("an answer");
            assert_eq!(answer.status, if again { 200 } else { 502 }, "{method}: {answer:?}");
            assert_eq!((a.calls().len(), b.calls().len()), (1, usize::from(again)), "{method}");
            assert_eq!(cluster.desk("web-a").server("a").failures, 1, "{method}");
        }
    }
}

#[test]
fn not_a_third_time() {
    let (a, b) = (breaking_off(&Step::Close), breaking_off(&Step::Reset));
    let c = Origin::answering("c");
    let servers = [(a.port(), ""), (b.port(), ""), (c.port(), "")];
    let cluster = farm::start(farm::foreign("", &servers));
    assert_eq!(send_bound(&cluster, "GET", "").status, 502);
    assert_eq!((a.calls().len(), b.calls().len(), c.calls().len()), (1, 1, 0));
}

#[test]
fn a_server_that_refuses_in_between_is_no_second_time() {
    let nobody = copal_testkit::port::Port::take();
    let (a, c) = (breaking_off(&Step::Close), Origin::answering("c"));
    let servers = [(a.port(), ""), (nobody.number(), ""), (c.port(), "")];
    let cluster = farm::start(farm::foreign("", &servers));
    assert_eq!(send_bound(&cluster, "GET", "").text(), "c");
    assert_eq!((a.calls().len(), c.calls().len()), (1, 1));
}

#[test]
fn a_body_is_sent_again_as_long_as_all_of_it_is_held() {
    for (length, again) in [(1, true), (HELD, true), (HELD + MORE, false), (3 * HELD, false)] {
        let (a, b) = (breaking_off(&Step::Close), Origin::answering("b"));
        let cluster = farm::start(farm::foreign("", &[(a.port(), ""), (b.port(), "")]));
        let body: String = ('a'..='z').cycle().take(length).collect();
        let answer = send_bound(&cluster, "PUT", &body);
        assert_eq!(answer.status, if again { 200 } else { 502 }, "{length}: {answer:?}");
        assert_eq!(a.calls()[0].body.len(), length);
        let second: Vec<Vec<u8>> = b.calls().into_iter().map(|call| call.body).collect();
        let expected = if again { vec![body.into_bytes()] } else { Vec::new() };
        assert!(second == expected, "{length}");
    }
}

#[test]
fn a_body_that_comes_slowly_is_held_as_well() {
    let (a, b) = (breaking_off(&Step::Close), Origin::answering("b"));
    let cluster = farm::start(farm::foreign("", &[(a.port(), ""), (b.port(), "")]));
    let head = format!("PUT /{BOUND} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    let mut client = farm::asking(&cluster, &head);
    for piece in ["one", "two", "three"] {
        client.send(format!("{:x}\r\n{piece}\r\n", piece.len()));
        a.wait_bytes(piece);
    }
    client.send("0\r\n\r\n");
    assert_eq!(client.response().expect("an answer").text(), "b");
    assert_eq!(a.calls()[0].body, b.calls()[0].body);
}

/// A server dies when half of a body is there, and the client sends the rest when `b` has been
/// sent the first half, or not at all.
fn half(method: &str) -> (Origin, Origin, copal_testkit::cluster::Cluster, Raw) {
    let a = Origin::answering_early(|_| vec![Step::Reset]);
    let b = Origin::answering("b");
    let cluster = farm::start(farm::foreign("", &[(a.port(), ""), (b.port(), "")]));
    let head = format!("{method} /{BOUND} HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\nhalf");
    let client = farm::asking(&cluster, &head);
    (a, b, cluster, client)
}

#[test]
fn half_a_body_moves_on_when_its_server_dies() {
    let (a, b, _cluster, mut client) = half("PUT");
    b.wait_bytes("half");
    client.send("more");
    assert_eq!(client.response().expect("an answer").text(), "b");
    assert_eq!(b.calls()[0].body, b"halfmore");
    assert_eq!(a.calls().len(), 1);
}

#[test]
fn half_a_body_of_a_post_ends_with_its_server() {
    let (a, b, _cluster, mut client) = half("POST");
    let answer = client.response().expect("an answer");
    assert_eq!((answer.status, answer.says_close()), (502, true), "{answer:?}");
    assert_eq!((a.calls().len(), b.connections()), (1, 0));
}

#[test]
fn the_connection_of_the_client_goes_on_after_a_second_try() {
    let (a, b) = (breaking_off(&Step::Close), Origin::answering("b"));
    let cluster = farm::start(farm::foreign("", &[(a.port(), ""), (b.port(), "")]));
    let mut client = Raw::connect(cluster.port(8080));
    for body in ["", "one", "two"] {
        client.send(request("PUT", "/;jsessionid=abc", body));
        assert_eq!(client.response().expect("an answer").text(), "b");
    }
    let bodies: Vec<Vec<u8>> = b.calls().into_iter().map(|call| call.body).collect();
    assert_eq!(bodies, [&b""[..], b"one", b"two"]);
    assert_eq!(ask(cluster.port(8080), request("GET", "/;jsessionid=bac", "")).text(), "b");
}
