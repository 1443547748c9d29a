//! What is read out of a good request head.

use super::*;
use crate::field::Field;

const LIMITS: HeadLimits = HeadLimits { max_head: 1000, max_fields: 20, max_uri: 100 };

fn parse(text: &str) -> RequestHead<'_> {
    RequestHead::parse(text.as_bytes(), &LIMITS).unwrap().unwrap()
}

#[test]
fn every_part_is_borrowed_from_the_buffer() {
    let text = "\r\nPOST http://x:81/a;b?c=%zz HTTP/1.1\r\nHost: a\r\nX:  y \t\r\nContent-Length: 3\r\n\r\nabcGET";
    let head = parse(text);
    assert_eq!(head.method, "POST");
    assert_eq!(head.path, b"/a;b");
    assert_eq!(head.query, Some(&b"c=%zz"[..]));
    assert_eq!(head.authority, b"x:81");
    assert_eq!(head.version, Version::Http11);
    assert_eq!(head.framing, Framing::Length(3));
    assert_eq!(head.length, text.len() - "abcGET".len());
    let field = |name: &'static str, value: &'static str, kind| Field {
        name: name.as_bytes(),
        value: value.as_bytes(),
        kind,
    };
    let fields = [
        field("Host", "a", FieldKind::Host),
        field("X", "y", FieldKind::Other),
        field("Content-Length", "3", FieldKind::ContentLength),
    ];
    assert_eq!(head.fields.as_slice(), fields);
    assert_eq!(head.values(FieldKind::Host).collect::<Vec<_>>(), [b"a"]);
}

#[test]
fn the_client_says_whether_it_stays() {
    let table: &[(&str, &str, bool)] = &[
        ("1.1", "", true),
        ("1.1", "Connection: close\r\n", false),
        ("1.1", "Connection: x , CLOSE\r\n", false),
        ("1.1", "Connection: keep-alive\r\nConnection: close\r\n", false),
        ("1.1", "Connection: closed\r\n", true),
        ("1.1", "Connection: \"close\"\r\n", true),
        ("1.0", "", false),
        ("1.0", "Connection: Keep-Alive\r\n", true),
        ("1.0", "Connection: keep-alive, close\r\n", false),
        ("1.0", "Keep-Alive: 5\r\n", false),
        ("1.0", "Proxy-Connection: keep-alive\r\n", false),
    ];
    for (version, fields, keep_alive) in table {
        let text = format!("GET / HTTP/{version}\r\nHost: a\r\n{fields}\r\n");
        assert_eq!(parse(&text).keep_alive, *keep_alive, "{version} {fields:?}");
    }
}

#[test]
fn an_upgrade_must_be_named_in_connection() {
    let table: &[(&str, &str, Option<&str>)] = &[
        ("1.1", "Connection: Upgrade\r\nUpgrade: websocket\r\n", Some("websocket")),
        ("1.1", "Connection: a, upgrade\r\nUpgrade: A/1, b\r\n", Some("A/1, b")),
        ("1.1", "Upgrade: websocket\r\n", None),
        ("1.1", "Connection: upgrade\r\n", None),
        ("1.0", "Connection: upgrade\r\nUpgrade: websocket\r\n", None),
        ("1.1", "Connection: upgrade\r\nUpgrade: h2c\r\n", None),
        ("1.1", "Connection: upgrade\r\nUpgrade: websocket, H2C\r\n", None),
        ("1.1", "Connection: upgrade\r\nUpgrade: a\r\nUpgrade: b\r\n", None),
        ("1.1", "Connection: upgrade\r\nUpgrade: a b\r\n", None),
        ("1.1", "Connection: upgrade\r\nUpgrade: a/\r\n", None),
        ("1.1", "Connection: upgrade\r\nUpgrade:\r\n", None),
    ];
    for (version, fields, upgrade) in table {
        let text = format!("GET / HTTP/{version}\r\nHost: a\r\n{fields}\r\n");
        assert_eq!(parse(&text).upgrade, upgrade.map(str::as_bytes), "{version} {fields:?}");
    }
}

