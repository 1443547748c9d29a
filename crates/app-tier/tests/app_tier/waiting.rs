//! How long a connection may take.

use std::convert::Infallible;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};

use bytes::Bytes;
use copal_app_tier::body::Body;
use copal_testkit::websocket::{Opcode, WebSocket};

use http_body_util::{BodyExt, Full};

use crate::house::House;

#[test]
fn a_slow_head_is_answered_with_408() {
    let house = House::impatient();
    let mut client = house.raw();
    client.send("GET /echo HTTP/1.1\r\nHo");
    let answer = client.response().unwrap();
    assert_eq!(answer.status, 408);
    assert!(answer.says_close());
    client.closed().unwrap();
}

#[test]
fn a_slow_second_head_is_answered_with_408_too() {
    let house = House::impatient();
    let mut client = house.raw();
    client.send("GET /echo HTTP/1.1\r\nHost: x\r\n\r\nGET");
    assert_eq!(client.response().unwrap().status, 200);
    assert_eq!(client.response().unwrap().status, 408);
    client.closed().unwrap();
}

#[test]
fn a_silent_body_is_answered_with_408() {
    let house = House::impatient();
    let mut client = house.raw();
    client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
    let answer = client.response().unwrap();
    assert_eq!(answer.status, 408);
    assert!(answer.says_close());
    client.closed().unwrap();
}

#[test]
fn a_body_in_drops_is_answered_with_408() {
    let limits = "[limits]\nbody-timeout = \"3s\"\nmin-body-rate = \"100\"";
    let house = House::demo_with(limits);
    let mut client = TcpStream::connect((Ipv4Addr::LOCALHOST, house.public())).unwrap();
    client.write_all(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n").unwrap();
    client.set_nonblocking(true).unwrap();
    let mut drops = 0;
    while client.peek(&mut [0]).is_err() && drops < 299 {
        client.write_all(b"x").unwrap();
        drops += 1;
        // A request takes the time between two drops.
        assert_eq!(copal_testkit::raw::get(house.public(), "/sleep/200").status, 200);
    }
    assert!(drops > 1, "it was silent, and not slow");
    client.set_nonblocking(false).unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    assert!(answer.ends_with("the request body came too slowly\n"), "{answer}");
}

#[test]
fn an_idle_connection_is_closed_without_a_word() {
    let house = House::impatient();
    house.raw().closed().unwrap();
    let mut client = house.raw();
    client.send("GET /echo HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(client.response().unwrap().status, 200);
    client.closed().unwrap();
}

#[test]
fn an_application_may_take_longer_than_any_client() {
    let house = House::impatient();
    let mut client = house.raw();
    client.send("GET /sleep/900 HTTP/1.1\r\nHost: x\r\n\r\nGET /ec");
    assert_eq!(client.response().unwrap().status, 200);
    client.send("ho HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(client.response().unwrap().status, 200);
}

#[test]
fn a_client_that_takes_nothing_is_given_up() {
    let house = House::impatient();
    let mut client = house.raw();
    client.send("GET /bytes/1000000000 HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(client.read_some(1).unwrap() == b"H");
    // Waits for every connection; nobody cuts this one off but its own deadline.
    house.leave().unwrap();
}

#[test]
fn a_silent_tunnel_is_closed() {
    let house = House::impatient();
    let mut socket = WebSocket::open(house.public(), "/websocket", "");
    socket.send(Opcode::Text, b"hello");
    assert_eq!(socket.receive().unwrap(), (Opcode::Text, b"hello".to_vec()));
    socket.closed().unwrap();
}

#[test]
fn a_client_that_closed_its_sending_half_waits_as_long_as_it_takes() {
    let (open, gate) = std::sync::mpsc::channel::<()>();
    let gate = std::sync::Arc::new(std::sync::Mutex::new(gate));
    let service = tower::service_fn(move |_: http::Request<Body>| {
        let gate = std::sync::Arc::clone(&gate);
        async move {
            gate.lock().unwrap().recv().unwrap();
            Ok::<_, Infallible>(http::Response::new(Full::new(Bytes::from("late"))))
        }
    });
    let house = House::impatient_with(|server| server.web_app("/late", service));
    let mut client = house.raw();
    client.send("GET /late HTTP/1.1\r\nHost: x\r\n\r\n").finish();
    // Longer than any wait there is: another request takes that long.
    assert_eq!(copal_testkit::raw::get(house.public(), "/sleep/3000").status, 200);
    open.send(()).unwrap();
    assert_eq!(client.response().unwrap().text(), "late");
    client.closed().unwrap();
}

#[test]
fn a_download_goes_on_for_a_client_that_closed_its_sending_half() {
    let house = House::demo();
    let mut client = house.raw();
    client.send("GET /bytes/30000000 HTTP/1.1\r\nHost: x\r\n\r\n").finish();
    client.read_exact(1000).unwrap();
    assert_eq!(copal_testkit::raw::get(house.public(), "/sleep/3000").status, 200);
    assert!(client.read_until_close().unwrap().len() > 30_000_000 - 1000);
}

#[test]
fn a_client_that_takes_nothing_is_given_up_whatever_it_still_sends() {
    // The body of the request is not read while the answer is sent, so nobody looks at it.
    let service = tower::service_fn(|request: http::Request<Body>| async move {
        Ok::<_, Infallible>(http::Response::new(Hoard { _kept: request.into_body() }))
    });
    let house = House::impatient_with(|server| server.in_place("/hoard", service));
    let mut client = house.raw();
    client.send("POST /hoard HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n");
    client.send(vec![b'x'; 500_000]);
    assert!(client.read_some(1).unwrap() == b"H");
    house.leave().unwrap();
}

/// Bytes without an end, and the request's body, which is not read.
struct Hoard {
    _kept: Body,
}

impl http_body::Body for Hoard {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        let piece = Bytes::from_static(&[b'x'; 16 << 10]);
        std::task::Poll::Ready(Some(Ok(http_body::Frame::data(piece))))
    }
}

#[test]
fn an_application_may_let_a_body_wait() {
    let (sender, events) = std::sync::mpsc::channel::<&str>();
    let open = std::sync::Arc::new(tokio::sync::Notify::new());
    let gate = std::sync::Arc::clone(&open);
    let service = tower::service_fn(move |request: http::Request<Body>| {
        let (sender, gate) = (sender.clone(), std::sync::Arc::clone(&gate));
        async move {
            if request.uri().path() == "/later" {
                sender.send("waiting").unwrap();
                gate.notified().await;
                sender.send("reading").unwrap();
            }
            let body = request.into_body().collect().await.map(http_body_util::Collected::to_bytes);
            Ok::<_, Infallible>(http::Response::new(Full::new(body.unwrap_or_default())))
        }
    });
    let house = House::impatient_with(|server| server.web_app("/", service));
    let half =
        |path: &str| format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc");
    let mut patient = house.raw();
    patient.send(half("/later"));
    assert_eq!(events.recv().unwrap(), "waiting");
    // `body-timeout` is over when a request that began later, and is read, has run into it.
    let mut stalled = house.raw();
    stalled.send(half("/now"));
    assert_eq!(stalled.response().unwrap().status, 408);
    open.notify_one();
    assert_eq!(events.recv().unwrap(), "reading");
    patient.send("def");
    assert_eq!(patient.response().unwrap().text(), "abcdef");
}
