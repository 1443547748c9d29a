//! An answer that breaks off for a client that knows its end only by the end of the connection.

use copal_testkit::gate::Gate;
use copal_testkit::origin::Origin;
use copal_testkit::raw::Raw;
use copal_testkit::step::Step;

use crate::start::balancer;

/// Whether the connection was broken off after `first` and `second`, and no byte was lost.
fn ends_in_a_reset(first: &str, second: &str) -> bool {
    let gate = Gate::new();
    let steps = vec![
        Step::Send(format!("HTTP/1.1 200 OK\r\n{first}").into_bytes()),
        Step::Wait(gate.clone()),
        Step::Send(second.into()),
        Step::Close,
    ];
    let origin = Origin::start(move |_| steps.clone());
    let cluster = balancer(&origin);
    let mut client = Raw::connect(cluster.port(8080));
    client.send("GET / HTTP/1.0\r\nHost: a\r\n\r\n");
    let mut seen = Vec::new();
    while !seen.ends_with(b"\r\n\r\nhello") {
        seen.extend(client.read_exact(1).expect("the begin of the answer"));
    }
    gate.open();
    assert_eq!(client.read_until_close(), Ok(Vec::new()));
    client.was_reset()
}

#[test]
fn half_an_answer_does_not_look_whole_to_a_client_of_http_1_0() {
    let chunked = "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n";
    assert!(ends_in_a_reset(chunked, ""), "chunks without an end");
    assert!(ends_in_a_reset(chunked, "no size\r\n"), "a chunk size that is none");
    assert!(ends_in_a_reset("Content-Length: 10\r\n\r\nhello", ""), "a length");
    // The same with its end: what is whole must not be broken off.
    assert!(!ends_in_a_reset(chunked, "0\r\n\r\n"), "chunks with an end");
    assert!(!ends_in_a_reset("\r\nhello", ""), "whole by the end of the connection");
}
