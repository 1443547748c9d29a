//! A server that answers while the client is still sending.

use copal_testkit::gate::Gate;
use copal_testkit::origin::Origin;
use copal_testkit::raw::{Raw, get};
use copal_testkit::step::{Step, ok};

use crate::start::balancer;

/// Answers POST before its body, and everything else well. Its connections go on.
fn hasty() -> Origin {
    Origin::answering_early(|call| {
        let early = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 5\r\n\r\nearly".to_vec();
        let is_post = call.request_line().starts_with("POST ");
        vec![Step::Send(if is_post { early } else { ok("good") })]
    })
}

/// A client that was answered early; 96 bytes of its body have not been sent.
fn answered_early(port: u16) -> Raw {
    let mut client = Raw::connect(port);
    client.send("POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\npart");
    let response = client.response().expect("the early answer");
    assert_eq!((response.status, response.text().as_str()), (401, "early"), "{response:?}");
    assert!(response.says_close(), "{response:?}");
    client
}

#[test]
fn the_rest_of_an_upload_that_was_answered_early_is_no_request() {
    let origin = hasty();
    let cluster = balancer(&origin);
    let mut client = answered_early(cluster.port(8080));
    client.send("GET /evil HTTP/1.1\r\nHost: a\r\n\r\n").finish();
    assert_eq!(client.closed(), Ok(()));
    // The only thread has read all of it by now, or never will.
    assert_eq!(get(cluster.port(8080), "/next").text(), "good");
    let seen = String::from_utf8_lossy(&origin.bytes()).into_owned();
    assert!(!seen.contains("evil"), "{seen}");
}

#[test]
fn a_server_connection_that_still_waits_for_a_body_gets_no_other_request() {
    let origin = hasty();
    let cluster = balancer(&origin);
    let waits = answered_early(cluster.port(8080));
    assert_eq!(get(cluster.port(8080), "/next").text(), "good");
    let calls = origin.calls();
    let connections: Vec<usize> = calls.iter().map(|call| call.connection).collect();
    assert_eq!(connections, [0, 1]);
    drop(waits);
}

#[test]
fn an_upload_that_turns_bad_inside_the_answer_breaks_it_off() {
    let gate = Gate::new();
    let origin = Origin::answering_early({
        let gate = gate.clone();
        move |_| {
            let begun = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegun".to_vec();
            vec![Step::Send(begun), Step::Wait(gate.clone())]
        }
    });
    let cluster = balancer(&origin);
    let mut client = Raw::connect(cluster.port(8080));
    client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
    let mut seen = Vec::new();
    while !seen.ends_with(b"\r\n\r\nbegun") {
        seen.extend(client.read_exact(1).expect("the begin of the answer"));
    }
    client.send("no size\r\n");
    let rest = client.read_until_close().expect("an end");
    gate.open();
    assert_eq!(rest.escape_ascii().to_string(), "");
    assert!(client.was_reset());
}
