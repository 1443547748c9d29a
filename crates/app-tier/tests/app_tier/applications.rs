//! Applications of others: any tower service, an axum `Router` above all.

use std::convert::Infallible;

use axum::Router;
use axum::extract::ws::{Message, WebSocketUpgrade};
use axum::extract::{Extension, Request};
use axum::response::IntoResponse;
use axum::routing::{any, get as on_get, post};
use bytes::Bytes;
use copal_app_tier::body::Body;
use copal_app_tier::client_info::ClientInfo;
use copal_app_tier::original_uri::OriginalUri;
use copal_session::session::Session;
use copal_testkit::raw::{Raw, ask, get};
use copal_testkit::visitor::Visitor;
use copal_testkit::websocket::{Opcode, WebSocket};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::{BodyExt, Full};

use crate::house::House;

async fn count(request: Request) -> String {
    let session = Session::of(&request);
    let count: u64 = session.get("count").await.unwrap().unwrap_or(0) + 1;
    session.insert("count", count).unwrap();
    count.to_string()
}

async fn chat(upgrade: WebSocketUpgrade, request: Request) -> impl IntoResponse {
    let session = Session::of(&request);
    session.insert("chats", 1).unwrap();
    upgrade.on_upgrade(|mut socket| async move {
        while let Some(Ok(Message::Text(text))) = socket.recv().await {
            let answer = format!("you said {}", text.as_str());
            socket.send(Message::Text(answer.into())).await.unwrap();
        }
    })
}

fn router() -> Router {
    Router::new()
        .route("/count", on_get(count))
        .route("/chat", any(chat))
        .route("/upload", post(|body: Bytes| async move { body.len().to_string() }))
        .route("/panic", on_get(|| async { panic!("this is meant") as () }))
        .route("/switch", on_get(|| async { http::StatusCode::SWITCHING_PROTOCOLS }))
        .route(
            "/who",
            on_get(
                |Extension(client): Extension<ClientInfo>,
                 Extension(original): Extension<OriginalUri>,
                 request: Request| async move {
                    format!("{} {} {}", client.address, original.0, request.uri())
                },
            ),
        )
        .route(
            "/forge",
            on_get(|| async {
                let fields = [
                    ("copal-not-begun", "1"),
                    ("Copal-State", "down"),
                    ("copal-x", "1"),
                    ("x-own", "1"),
                ];
                (StatusCode::SERVICE_UNAVAILABLE, fields, "answer")
            }),
        )
}

#[test]
fn a_router_has_sessions() {
    let house = House::open("", |server| server.web_app("/shop/", router()));
    let mut visitor = Visitor::new(house.public());
    let first = visitor.get("/shop/count");
    assert_eq!(first.text(), "1");
    assert!(first.field("set-cookie").unwrap().contains("; Path=/shop;"), "{first:?}");
    assert_eq!(first.field("cache-control"), Some("private"));
    assert_eq!(visitor.get("/shop/count").text(), "2");
    assert_eq!(get(house.public(), "/count").status, 404);
}

#[test]
fn a_router_has_websockets_and_they_have_sessions() {
    let house = House::open("", |server| server.web_app("/", router()));
    let (_, answer) = WebSocket::try_open(house.public(), "/chat", "");
    assert_eq!(answer.status, 101);
    assert!(answer.field("set-cookie").unwrap().starts_with("JSESSIONID=abc"), "{answer:?}");
    let mut socket = WebSocket::open(house.public(), "/chat", "");
    for text in ["hello", "again"] {
        socket.send(Opcode::Text, text.as_bytes());
        let said = format!("you said {text}").into_bytes();
        assert_eq!(socket.receive().unwrap(), (Opcode::Text, said));
    }
}

#[test]
fn a_router_sees_its_own_paths_and_may_ask_for_the_original() {
    let house = House::open("", |server| server.web_app("/shop", router()));
    let text = get(house.public(), "/x/../shop/who;jsessionid=abc?a=b").text();
    assert_eq!(text, "127.0.0.1 /x/../shop/who;jsessionid=abc?a=b /who?a=b");
}

#[test]
fn bodies_reach_a_router() {
    let house = House::open("", |server| server.web_app("/", router()));
    let body = "x".repeat(1_000_000);
    let length = body.len();
    let request =
        format!("POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n{body}");
    assert_eq!(ask(house.public(), request).text(), "1000000");
    let request =
        "POST /upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\n";
    assert_eq!(ask(house.public(), request).status, 400);
}

