//! When what a request changed is seen by others.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use copal_session::session::Session;
use copal_testkit::raw::Raw;
use copal_testkit::visitor::Visitor;
use http_body::{Body, Frame};
use tokio::sync::Notify;

use crate::house::House;

/// What the tests run on: sessions in memory, and sessions that several servers could hold.
const STORES: [&str; 2] = ["", "[cluster.app-tier]\npersistent-store = { type = \"cluster\" }\n"];

/// A body of two pieces; the second comes when the gate is opened.
struct Gated {
    begun: bool,
    rest: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Body for Gated {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if !std::mem::replace(&mut self.begun, true) {
            return Poll::Ready(Some(Ok(Frame::data("first ".into()))));
        }
        let Some(rest) = &mut self.rest else { return Poll::Ready(None) };
        ready!(rest.as_mut().poll(context));
        self.rest = None;
        Poll::Ready(Some(Ok(Frame::data("second".into()))))
    }
}

async fn set(request: Request) -> StatusCode {
    let session = Session::of(&request);
    let value = request.uri().query().unwrap_or_default();
    session.insert("value", value).unwrap();
    StatusCode::OK
}

async fn look(request: Request) -> String {
    let session = Session::of(&request);
    session.get::<String>("value").await.unwrap().unwrap_or_default()
}

fn open(store: &str) -> (House, Arc<Notify>) {
    let gate = Arc::new(Notify::new());
    let opened = Arc::clone(&gate);
    let slowly = move |request: Request| {
        let opened = Arc::clone(&opened);
        async move {
            let status = set(request).await;
            let rest = Box::pin(async move { opened.notified().await });
            let body = axum::body::Body::new(Gated { begun: false, rest: Some(rest) });
            (status, body).into_response()
        }
    };
    let moved = |request: Request| async {
        let status = set(request).await;
        assert_eq!(status, StatusCode::OK);
        Response::builder()
            .status(303)
            .header("location", "/late/look")
            .body(String::new())
            .unwrap()
    };
    let router = Router::new()
        .route("/set", post(set).get(set))
        .route("/slowly", post(slowly))
        .route("/moved", post(moved))
        .route("/look", get(look));
    let web_app = "[[cluster.app-tier.web-app]]\npath = \"/late\"\n\
                   session-config = { save-mode = \"after-request\" }\n";
    let house = House::open(&format!("{store}{web_app}"), |server| server.web_app("/late", router));
    (house, gate)
}

/// Reads until this has come.
fn read_to(client: &mut Raw, text: &str) {
    let mut read = Vec::new();
    while !String::from_utf8_lossy(&read).contains(text) {
        let more = client.read_some(4096).unwrap();
        assert!(!more.is_empty(), "the end before {text}");
        read.extend(more);
    }
}

/// Sends a request whose answer comes in two pieces, and reads the first.
fn begin(house: &House, id: &str, value: &str) -> Raw {
    let mut slow = house.raw();
    slow.send(format!(
        "POST /late/slowly?{value} HTTP/1.1\r\nHost: a\r\nCookie: JSESSIONID={id}\r\n\
         Content-Length: 0\r\n\r\n"
    ));
    read_to(&mut slow, "first ");
    slow
}

#[test]
fn others_see_a_change_when_the_body_has_ended() {
    for store in STORES {
        let (house, gate) = open(store);
        let mut visitor = Visitor::new(house.public());
        assert_eq!(visitor.ask("POST", "/late/set?one").status, 200);
        assert_eq!(visitor.get("/late/look").text(), "one", "{store}");
        let id = visitor.cookie("JSESSIONID").unwrap().to_owned();
        let mut slow = begin(&house, &id, "two");
        assert_eq!(visitor.get("/late/look").text(), "one", "{store}");
        gate.notify_one();
        read_to(&mut slow, "second");
        // Whoever has read all of it finds the change.
        assert_eq!(visitor.get("/late/look").text(), "two", "{store}");
    }
}

#[test]
fn a_body_that_nobody_wants_ends_at_once() {
    for store in STORES {
        let (house, _gate) = open(store);
        let mut visitor = Visitor::new(house.public());
        visitor.ask("POST", "/late/set?one");
        assert_eq!(visitor.ask("HEAD", "/late/set?two").status, 200, "{store}");
        assert_eq!(visitor.get("/late/look").text(), "two", "{store}");
    }
}

#[test]
fn a_redirect_is_saved_before_anybody_can_follow_it() {
    for store in STORES {
        let (house, _gate) = open(store);
        let mut visitor = Visitor::new(house.public());
        visitor.ask("POST", "/late/set?one");
        let answer = visitor.ask("POST", "/late/moved?two");
        assert_eq!(answer.status, 303, "{store}");
        assert_eq!(visitor.get("/late/look").text(), "two", "{store}");
    }
}
