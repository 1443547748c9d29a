//! A server that says more than its answer.

use copal_testkit::gate::Gate;
use copal_testkit::origin::Origin;
use copal_testkit::raw::{Raw, get};
use copal_testkit::step::{Step, ok};

use crate::start::balancer;

/// Sends `first`, and `second` with a foreign answer behind it when the gate opens. Everything
/// but `/first` is answered well.
fn talkative(first: &str, second: &str) -> (Gate, Gate, Origin) {
    let (gate, said) = (Gate::new(), Gate::new());
    said.open();
    let steps = vec![
        Step::Send(first.into()),
        Step::Wait(gate.clone()),
        Step::Send([second.as_bytes(), &ok("evil")].concat()),
        Step::Wait(said.clone()),
    ];
    let origin = Origin::start(move |call| {
        let first = call.request_line() == "GET /first HTTP/1.1";
        if first { steps.clone() } else { vec![Step::Send(ok("good"))] }
    });
    (gate, said, origin)
}

/// The second part comes with the rest of the body, after the client saw its begin; or alone,
/// when the client has everything.
fn next_answer_is_right(first: &str, second: &str) {
    let (gate, said, origin) = talkative(first, second);
    let cluster = balancer(&origin);
    let mut client = Raw::connect(cluster.port(8080));
    client.send("GET /first HTTP/1.1\r\nHost: a\r\n\r\n");
    let mut seen = Vec::new();
    while !seen.ends_with(b"\r\n\r\nba") {
        seen.extend(client.read_exact(1).expect("the begin of the answer"));
    }
    if second.is_empty() {
        assert_eq!(client.read_exact(2).as_deref(), Ok(&b"ck"[..]));
    }
    gate.open();
    said.wait_reached(1);
    if !second.is_empty() {
        assert_eq!(client.read_exact(2).as_deref(), Ok(&b"ck"[..]));
    }
    for path in ["/second", "/third"] {
        assert_eq!(get(cluster.port(8080), path).text(), "good", "{path}");
    }
    client.send("GET /fourth HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(client.response().map(|response| response.text()), Ok("good".to_owned()));
    let calls = origin.calls();
    assert!(calls.iter().skip(1).all(|call| call.connection != 0), "{calls:?}");
}

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n";

#[test]
fn what_comes_with_the_end_of_an_answer_is_nobodys_answer() {
    next_answer_is_right(&format!("{HEAD}ba"), "ck");
}

#[test]
fn what_comes_after_an_answer_is_nobodys_answer() {
    next_answer_is_right(&format!("{HEAD}back"), "");
}
