//! Clients, bodies and sessions that do not come to a good end, or not at once.

use std::convert::Infallible;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::pin::Pin;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use copal_app_tier::body::Body;
use copal_session::session::Session;
use copal_testkit::raw::get;
use copal_testkit::visitor::Visitor;
use http::Response;
use http_body::Frame;
use http_body_util::{BodyExt, Full};

use crate::house::House;
use crate::ledger;

/// Says when it is dropped.
struct Told(Sender<&'static str>);

impl Drop for Told {
    fn drop(&mut self) {
        let _ = self.0.send("dropped");
    }
}

/// A house whose application never answers at `/never`, and what becomes of it.
fn never() -> (House, Receiver<&'static str>) {
    let (sender, events) = channel();
    let service = tower::service_fn(move |request: http::Request<Body>| {
        let sender = sender.clone();
        async move {
            if request.uri().path() == "/never" {
                let told = Told(sender.clone());
                sender.send("begun").unwrap();
                std::future::pending::<()>().await;
                drop(told);
            }
            Ok::<_, Infallible>(Response::new(Full::new(Bytes::from("first"))))
        }
    });
    (House::open("", |server| server.web_app("/", service)), events)
}

#[test]
fn a_request_whose_client_reset_the_connection_is_given_up() {
    for half_closed in [false, true] {
        let (house, events) = never();
        let address = (Ipv4Addr::LOCALHOST, house.public());
        let mut client = TcpStream::connect(address).unwrap();
        client
            .write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /never HTTP/1.1\r\nHost: x\r\n\r\n")
            .unwrap();
        if half_closed {
            client.shutdown(Shutdown::Write).unwrap();
        }
        assert_eq!(events.recv().unwrap(), "begun");
        // Whoever closes with unread bytes resets.
        client.peek(&mut [0]).unwrap();
        drop(client);
        // Before the server stops, which would end it, too.
        assert_eq!(events.recv().unwrap(), "dropped");
        house.leave().unwrap();
    }
}

/// Blocks its thread before each piece, until it is let go.
struct Blocking {
    begun: Sender<()>,
    gate: Arc<Mutex<Receiver<()>>>,
    left: u8,
}

impl http_body::Body for Blocking {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        if this.left == 0 {
            return Poll::Ready(None);
        }
        this.left -= 1;
        // Timers and tasks belong to the runtime of the applications.
        tokio::runtime::Handle::current().spawn(async {});
        this.begun.send(()).unwrap();
        this.gate.lock().unwrap().recv().unwrap();
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"piece")))))
    }
}

#[test]
fn a_body_that_blocks_holds_up_nobody_else() {
    let (begun, events) = channel();
    let (open, gate) = channel();
    let gate = Arc::new(Mutex::new(gate));
    let slow = tower::service_fn(move |_: http::Request<Body>| {
        let body = Blocking { begun: begun.clone(), gate: Arc::clone(&gate), left: 2 };
        async move { Ok::<_, Infallible>(Response::new(body)) }
    });
    let house = House::open("", |server| {
        let quick = tower::service_fn(|_: http::Request<Body>| async {
            Ok::<_, Infallible>(Response::new(Full::new(Bytes::from("quick"))))
        });
        server.web_app("/slow", slow).in_place("/", quick)
    });
    let mut client = house.raw();
    client.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
    events.recv().unwrap();
    // More connections than there are threads: each thread serves some of them.
    for _ in 0..20 {
        assert_eq!(get(house.public(), "/").text(), "quick");
    }
    open.send(()).unwrap();
    open.send(()).unwrap();
    assert_eq!(client.response().unwrap().text(), "piecepiece");
}

#[test]
fn a_body_that_nobody_takes_is_dropped() {
    /// Nothing, for ever.
    struct Silent(Told);
    impl http_body::Body for Silent {
        type Data = Bytes;
        type Error = Infallible;
        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            let _ = self.0.0.send("polled");
            Poll::Pending
        }
    }
    let (sender, events) = channel();
    let service = tower::service_fn(move |_: http::Request<Body>| {
        let body = Silent(Told(sender.clone()));
        async move { Ok::<_, Infallible>(Response::new(body)) }
    });
    let house = House::open("", |server| server.web_app("/", service));
    let mut client = house.raw();
    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    // The head is there: unread, it turns the close into a reset.
    assert_eq!(events.recv().unwrap(), "polled");
    client.read_some(1).unwrap();
    drop(client);
    house.running().drain().cut();
    while events.recv().unwrap() != "dropped" {}
}

