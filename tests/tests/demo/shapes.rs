//! The small answers of the demo application: echo, status, sleep, cache.

use copal_testkit::raw::{Raw, Trouble};

use crate::start::{json, start};

/// SHA-256 of `abc` (FIPS 180-2, B.1).
const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

#[test]
fn echo_says_what_arrived() {
    let (_cluster, mut visitor) = start();
    for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"] {
        let response = visitor.send(method, "/echo/a/b?c=d&e", &[("X-Own", "kept")], b"abc");
        let echoed = json(&response);
        assert_eq!(echoed["method"], method);
        assert_eq!((&echoed["path"], &echoed["query"]), (&"/echo/a/b".into(), &"c=d&e".into()));
        let body = (&echoed["body_bytes"], &echoed["body_sha256"]);
        assert_eq!(body, (&3.into(), &ABC.into()), "{method}");
        let headers = echoed["headers"].as_array().expect("a list of pairs");
        let own = headers
            .iter()
            .find(|pair| pair[0].as_str().is_some_and(|name| name.eq_ignore_ascii_case("x-own")));
        assert_eq!(own.map(|pair| &pair[1]), Some(&"kept".into()), "{echoed}");
    }
}

#[test]
fn the_application_sees_who_the_client_is() {
    let (cluster, mut visitor) = start();
    let headers = json(&visitor.get("/echo"))["headers"].clone();
    let value = |name: &str| {
        let pairs = headers.as_array().into_iter().flatten();
        let named = pairs
            .filter(|pair| pair[0].as_str().is_some_and(|field| field.eq_ignore_ascii_case(name)));
        named.map(|pair| pair[1].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(value("host"), ["localhost"]);
    assert_eq!(value("x-forwarded-for"), ["127.0.0.1"]);
    assert_eq!(value("x-forwarded-proto"), ["http"]);
    assert_eq!(value("x-forwarded-port"), [cluster.port(8080).to_string()]);
    assert_eq!(value("x-request-id").len(), 1, "{headers}");
    // The two tiers talk to each other in such fields; no application sees them.
    assert!(!headers.to_string().to_ascii_lowercase().contains("copal-proof"), "{headers}");
}

#[test]
fn status_answers_with_that_status() {
    let (_cluster, mut visitor) = start();
    for status in [200, 201, 204, 205, 301, 304, 404, 418, 500, 503] {
        let response = visitor.get(&format!("/status/{status}"));
        assert_eq!(response.status, status, "{response:?}");
    }
    let nonsense = visitor.get("/status/nonsense").status;
    assert!(nonsense == 400 || nonsense == 404, "{nonsense}");
}

#[test]
fn sleep_and_cache_answer() {
    let (_cluster, mut visitor) = start();
    assert_eq!(visitor.get("/sleep/20").status, 200);
    let (first, second) = (visitor.get("/cache/7"), visitor.get("/cache/7"));
    assert_eq!(first.field("cache-control"), Some("public, max-age=7"));
    assert_ne!(first.text(), second.text(), "a body that differs each time it is made");
}

#[test]
fn what_is_not_there_is_not_found() {
    let (_cluster, mut visitor) = start();
    for path in ["/nothing", "/.copal/ready", "/.copal/hello"] {
        assert_eq!(visitor.get(path).status, 404, "{path}");
    }
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let (cluster, _) = start();
    let mut client = Raw::connect(cluster.port(8080));
    let requests: String = (0..20)
        .map(|at| format!("POST /echo/{at} HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"))
        .collect();
    client.send(requests);
    for at in 0..20 {
        let response = client.response().expect("an answer");
        assert_eq!(json(&response)["path"], format!("/echo/{at}"));
    }
}

#[test]
fn bytes_that_come_one_by_one_are_the_same_request() {
    let (cluster, _) = start();
    let mut client = Raw::connect(cluster.port(8080));
    let request = b"POST /echo/slow HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\
        3\r\nabc\r\n0\r\n\r\n";
    client.send_in_pieces(request, 1);
    let echoed = json(&client.response().expect("an answer"));
    assert_eq!((&echoed["path"], &echoed["body_sha256"]), (&"/echo/slow".into(), &ABC.into()));
}

#[test]
fn http_1_0_ends_after_its_answer_unless_it_asks() {
    let (cluster, _) = start();
    let mut client = Raw::connect(cluster.port(8080));
    client.send("GET /bytes/5 HTTP/1.0\r\n\r\n");
    assert_eq!(client.response().map(|response| response.body.len()), Ok(5));
    assert_eq!(client.closed(), Ok(()));
    let mut client = Raw::connect(cluster.port(8080));
    for _ in 0..2 {
        client.send("GET /bytes/5 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        assert_eq!(client.response().map(|response| response.body.len()), Ok(5));
    }
    client.send("GET /bytes/5 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert_eq!(client.response().map(|response| response.says_close()), Ok(true));
    assert!(matches!(client.response(), Err(Trouble::Closed)));
}
