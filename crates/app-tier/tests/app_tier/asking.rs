//! What a server tells of itself, and what an operator may change.

use std::convert::Infallible;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use bytes::Bytes;
use copal_app_tier::body::Body;
use copal_protocol::state::{State, Wish};
use copal_testkit::deadline::Deadline;
use copal_testkit::raw::{Raw, get};
use copal_testkit::visitor::Visitor;
use http_body_util::Full;

use crate::house::{DEMO, House};

const READY: &str = "GET /.copal/ready HTTP/1.1\r\nHost: x\r\n\r\n";

/// What a health check gets.
fn ready(web: &mut Raw) -> (u16, String, String) {
    web.send(READY);
    let answer = web.response().unwrap();
    let state = answer.field("copal-state").unwrap().to_owned();
    (answer.status, state, answer.text())
}

#[test]
fn a_health_check_hears_the_state_and_every_request_is_answered() {
    let house = House::demo();
    let (operator, mut web) = (house.operator(), Raw::connect(house.cluster()));
    let heard = |status: u16, state: &str| {
        (status, state.to_owned(), format!("{{\"state\":\"{state}\"}}\n"))
    };
    assert_eq!(ready(&mut web), heard(200, "ready"));
    for wish in [Wish::Drain, Wish::Evict, Wish::Maintenance, Wish::Enable] {
        let state = wish.state().as_str();
        let (status, body) = operator.ask("POST", &format!("/servers/app-a/{}", wish.as_str()));
        assert_eq!(status, 200, "{body}");
        assert!(body.contains(&format!("\"state\":\"{state}\"")), "{body}");
        assert_eq!(ready(&mut web), heard(200, state));
        assert_eq!(operator.status().state, wish.state());
        let takes_all = wish == Wish::Enable;
        assert_eq!(operator.ask("GET", "/ready").0, if takes_all { 200 } else { 503 });
        for port in [house.public(), house.cluster()] {
            assert_eq!(get(port, "/echo").status, 200, "{state}");
        }
    }
    web.send(READY.replace("GET", "HEAD"));
    let head = web.response_to_head().unwrap();
    assert_eq!(head.field("copal-state"), Some("ready"));
    house.running().drain().begin();
    assert_eq!(ready(&mut web), heard(503, "leaving"));
    assert_eq!(operator.status().state, State::Leaving);
    let (status, body) = operator.ask("POST", "/servers/app-a/enable");
    assert_eq!(status, 409, "{body}");
    house.leave().unwrap();
}

#[test]
fn the_state_of_another_server_is_not_known_here() {
    let house = House::demo();
    let (status, body) = house.operator().ask("POST", "/servers/app-b/drain");
    assert_eq!(status, 404);
    assert!(body.contains("app-a") && body.contains("app-b"), "{body}");
    assert_eq!(house.operator().status().state, State::Ready);
}

#[test]
fn the_socket_is_there_as_long_as_the_server() {
    let mut house = House::demo();
    let operator = house.operator();
    assert_eq!(operator.ask("GET", "/health").0, 200);
    house.stop().unwrap();
    assert!(house.folder().join("run").is_dir(), "it went with its folder");
    assert!(!operator.socket.exists(), "it is still there");
}

#[test]
fn a_second_server_of_the_same_id_does_not_start() {
    let house = House::demo();
    let error = house.second().unwrap_err();
    assert!(error.to_string().contains("app-a.sock"), "{error}");
    assert_eq!(get(house.public(), "/echo").status, 200);
}

#[test]
fn status_counts_requests_connections_and_sessions() {
    let house = House::demo();
    let operator = house.operator();
    let before = operator.status();
    assert_eq!((before.server.as_str(), before.cluster.as_str()), ("app-a", "app-tier"));
    assert_eq!((before.tier.as_str(), before.version.as_str()), ("app", env!("CARGO_PKG_VERSION")));
    assert_eq!((before.pid, before.reloads), (std::process::id(), 0));
    assert_eq!((before.requests, before.sessions), (0, Some(0)));
    for _ in 0..3 {
        assert_eq!(Visitor::new(house.public()).get("/counter").status, 200);
    }
    let mut busy = house.raw();
    busy.send(
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n",
    );
    assert_eq!(busy.any_response(false).unwrap().status, 100);
    let during = operator.status();
    assert_eq!((during.requests, during.in_flight, during.sessions), (4, 1, Some(3)));
    assert!(during.connections >= 1, "{during:?}");
    busy.send("abc");
    assert_eq!(busy.response().unwrap().status, 200);
    // The next request begins when the last one is done.
    busy.send("GET /status/404 HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(busy.response().unwrap().status, 404);
    busy.send("GET /echo HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n");
    assert_eq!(busy.response().unwrap().status, 400);
    busy.closed().unwrap();
    for (name, value) in [
        ("copal_app_requests_total{code=\"2xx\"}", 4.0),
        ("copal_app_requests_total{code=\"4xx\"}", 1.0),
        ("copal_app_requests_total{code=\"none\"}", 0.0),
        ("copal_app_refused_requests_total", 1.0),
        ("copal_app_requests_in_flight", 0.0),
        ("copal_app_request_duration_seconds_count", 5.0),
        ("copal_app_connections_total{listener=\"public\"}", 4.0),
        ("copal_app_connections{listener=\"cluster\"}", 0.0),
        ("copal_app_sessions", 3.0),
        ("copal_app_state{state=\"ready\"}", 1.0),
        ("copal_app_state{state=\"drain\"}", 0.0),
        ("copal_app_last_reload_successful", 1.0),
    ] {
        let found = operator.figure(name);
        assert!((found - value).abs() < 0.1, "{name} is {found} and not {value}");
    }
}

#[test]
fn a_request_whose_client_went_has_no_answer() {
    let never = tower::service_fn(|_: http::Request<Body>| {
        std::future::pending::<Result<http::Response<Full<Bytes>>, Infallible>>()
    });
    let house = House::open(DEMO, |server| server.in_place("/never", never));
    let operator = house.operator();
    let mut client = TcpStream::connect((Ipv4Addr::LOCALHOST, house.public())).unwrap();
    let requests = "GET /echo HTTP/1.1\r\nHost: x\r\n\r\nGET /never HTTP/1.1\r\nHost: x\r\n\r\n";
    client.write_all(requests.as_bytes()).unwrap();
    // What it leaves unread makes a reset of its end.
    client.read_exact(&mut [0]).unwrap();
    let patience = || Deadline::after(Duration::from_secs(20));
    patience().keep_asking("two requests", || operator.status().requests == 2);
    assert_eq!(operator.status().in_flight, 1);
    drop(client);
    patience().keep_asking("the client is gone", || operator.status().connections == 0);
    assert_eq!(operator.status().in_flight, 0);
    let unanswered = operator.figure("copal_app_requests_total{code=\"none\"}");
    assert!((unanswered - 1.0).abs() < 0.1, "{unanswered}");
}
