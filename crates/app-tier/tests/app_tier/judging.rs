//! What is refused, and what comes before and after it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::State;
use copal_testkit::raw::ask;

use crate::house::House;

const GET: &str = "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n";
const POST: &str = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";

#[test]
fn a_bad_second_request_is_refused_after_the_first_is_answered() {
    let house = House::demo();
    for first in [
        GET,
        "GET /sleep/100 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /bytes/3000000 HTTP/1.1\r\nHost: x\r\n\r\n",
    ] {
        let mut client = house.raw();
        client.send(format!("{first}GET / HTTP/1.1\r\n\r\n{GET}"));
        assert_eq!(client.response().unwrap().status, 200);
        let refusal = client.response().unwrap();
        assert_eq!(refusal.status, 400);
        assert!(refusal.says_close());
        assert!(refusal.text().contains("no Host field"), "{refusal:?}");
        client.closed().unwrap();
    }
}

#[test]
fn what_is_bad_in_a_head_never_reaches_an_application() {
    let called = Arc::new(AtomicUsize::new(0));
    let count = |State(called): State<Arc<AtomicUsize>>| async move {
        called.fetch_add(1, Ordering::SeqCst);
    };
    let router = Router::new().fallback(count).with_state(Arc::clone(&called));
    let house = House::open("", |server| server.web_app("/", router));
    let long = "a".repeat(9000);
    let fields = "A: b\r\n".repeat(101);
    #[rustfmt::skip]
    let table: &[(&str, u16)] = &[
        ("GET / HTTP/1.1\r\n\r\n",                                                            400),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",                                      400),
        ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",                                               400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",     400),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",   501),
        ("GET / HTTP/1.1\nHost: a\n\n",                                                       400),
        ("GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n c\r\n\r\n",                                   400),
        ("GET /\r\n\r\n",                                                                     400),
        ("GET / HTTP/1.2\r\nHost: a\r\n\r\n",                                                 505),
        ("GET foo HTTP/1.1\r\nHost: a\r\n\r\n",                                               400),
        ("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n",                                     405),
        ("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n",                                               405),
        ("GET / HTTP/1.1\r\nHost: a\r\nExpect: y 100-continue\r\n\r\n",                       417),
        (&format!("GET /{long} HTTP/1.1\r\nHost: a\r\n\r\n"),                                 414),
        (&format!("GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n"),                               431),
        (&format!("GET / HTTP/1.1\r\nHost: a\r\nA: {}\r\n\r\n", long.repeat(4)),              431),
        ("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{fc}\r\n\r\n",                           400),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",                                                  400),
    ];
    for (request, status) in table {
        let mut client = house.raw();
        client.send(request);
        let refusal = client.response().unwrap();
        let shown: String = request.chars().take(80).collect();
        let expected = if request.starts_with("PRI") { refusal.status } else { *status };
        assert_eq!(refusal.status, expected, "{shown:?}");
        assert!(matches!(refusal.status, 400..600), "{shown:?}");
        assert!(refusal.says_close(), "{shown:?}");
        client.closed().unwrap();
    }
    assert_eq!(called.load(Ordering::SeqCst), 0);
    assert_eq!(ask(house.public(), GET).status, 200);
    assert_eq!(called.load(Ordering::SeqCst), 1);
}

#[test]
fn a_bad_chunk_is_refused_and_the_next_connection_works() {
    let house = House::demo();
    for bad in ["0x5\r\nhello\r\n", "5\nhello\r\n", "5\r\nhelloX", "fffffffffffffffff\r\n", "\r\n"]
    {
        for path in ["/echo", "/counter/nothing", "/sleep/100", "/.copal/x"] {
            let mut client = house.raw();
            let request = POST.replace("/echo", path).replace("POST", "BREW");
            client.send(format!("{request}3\r\nabc\r\n{bad}"));
            let refusal = client.response().unwrap();
            assert_eq!(refusal.status, 400, "{path} {bad:?}");
            assert!(refusal.says_close(), "{path} {bad:?}");
            client.closed().unwrap();
            assert_eq!(ask(house.public(), GET).status, 200);
        }
    }
}

