//! Rows 45 to 58: what follows on a connection, and how much of it.

use crate::row::Answer::{Own, Refused, RefusedOrClosed, Served};
use crate::row::{Row, seen};

/// Rows 45 and 47 to 50.
pub(crate) fn around_the_head() -> Vec<Row> {
    let next = "GET /echo/next HTTP/1.1\r\nHost: a\r\n\r\n";
    let with_body = format!("Content-Length: 3\r\n\r\nabc{next}");
    let upgrade = format!("Connection: upgrade\r\nUpgrade: foo\r\n\r\n{next}");
    let get = |number: u32, what: &str, rest: &str, answer| {
        let bytes = format!("GET /echo/row-{number} HTTP/1.1\r\nHost: a\r\n{rest}");
        Row::new(number, what, bytes, answer)
    };
    vec![
        get(
            45,
            "a GET with a body, then another",
            &with_body,
            Served(2, |calls| {
                calls[0].body == b"abc" && calls[1].head.starts_with("GET /echo/next")
            }),
        ),
        Row::fields(47, "another expectation", "Expect: y 100-continue\r\n", Own(417)),
        get(
            48,
            "an upgrade that is declined, then another request",
            &upgrade,
            Served(2, |calls| calls[1].head.starts_with("GET /echo/next")),
        ),
        Row::fields(
            49,
            "an upgrade to h2c",
            "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\
             HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n",
            Served(1, |calls| {
                let head = calls[0].head.to_ascii_lowercase();
                !head.contains("h2c") && !head.contains("http2-settings")
            }),
        ),
        Row::body(
            50,
            "fields named in Connection",
            "Connection: X-Forwarded-For, Content-Length, Cookie, X-Foo\r\nX-Foo: bar\r\n\
             Cookie: a=b\r\nContent-Length: 3\r\n",
            "abc",
            Served(1, |calls| {
                let call = &calls[0];
                call.values("x-forwarded-for") == ["127.0.0.1"]
                    && call.values("cookie") == ["a=b"]
                    && call.body.windows(3).any(|window| window == b"abc")
                    && call.values("x-foo").is_empty()
            }),
        ),
    ]
}

/// Rows 51 to 53, on both sides of each limit.
pub(crate) fn limits() -> Vec<Row> {
    let lines = |count: usize| (0..count).map(|at| format!("X-{at}: y\r\n")).collect::<String>();
    let target = |length: usize| format!("/echo/{}", "x".repeat(length - "/echo/".len()));
    let long = |length: usize| format!("X-Long: {}\r\n", "x".repeat(length));
    let named = |what: &str, target: &str, answer| Row {
        what: what.to_owned(),
        ..Row::target(52, target, answer)
    };
    vec![
        Row::fields(51, "100 fields", &lines(99), Served(1, seen)),
        Row::fields(51, "101 fields", &lines(100), Refused(431)),
        Row::fields(51, "1001 fields", &lines(1000), Refused(431)),
        named("a target of 8192 bytes", &target(8192), Served(1, seen)),
        named("a target of 8193 bytes", &target(8193), Refused(414)),
        named("a target of 20 kB", &target(20_000), Refused(414)),
        named("a target of 70 kB", &target(70_000), Refused(414)),
        Row::fields(53, "a head of 32 kB less a bit", &long(32_600), Served(1, seen)),
        Row::fields(53, "a head of 33 kB", &long(33_000), Refused(431)),
        Row::fields(53, "a head of 300 kB", &long(300_000), Refused(431)),
    ]
}

/// Row 58: other protocols than the listener's.
pub(crate) fn other_protocols() -> Vec<Row> {
    let client_hello =
        b"\x16\x03\x01\x00\x2f\x01\x00\x00\x2b\x03\x03abcdefghijklmnopqrstuvwxyz012345\
        \x00\x00\x04\x13\x01\x13\x02\x01\x00\r\n\r\n";
    let proxy =
        "PROXY TCP4 1.2.3.4 127.0.0.1 1234 80\r\nGET /echo/row-58 HTTP/1.1\r\nHost: a\r\n\r\n";
    let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    vec![
        Row::new(58, "a TLS ClientHello", client_hello.as_slice(), RefusedOrClosed(400)),
        Row::new(58, "a PROXY line", proxy, RefusedOrClosed(400)),
        // The preface reads as a request of a well-formed other version, so 505 is its answer too.
        Row::new(58, "the preface of HTTP/2", preface, RefusedOrClosed(400)),
    ]
}
