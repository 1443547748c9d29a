//! How long a server may take, and how much it may say before its body: `response-head`,
//! `load-balance-connect-timeout`, `load-balance-socket-timeout`.

use std::time::Duration;

use copal_testkit::cluster::Cluster;
use copal_testkit::deaf::Deaf;
use copal_testkit::gate::Gate;
use copal_testkit::origin::Origin;
use copal_testkit::raw::{Raw, Trouble, ask, get};
use copal_testkit::recipe::{BALANCER, Recipe};
use copal_testkit::step::Step;

/// A web tier before the server at `port`, with these keys of its own.
fn balancer(port: u16, top: &str, server: &str) -> Cluster {
    let text = format!("workers = 1\n{top}\n{BALANCER}{server}\n");
    Cluster::start(Recipe::text(&text).with_port(9001, port))
}

/// An answer whose head has so many bytes.
fn answer(length: usize) -> Vec<u8> {
    let (begin, end) = ("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX: ", "\r\n\r\n");
    format!("{begin}{}{end}good", "x".repeat(length - begin.len() - end.len())).into_bytes()
}

#[test]
fn the_head_of_an_answer_may_be_as_large_as_response_head_and_not_larger() {
    let origin = Origin::start(|call| {
        let length = call.request_line().split(['/', ' ']).find_map(|word| word.parse().ok());
        vec![Step::Send(answer(length.expect("a path with a length")))]
    });
    let cluster = balancer(origin.port(), "limits = { response-head = \"1K\" }", "");
    for (length, status) in [(1023, 200), (1024, 200), (1025, 502), (100_000, 502)] {
        let response = get(cluster.port(8080), &format!("/{length}"));
        assert_eq!(response.status, status, "{length}: {response:?}");
    }
}

#[test]
fn the_head_of_an_answer_that_never_ends_is_refused_at_the_limit() {
    let gate = Gate::new();
    let origin = Origin::start({
        let gate = gate.clone();
        move |_| {
            let begun = [b"HTTP/1.1 200 OK\r\nX: ".to_vec(), vec![b'x'; 2000]].concat();
            vec![Step::Send(begun), Step::Wait(gate.clone())]
        }
    });
    let cluster = balancer(origin.port(), "limits = { response-head = \"1K\" }", "");
    assert_eq!(get(cluster.port(8080), "/").status, 502);
    gate.open();
}

#[test]
fn a_server_that_accepts_nobody_is_given_up_after_load_balance_connect_timeout() {
    let deaf = Deaf::start();
    let cluster = balancer(deaf.port(), "", "load-balance-connect-timeout = \"300ms\"");
    let post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody";
    let response = ask(cluster.port(8080), post);
    assert_eq!(response.status, 503, "{response:?}");
    assert!(response.field("retry-after").is_some(), "{response:?}");
}

#[test]
fn a_server_that_accepts_within_load_balance_connect_timeout_is_waited_for() {
    let deaf = Deaf::start();
    let cluster = balancer(deaf.port(), "", "load-balance-connect-timeout = \"15s\"");
    let mut client = Raw::connect(cluster.port(8080));
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    deaf.wait_knock();
    let hearing = std::thread::spawn(move || deaf.answer("late"));
    assert_eq!(client.response().map(|response| response.text()), Ok("late".to_owned()));
    drop(cluster);
    hearing.join().expect("a server that has heard");
}

/// A server that answers when the gate opens.
fn gated(before: &'static str, after: &'static str) -> (Gate, Origin) {
    let gate = Gate::new();
    let steps = vec![Step::Send(before.into()), Step::Wait(gate.clone()), Step::Send(after.into())];
    (gate, Origin::start(move |_| steps.clone()))
}

const HALF: Duration = Duration::from_secs(1);
const POST: &str = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";

/// A client whose request is with the server, and another whose request has been there for half
/// as long when the first one's time is over.
fn two_requests(origin: &Origin) -> (Cluster, Raw, Raw) {
    let cluster = balancer(origin.port(), "", "load-balance-socket-timeout = \"2s\"");
    let port = cluster.port(8080);
    let ask = || {
        let mut client = Raw::connect(port);
        client.send(POST);
        client
    };
    let mut elder = ask();
    origin.wait_calls(1);
    assert!(Raw::connect(port).is_silent_for(HALF));
    let younger = ask();
    origin.wait_calls(2);
    assert!(!elder.is_silent_for(Duration::from_secs(20)), "nobody is tired of waiting");
    (cluster, elder, younger)
}

#[test]
fn a_server_may_be_silent_as_long_as_load_balance_socket_timeout_and_not_longer() {
    let (gate, origin) = gated("", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood");
    let (_cluster, mut elder, mut younger) = two_requests(&origin);
    assert_eq!(elder.response().map(|response| response.status), Ok(504));
    gate.open();
    assert_eq!(younger.response().map(|response| response.text()), Ok("good".to_owned()));
}

#[test]
fn silence_within_an_answer_breaks_it_off() {
    for answer in
        ["Content-Length: 8\r\n\r\ngood", "Transfer-Encoding: chunked\r\n\r\n4\r\ngood\r\n"]
    {
        let gate = Gate::new();
        let steps = vec![
            Step::Send(format!("HTTP/1.1 200 OK\r\n{answer}").into_bytes()),
            Step::Wait(gate.clone()),
        ];
        let origin = Origin::start(move |_| steps.clone());
        let cluster = balancer(origin.port(), "", "load-balance-socket-timeout = \"500ms\"");
        let mut client = Raw::connect(cluster.port(8080));
        client.send(POST);
        assert!(matches!(client.response(), Err(Trouble::CutOff(_))), "{answer}");
        assert!(client.was_reset(), "{answer}: half an answer ended well");
        gate.open();
    }
}

#[test]
fn what_comes_in_time_again_and_again_may_take_longer_in_all() {
    let steps: Vec<Gate> = (0..3).map(|_| Gate::new()).collect();
    let slow = Origin::start({
        let steps = steps.clone();
        move |_| {
            let head = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n".to_vec();
            let parts = steps
                .iter()
                .flat_map(|gate| [Step::Wait(gate.clone()), Step::Send(b"good".to_vec())]);
            std::iter::once(Step::Send(head)).chain(parts).collect()
        }
    });
    let cluster = balancer(slow.port(), "", "load-balance-socket-timeout = \"2s\"");
    let mut client = Raw::connect(cluster.port(8080));
    client.send(POST);
    for gate in &steps {
        gate.wait_reached(1);
        assert!(Raw::connect(cluster.port(8080)).is_silent_for(HALF));
        gate.open();
    }
    assert_eq!(client.response().map(|response| response.text()), Ok("good".repeat(3)));
}