#[test]
fn a_panic_is_one_request_s_trouble() {
    let in_place = House::open("", |server| server.in_place("/", router()));
    let apart = House::open("", |server| server.web_app("/", router()));
    for house in [in_place, apart] {
        let mut client = house.raw();
        client.send("GET /panic HTTP/1.1\r\nHost: x\r\n\r\n");
        let answer = client.response().unwrap();
        assert_eq!(answer.status, 500);
        assert!(!answer.text().contains("meant"), "{answer:?}");
        client.send("GET /count HTTP/1.1\r\nHost: x\r\n\r\n");
        assert_eq!(client.response().unwrap().text(), "1");
    }
}

#[test]
fn an_application_cannot_speak_for_the_tier() {
    let house = House::open("", |server| server.web_app("/", router()));
    for port in [house.public(), house.cluster()] {
        let answer = get(port, "/forge");
        assert_eq!((answer.status, answer.field("x-own")), (503, Some("1")));
        for name in ["copal-not-begun", "copal-state", "copal-x"] {
            assert_eq!(answer.field(name), None);
        }
        assert_eq!(get(port, "/switch").status, 500);
    }
}

#[test]
fn an_application_cannot_speak_for_the_tier_in_trailers_either() {
    let trailing = tower::service_fn(|_: http::Request<Body>| async {
        let field = |name: &'static str| (HeaderName::from_static(name), HeaderValue::from(7));
        let trailers: HeaderMap = ["copal-not-begun", "x-sum"].map(field).into_iter().collect();
        let body = Full::new(Bytes::from("data")).with_trailers(async { Some(Ok(trailers)) });
        // Afterwards nothing is known of its length.
        let body = body.map_frame(|frame| frame);
        let answer = Response::builder().header("trailer", "copal-not-begun, x-sum");
        Ok::<_, Infallible>(answer.body(body).unwrap())
    });
    let house = House::open("", |server| server.web_app("/", trailing));
    for port in [house.public(), house.cluster()] {
        let mut client = Raw::connect(port);
        client.send("GET / HTTP/1.1\r\nHost: x\r\nTE: trailers\r\nConnection: close, TE\r\n\r\n");
        let answer = String::from_utf8(client.read_until_close().unwrap()).unwrap();
        let (_, trailers) = answer.split_once("\r\n0\r\n").unwrap();
        assert_eq!(trailers, "x-sum: 7\r\n\r\n", "{answer}");
    }
}

#[test]
fn any_tower_service_will_do() {
    let service = |fails: bool| {
        tower::service_fn(move |request: http::Request<Body>| async move {
            if fails {
                return Err("this is meant");
            }
            let path = request.uri().path().to_owned();
            Ok::<_, &str>(Response::new(Full::new(Bytes::from(path))))
        })
    };
    let house = House::open("", |server| {
        server.web_app("/fails", service(true)).in_place("/", service(false))
    });
    let answer = get(house.public(), "/a/b");
    assert_eq!(answer.text(), "/a/b");
    assert_eq!(answer.field("content-length"), Some("4"));
    let answer = get(house.public(), "/fails");
    assert_eq!(answer.status, 500);
    assert!(!answer.text().contains("meant"), "{answer:?}");
}

#[test]
fn an_own_cache_control_stays() {
    let service = tower::service_fn(|request: http::Request<Body>| async move {
        Session::of(&request).insert("a", 1).unwrap();
        let mut answer = Response::new(Full::new(Bytes::new()));
        let value = HeaderValue::from_static("no-store");
        answer.headers_mut().insert(http::header::CACHE_CONTROL, value);
        Ok::<_, Infallible>(answer)
    });
    let house = House::open("", |server| server.in_place("/", service));
    let answer = get(house.public(), "/");
    assert!(answer.field("set-cookie").is_some());
    assert_eq!(answer.field("cache-control"), Some("no-store"));
}

#[test]
fn a_session_that_cannot_be_saved_takes_the_answer_with_it() {
    let service = tower::service_fn(|request: http::Request<Body>| async move {
        let session = Session::of(&request);
        session.insert("a", "x".repeat(60)).unwrap();
        session.increment("b", 1).await.unwrap();
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::from("done"))))
    });
    let text = "
[[cluster.app-tier.web-app]]
app = \"own\"
session-config = { session-max-bytes = \"64B\" }
";
    let house = House::open(text, |server| server.in_place("/", service));
    let answer = get(house.public(), "/");
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(!answer.text().contains("done"), "{answer:?}");
}