#[test]
fn an_upload_that_is_not_read_gets_its_answer() {
    let house = House::demo_with("[limits]\nmax-body = \"12M\"");
    let big = vec![b'x'; 8 << 20];
    for (path, status) in [("/nothing", 404), ("/status/200", 405), ("/counter", 405)] {
        let mut client = house.raw();
        client.send(format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n",
            big.len()
        ));
        client.send(&big);
        let answer = client.response().unwrap();
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.says_close(), "{path}");
        client.closed().unwrap();
    }
    // Nothing that it sends is turned down: a reset may destroy the answer on its way.
    let mut client = TcpStream::connect((Ipv4Addr::LOCALHOST, house.public())).unwrap();
    write!(client, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", 13 << 20)
        .unwrap();
    client.write_all(&vec![b'x'; 13 << 20]).unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[test]
fn a_short_body_that_is_not_read_ends_no_connection() {
    let house = House::demo();
    let mut client = house.raw();
    for _ in 0..2 {
        client.send("POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
        let answer = client.response().unwrap();
        assert_eq!(answer.status, 404);
        assert!(!answer.says_close(), "{answer:?}");
    }
}

/// Counts in a session at `/count`; elsewhere it counts, too, and then fails.
async fn fails(request: http::Request<Body>) -> Result<Response<Full<Bytes>>, &'static str> {
    let session = Session::of(&request);
    let count = session.increment("count", 1).await.unwrap();
    let path = request.uri().path().to_owned();
    let mut answer = Response::new(Full::new(Bytes::from(count.to_string())));
    match path.as_str() {
        "/count" => {}
        "/error" => return Err("this is meant"),
        "/panic" => panic!("this is meant"),
        "/length" => {
            answer.headers_mut().insert("content-length", 77.into());
        }
        "/switch" => *answer.status_mut() = http::StatusCode::SWITCHING_PROTOCOLS,
        "/unsaved" => session.insert("large", "x".repeat(100)).unwrap(),
        _ => drop(request.into_body().collect().await),
    }
    Ok(answer)
}

#[test]
fn a_session_that_its_client_never_heard_of_pushes_nobody_out() {
    let text = "
[[cluster.app-tier.web-app]]
app = \"own\"
session-config = { session-max = 2, session-max-bytes = \"110B\" }
";
    for in_place in [false, true] {
        let house = House::open(text, |server| match in_place {
            true => server.in_place("/", tower::service_fn(fails)),
            false => server.web_app("/", tower::service_fn(fails)),
        });
        let mut visitor = Visitor::new(house.public());
        assert_eq!(visitor.get("/count").text(), "1");
        let answers = [
            ("GET /error HTTP/1.1\r\nHost: x\r\n\r\n", 500),
            ("GET /panic HTTP/1.1\r\nHost: x\r\n\r\n", 500),
            ("GET /length HTTP/1.1\r\nHost: x\r\n\r\n", 500),
            ("GET /switch HTTP/1.1\r\nHost: x\r\n\r\n", 500),
            ("GET /unsaved HTTP/1.1\r\nHost: x\r\n\r\n", 503),
            ("POST /body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        ];
        for (request, status) in answers {
            let mut client = house.raw();
            client.send(request);
            let answer = client.response().unwrap();
            assert_eq!((answer.status, answer.field("set-cookie")), (status, None), "{request}");
        }
        assert_eq!(visitor.get("/count").text(), "2");
    }
}

#[test]
fn after_a_bad_body_the_session_takes_nothing() {
    let (sender, sessions) = channel();
    let service = tower::service_fn(move |request: http::Request<Body>| {
        sender.send(Session::of(&request)).unwrap();
        async move {
            drop(request.into_body().collect().await);
            Ok::<_, Infallible>(Response::new(Full::new(Bytes::new())))
        }
    });
    let house = House::open("", |server| server.in_place("/", service));
    let mut client = house.raw();
    client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
    assert_eq!(client.response().unwrap().status, 400);
    let refused = sessions.recv().unwrap().insert("a", 1).unwrap_err();
    assert!(refused.to_string().contains("head has left"), "{refused}");
}

#[test]
fn what_a_client_does_to_its_own_session_is_no_error_of_the_server() {
    ledger::open();
    let (sender, events) = channel();
    let (open, gate) = channel::<()>();
    let gate = Arc::new(Mutex::new(gate));
    let service = tower::service_fn(move |request: http::Request<Body>| {
        let (sender, gate) = (sender.clone(), Arc::clone(&gate));
        async move {
            let session = Session::of(&request);
            match request.uri().path() {
                "/out" => session.destroy().unwrap(),
                "/late" => {
                    session.get_bytes("a").await.unwrap();
                    session.insert("a", 2).unwrap();
                    sender.send(()).unwrap();
                    gate.lock().unwrap().recv().unwrap();
                }
                _ => session.insert("a", 1).unwrap(),
            }
            Ok::<_, Infallible>(Response::new(Full::new(Bytes::new())))
        }
    });
    let house = House::open("", |server| server.web_app("/own-doing", service));
    let mut visitor = Visitor::new(house.public());
    visitor.get("/own-doing/in");
    let id = visitor.cookie("JSESSIONID").unwrap().to_owned();
    let mut late = house.raw();
    late.send(format!("GET /own-doing/late;jsessionid={id} HTTP/1.1\r\nHost: x\r\n\r\n"));
    events.recv().unwrap();
    visitor.get("/own-doing/out");
    open.send(()).unwrap();
    assert_eq!(late.response().unwrap().status, 503);
    let level = ledger::level_of(&["a session was not saved", "/own-doing"]);
    assert_eq!(level, tracing::Level::DEBUG);
}
