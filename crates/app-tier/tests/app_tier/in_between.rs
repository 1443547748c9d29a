//! What is done with a session after the response head has left: in a body, and in a WebSocket.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::Router;
use axum::extract::Request;
use axum::extract::ws::{Message, WebSocketUpgrade};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use bytes::Bytes;
use copal_session::error::Error;
use copal_session::session::Session;
use copal_testkit::visitor::Visitor;
use copal_testkit::websocket::{Opcode, WebSocket};
use http_body::{Body, Frame};

use crate::house::{DEMO, House};

/// What the tests run on: sessions in memory, and sessions that several servers could hold.
const STORES: [&str; 2] = ["", "[cluster.app-tier]\npersistent-store = { type = \"cluster\" }\n"];

/// A body that is made when it is asked for: when the head has left.
struct Late(Option<Pin<Box<dyn Future<Output = String> + Send>>>);

impl Body for Late {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let Some(text) = &mut self.0 else { return Poll::Ready(None) };
        let text = ready!(text.as_mut().poll(context));
        self.0 = None;
        Poll::Ready(Some(Ok(Frame::data(text.into()))))
    }
}

/// What came of it, in a few words.
fn said<T>(outcome: Result<T, Error>) -> &'static str {
    match outcome {
        Ok(_) => "ok",
        Err(Error::HeadSent) => "head sent",
        Err(Error::NotAsExpected) => "not as expected",
        Err(_) => "something else",
    }
}

/// Sets `late` after the head, in several ways.
async fn late(session: Session) -> String {
    // A body may be asked for a little sooner.
    while session.remove("nothing").is_ok() {
        tokio::task::yield_now().await;
    }
    let mut seen = vec![said(session.insert("late", 1))];
    session.keep_open();
    seen.push(said(session.insert("late", 2)));
    seen.push(said(session.save().await));
    let version = session.version().await.unwrap();
    seen.push(said(session.insert("late", 3)));
    if let Some(version) = version {
        seen.push(said(session.save_if(version).await));
        seen.push(said(session.insert("late", 4)));
        seen.push(said(session.save_if(version).await));
    }
    seen.push(said(session.increment("n", 1).await));
    seen.join(", ")
}

async fn stream(request: Request) -> Response {
    let session = Session::of(&request);
    Response::new(axum::body::Body::new(Late(Some(Box::pin(late(session))))))
}

async fn talk(upgrade: WebSocketUpgrade, request: Request) -> impl IntoResponse {
    let session = Session::of(&request);
    upgrade.on_upgrade(|mut socket| async move {
        while let Some(Ok(Message::Text(text))) = socket.recv().await {
            let answer = match text.split_once(' ') {
                Some(("set", value)) => said(session.insert("late", value)),
                Some(("rotate", _)) => said(session.rotate_id()),
                Some(("keep", _)) => {
                    session.keep_open();
                    "ok"
                }
                _ => said(session.save().await),
            };
            socket.send(Message::Text(answer.into())).await.unwrap();
        }
    })
}

async fn begin(request: Request) -> &'static str {
    let session = Session::of(&request);
    session.insert("begun", true).unwrap();
    said(session.set_user("ann"))
}

async fn look(request: Request) -> String {
    let session = Session::of(&request);
    let late: Option<serde_json::Value> = session.get("late").await.unwrap();
    let user = session.user().await.unwrap();
    format!("{} {}", late.unwrap_or_default(), user.unwrap_or_default())
}

fn house(store: &str) -> House {
    let router = Router::new()
        .route("/stream", get(stream))
        .route("/talk", any(talk))
        .route("/begin", post(begin))
        .route("/look", get(look));
    House::open(&format!("{store}{DEMO}"), |server| server.web_app("/late", router))
}

#[test]
fn a_streaming_body_saves_by_itself_or_not_at_all() {
    for store in STORES {
        let house = house(store);
        let mut visitor = Visitor::new(house.public());
        // There is no session, and none can be made any more.
        let answer = visitor.get("/late/stream");
        assert_eq!(answer.field("set-cookie"), None, "{answer:?}");
        assert_eq!(answer.text(), "head sent, head sent, ok, head sent, head sent", "{store}");
        assert_eq!(visitor.ask("POST", "/late/begin").text(), "ok");
        let answer = visitor.get("/late/stream");
        let all = "head sent, ok, ok, ok, ok, ok, not as expected, ok";
        assert_eq!(answer.text(), all, "{store}");
        assert_eq!(visitor.get("/late/look").text(), "3 ann", "{store}");
    }
}

#[test]
fn a_websocket_saves_by_itself_or_not_at_all() {
    for store in STORES {
        let house = house(store);
        let mut visitor = Visitor::new(house.public());
        visitor.ask("POST", "/late/begin");
        let id = visitor.cookie("JSESSIONID").unwrap().to_owned();
        let cookie = format!("Cookie: JSESSIONID={id}\r\n");
        let mut socket = WebSocket::open(house.public(), "/late/talk", &cookie);
        let mut say = |text: &str| {
            socket.send(Opcode::Text, text.as_bytes());
            String::from_utf8(socket.receive().unwrap().1).unwrap()
        };
        assert_eq!(say("set before"), "head sent");
        assert_eq!(say("keep open"), "ok");
        assert_eq!(say("set once"), "ok");
        assert_eq!(visitor.get("/late/look").text(), "null ann", "{store}");
        assert_eq!(say("save"), "ok");
        assert_eq!(visitor.get("/late/look").text(), "\"once\" ann", "{store}");
        assert_eq!(say("set twice"), "ok");
        assert_eq!(say("save"), "ok");
        assert_eq!(say("rotate it"), "head sent");
        assert_eq!(visitor.get("/late/look").text(), "\"twice\" ann", "{store}");
    }
}