#[test]
fn a_bad_chunk_that_comes_late_is_refused_too() {
    let house = House::demo();
    let mut client = house.raw();
    // The answer to the expectation says that the application reads.
    let expecting = POST.replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n");
    client.send(expecting);
    assert_eq!(client.any_response(false).unwrap().status, 100);
    client.send("3\r\nabc\r\n");
    client.send("zz\r\n");
    assert_eq!(client.response().unwrap().status, 400);
    client.closed().unwrap();
}

#[test]
fn an_expectation_is_met() {
    let house = House::demo();
    let mut client = house.raw();
    client
        .send("PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    assert_eq!(client.any_response(false).unwrap().status, 100);
    client.send("hello");
    let echo = client.response().unwrap();
    assert!(echo.text().contains("\"body_bytes\":5"), "{echo:?}");
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let house = House::demo();
    let mut client = house.raw();
    let request =
        |n: usize| format!("GET /echo/{n} HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
    let all: String = (0..50).map(request).collect();
    client.send(all);
    for n in 0..50 {
        let echo = client.response().unwrap();
        assert!(echo.text().contains(&format!("\"path\":\"/echo/{n}\"")), "{echo:?}");
    }
}

#[test]
fn a_client_that_says_that_it_is_done_still_gets_its_answers() {
    let house = House::demo();
    let mut client = house.raw();
    client.send(format!("{GET}GET /sleep/200 HTTP/1.1\r\nHost: x\r\n\r\n")).finish();
    assert_eq!(client.response().unwrap().status, 200);
    assert_eq!(client.response().unwrap().status, 200);
    client.closed().unwrap();
}

#[test]
fn a_body_that_ends_early_ends_the_connection() {
    let house = House::demo();
    let mut client = house.raw();
    client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc").finish();
    let all = client.read_until_close().unwrap();
    assert!(all.is_empty() || all.starts_with(b"HTTP/1.1 400 "), "{}", all.escape_ascii());
    assert_eq!(ask(house.public(), GET).status, 200);
}

#[test]
fn after_an_upgrade_that_is_declined_http_goes_on() {
    let house = House::demo();
    for upgrade in ["foo", "h2c"] {
        let mut client = house.raw();
        let request = format!(
            "GET /echo HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: {upgrade}\r\nHTTP2-Settings: AAMAAABk\r\n\r\n"
        );
        client.send(format!("{request}{GET}GET / HTTP/1.1\r\n\r\n"));
        let echo = client.response().unwrap();
        assert_eq!(echo.status, 200);
        assert!(!echo.text().contains("http2-settings\""), "{echo:?}");
        assert_eq!(echo.text().contains("[\"upgrade\""), upgrade != "h2c", "{echo:?}");
        let next = client.response();
        assert_eq!(next.map(|next| next.status), Ok(200), "{upgrade}");
        assert_eq!(client.response().unwrap().status, 400, "{upgrade}");
        client.closed().unwrap();
    }
}

#[test]
fn bodies_above_max_body_are_refused() {
    let house = House::demo_with("[limits]\nmax-body = \"1K\"");
    #[rustfmt::skip]
    let table = [
        ("Content-Length: 1024", "x".repeat(1024),                            200),
        ("Content-Length: 1025", String::new(),                               413),
        ("Transfer-Encoding: chunked", format!("400\r\n{}\r\n0\r\n\r\n", "x".repeat(0x400)), 200),
        ("Transfer-Encoding: chunked", format!("401\r\n{}\r\n", "x".repeat(0x401)), 413),
    ];
    for (field, body, status) in table {
        let mut client = house.raw();
        client.send(format!("POST /echo HTTP/1.1\r\nHost: x\r\n{field}\r\n\r\n{body}"));
        let answer = client.response().unwrap();
        assert_eq!(answer.status, status, "{field}");
        if status == 413 {
            assert!(answer.says_close());
            client.closed().unwrap();
        }
    }
}

#[test]
fn a_long_body_arrives_whole() {
    let house = House::demo();
    let mut client = house.raw();
    let body = "0123456789abcdef".repeat(1 << 17);
    client
        .send(format!("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", body.len()));
    client.send_in_pieces(body.as_bytes(), 70_001);
    let echo = client.response().unwrap().text();
    assert!(echo.contains("\"body_bytes\":2097152"), "{echo}");
    // What sha256sum says.
    let sum = "9e5c630590af086d064e518b3c1d1cf98e9f4bc9df4fa7cfa32879079a250f62";
    assert!(echo.contains(sum), "{echo}");
}