#[test]
fn an_expectation_counts_when_a_body_follows() {
    let table: &[(&str, &str, bool)] = &[
        ("1.1", "Content-Length: 1\r\n", true),
        ("1.1", "Transfer-Encoding: chunked\r\n", true),
        ("1.1", "Content-Length: 0\r\n", false),
        ("1.1", "", false),
        ("1.0", "Content-Length: 1\r\n", false),
    ];
    for (version, fields, expects) in table {
        let expect = "Expect: 100-Continue";
        let text = format!("POST / HTTP/{version}\r\nHost: a\r\n{expect}\r\n{fields}\r\n");
        assert_eq!(parse(&text).expects_continue, *expects, "{version} {fields:?}");
    }
}

#[test]
fn what_matters_cannot_be_named_away() {
    let names = "Host, Content-Length, Cookie, Authorization, Forwarded, X-Forwarded-For, \
                 X-Request-Id, traceparent, Via, Expect, Keep-Alive, x-FOO, x_foo, close, X-Not-There";
    let text = format!(
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nX-Foo: 1\r\nCookie: a=b\r\n\
         Authorization: x\r\nForwarded: x\r\nX-Forwarded-For: x\r\nX-Request-Id: x\r\n\
         Traceparent: x\r\nVia: x\r\nx-foo: 2\r\nX_Foo: 3\r\nX-Bar: 4\r\nConnection: {names}\r\n\r\n"
    );
    let head = parse(&text);
    let kinds: Vec<_> = head.fields.iter().map(|field| field.kind).collect();
    let expected = [
        FieldKind::Host,
        FieldKind::ContentLength,
        FieldKind::Nominated,
        FieldKind::Cookie,
        FieldKind::Authorization,
        FieldKind::Forwarded,
        FieldKind::XForwardedFor,
        FieldKind::XRequestId,
        FieldKind::Traceparent,
        FieldKind::Via,
        FieldKind::Nominated,
        FieldKind::Underscore,
        FieldKind::Other,
        FieldKind::Connection,
    ];
    assert_eq!(kinds, expected);
}

#[test]
fn connection_options_have_a_bound() {
    let parse = |options: usize| {
        let list = vec!["a"; options].join(",");
        let text = format!("GET / HTTP/1.1\r\nHost: a\r\nConnection: {list}\r\n\r\n");
        RequestHead::parse(text.as_bytes(), &LIMITS).map(|head| head.is_some())
    };
    assert_eq!(parse(limits::CONNECTION_OPTIONS), Ok(true));
    let refusal = parse(limits::CONNECTION_OPTIONS + 1).unwrap_err();
    assert_eq!(refusal.status(), 431);
}

#[test]
fn only_http10_may_have_no_authority() {
    let head = parse("GET / HTTP/1.0\r\n\r\n");
    assert_eq!(head.authority, b"");
    assert_eq!(parse("GET http://x/ HTTP/1.0\r\n\r\n").authority, b"x");
}

#[test]
fn what_is_no_http_is_refused_without_waiting() {
    let table: &[(&[u8], Refusal)] = &[
        (b"\x16", Refusal::Method),
        (b"\x00", Refusal::Method),
        (b" ", Refusal::Method),
        (b"G\x80", Refusal::Method),
        (b"\xff", Refusal::Method),
        (b"\n", Refusal::Fields(BadFields::LineEnd)),
        (b"\rG", Refusal::Fields(BadFields::LineEnd)),
        (b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n", Refusal::Target),
        (b"PRI * HTTP/2.0\r\n", Refusal::Target),
        (b"GET / HTTP/1.1\r\nA\x01", Refusal::Fields(BadFields::Control)),
        (b"GET / HTTP/1.1\r\nA: b\n", Refusal::Fields(BadFields::LineEnd)),
        (b"GET / HTTP/1.1\r\nA: b\r\n c\r\n", Refusal::Fields(BadFields::Folded)),
    ];
    for (bytes, refusal) in table {
        let parsed = RequestHead::parse(bytes, &LIMITS).map(|head| head.is_some());
        assert_eq!(parsed, Err(*refusal), "{}", bytes.escape_ascii());
    }
}
