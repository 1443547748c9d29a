//! What an application says of the length and the connection of its answer.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use copal_app_tier::body::Body;
use copal_testkit::raw::Trouble;
use http::Response;
use http_body::Frame;

use crate::house::House;
use crate::ledger;

/// Pieces of a body that does not know its length.
struct Pieces(Vec<&'static str>);

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let pieces = &mut self.get_mut().0;
        let piece = (!pieces.is_empty()).then(|| pieces.remove(0));
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece.into()))))
    }
}

/// Answers with the fields of the query and a body of `abc`, in one piece or as a stream.
async fn answer(request: http::Request<Body>) -> Result<Response<axum::body::Body>, Infallible> {
    let mut answer = Response::builder();
    for pair in request.uri().query().unwrap_or_default().split('&') {
        if let Some((name, value)) = pair.split_once('=') {
            answer = answer.header(name, value);
        }
    }
    let body = match request.uri().path() {
        "/whole" => axum::body::Body::from("abc"),
        _ => axum::body::Body::new(Pieces(vec!["a", "bc"])),
    };
    Ok(answer.body(body).unwrap())
}

fn houses() -> [House; 2] {
    let service = || tower::service_fn(answer);
    [
        House::open("", |server| server.in_place("/", service())),
        House::open("", |server| server.web_app("/", service())),
    ]
}

const NEXT: &str = "GET /whole HTTP/1.1\r\nHost: x\r\n\r\n";

#[test]
fn a_wrong_length_never_splits_answers() {
    for house in houses() {
        for length in ["0", "2", "4", "x"] {
            let mut client = house.raw();
            let query = format!("content-length={length}");
            client.send(format!("GET /whole?{query} HTTP/1.1\r\nHost: x\r\n\r\n{NEXT}"));
            assert_eq!(client.response().unwrap().status, 500, "{length}");
            assert_eq!(client.response().unwrap().text(), "abc", "{length}");
        }
    }
}

#[test]
fn a_stream_is_held_to_the_length_that_was_promised() {
    for house in houses() {
        let mut client = house.raw();
        client.send(format!("GET /stream?content-length=3 HTTP/1.1\r\nHost: x\r\n\r\n{NEXT}"));
        assert_eq!(client.response().unwrap().text(), "abc");
        assert_eq!(client.response().unwrap().text(), "abc");
        for length in [2, 4] {
            let mut client = house.raw();
            client.send(format!(
                "GET /stream?content-length={length} HTTP/1.1\r\nHost: x\r\n\r\n{NEXT}"
            ));
            let trouble = client.response().unwrap_err();
            let Trouble::CutOff(got) = trouble else { panic!("{length}: {trouble}") };
            assert!(got.contains("HTTP/1.1 200 OK"), "{got}");
        }
    }
}

#[test]
fn what_is_about_the_connection_is_not_the_application_s_to_say() {
    for house in houses() {
        let mut client = house.raw();
        let query = "transfer-encoding=gzip&connection=close&keep-alive=timeout&upgrade=foo";
        client.send(format!("GET /whole?{query} HTTP/1.1\r\nHost: x\r\n\r\n{NEXT}"));
        let answer = client.response().unwrap();
        assert_eq!(answer.text(), "abc");
        for name in ["transfer-encoding", "connection", "keep-alive", "upgrade"] {
            assert_eq!(answer.field(name), None, "{name}");
        }
        assert_eq!(client.response().unwrap().text(), "abc");
    }
}

#[test]
fn the_answer_to_head_may_name_the_length_that_get_would_have() {
    for house in houses() {
        let mut client = house.raw();
        client.send(format!("HEAD /whole?content-length=9 HTTP/1.1\r\nHost: x\r\n\r\n{NEXT}"));
        let answer = client.response_to_head().unwrap();
        assert_eq!(answer.field("content-length"), Some("9"));
        assert_eq!(client.response().unwrap().text(), "abc");
    }
}

/// Fails after its first piece.
struct Failing {
    said: bool,
    panics: bool,
}

impl http_body::Body for Failing {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        let this = self.get_mut();
        if !std::mem::replace(&mut this.said, true) {
            return Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"begun")))));
        }
        assert!(!this.panics, "this is meant");
        Poll::Ready(Some(Err("this is meant")))
    }
}

#[test]
fn a_body_that_fails_is_logged_and_cannot_be_taken_for_whole() {
    ledger::open();
    for (path, in_place, panics, begun) in [
        ("/error-in-place", true, false, true),
        ("/panic-in-place", true, true, true),
        ("/error-apart", false, false, true),
        ("/panic-apart", false, true, true),
        // Not even the first piece.
        ("/error-at-once", true, false, false),
    ] {
        let service = tower::service_fn(move |_: http::Request<Body>| async move {
            Ok::<_, Infallible>(Response::new(Failing { said: !begun, panics }))
        });
        let house = House::open("", |server| match in_place {
            true => server.in_place(path, service),
            false => server.web_app(path, service),
        });
        let mut client = house.raw();
        client.send(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"));
        let trouble = client.response().unwrap_err();
        let Trouble::CutOff(got) = trouble else { panic!("{path}: {trouble}") };
        assert!(got.contains("HTTP/1.1 200 OK"), "{path}: {got}");
        assert_eq!(got.contains("begun"), begun, "{path}: {got}");
        let parts = ["an application failed in its body", path, "this is meant"];
        assert_eq!(ledger::level_of(&parts), tracing::Level::ERROR);
    }
}
