//! The demo application.

use copal_testkit::raw::{ask, get};
use copal_testkit::response::Response;
use copal_testkit::visitor::Visitor;
use copal_testkit::websocket::{Opcode, WebSocket};

use crate::house::House;

const HTML: (&str, &str) = ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

fn page(visitor: &mut Visitor, path: &str) -> Response {
    visitor.send("GET", path, &[HTML], b"")
}

fn form(visitor: &mut Visitor, path: &str, body: &[u8]) -> Response {
    visitor.send("POST", path, &[HTML, FORM], body)
}

/// The text of the element with this id.
fn element<'t>(text: &'t str, id: &str) -> &'t str {
    let (_, rest) = text.split_once(&format!("id=\"{id}\">")).unwrap();
    rest.split_once('<').unwrap().0
}

#[test]
fn the_page_counts_and_its_forms_work() {
    let house = House::demo();
    let mut visitor = Visitor::new(house.public());
    let first = page(&mut visitor, "/").text();
    assert_eq!(element(&first, "count"), "1");
    assert_eq!(element(&first, "server"), "app-a");
    assert_eq!(element(&first, "owner"), "app-a");
    assert_eq!(element(&first, "backup"), "app-b");
    assert_eq!(element(&first, "third"), "–");
    let id = visitor.cookie("JSESSIONID").unwrap().to_owned();
    assert_eq!(element(&first, "session"), id);
    let set = form(&mut visitor, "/session/form", b"name=a%3Cb&value=%3Ci%3E+x");
    assert_eq!((set.status, set.field("location")), (303, Some("/")));
    let second = page(&mut visitor, "/").text();
    assert_eq!(element(&second, "count"), "2");
    assert_eq!(element(&second, "session"), id);
    assert!(second.contains("<tr><th>a&lt;b</th><td>&lt;i&gt; x</td></tr>"), "{second}");
    let rotated = form(&mut visitor, "/session/rotate", b"");
    assert_eq!((rotated.status, rotated.field("location")), (303, Some("/")));
    assert_ne!(visitor.cookie("JSESSIONID").unwrap(), id);
    assert_eq!(element(&page(&mut visitor, "/").text(), "count"), "3");
    let out = form(&mut visitor, "/session/logout", b"");
    assert_eq!((out.status, out.field("location")), (303, Some("/")));
    assert_eq!(element(&page(&mut visitor, "/").text(), "count"), "1");
}

#[test]
fn the_page_works_below_a_context_path_and_without_cookies() {
    let text = "[[cluster.app-tier.web-app]]\npath = \"/shop\"\napp = \"demo\"";
    let house = House::open(&format!("\n{text}"), |server| server);
    let accept = |path: &str| {
        ask(house.public(), format!("GET {path} HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\n\r\n"))
    };
    for path in ["/shop", "/shop/"] {
        let answer = accept(path);
        let text = answer.text();
        assert!(answer.field("set-cookie").unwrap().contains("; Path=/shop;"), "{answer:?}");
        let id = element(&text, "session");
        let link = format!("id=\"again\" href=\"/shop/;jsessionid={id}\"");
        assert!(text.contains(&link), "{link} in {text}");
        let next = accept(&format!("/shop/;jsessionid={id}")).text();
        assert_eq!(element(&next, "count"), "2");
    }
    assert_eq!(get(house.public(), "/shopping").status, 404);
    assert_eq!(get(house.public(), "/").status, 404);
}

#[test]
fn tools_get_json() {
    let house = House::demo();
    let answer = get(house.public(), "/");
    assert_eq!(answer.field("content-type"), Some("application/json"));
    assert!(answer.text().contains("\"third\":null"), "{answer:?}");
}

#[test]
fn answers_are_made_as_wanted() {
    let house = House::demo();
    #[rustfmt::skip]
    let table: &[(&str, &str, u16, &str)] = &[
        ("GET",    "/bytes/100000",      200, "xxx"),
        ("GET",    "/bytes/0",           200, ""),
        ("GET",    "/bytes/-1",          400, "whole number"),
        ("GET",    "/bytes/99999999999999999999", 400, "whole number"),
        ("GET",    "/sleep/1",           200, "\"slept_ms\":1"),
        ("GET",    "/sleep/600001",      400, "ten minutes"),
        ("GET",    "/status/418",        418, "\"status\":418"),
        ("GET",    "/status/204",        204, ""),
        ("GET",    "/status/101",        400, "200 to 599"),
        ("GET",    "/status/600",        400, "200 to 599"),
        ("GET",    "/cache/60",          200, "\"made\""),
        ("GET",    "/nothing",           404, "\"error\""),
        ("DELETE", "/counter",           405, "\"error\""),
        ("BREW",   "/echo/a/b",          200, "\"method\":\"BREW\""),
        ("GET",    "/echo?a=%20b",       200, "\"query\":\"a=%20b\""),
        ("GET",    "/websocket",         400, "\"error\""),
        ("DELETE", "/session",           404, "no session"),
    ];
    for (method, path, status, part) in table {
        let answer = ask(house.public(), format!("{method} {path} HTTP/1.1\r\nHost: x\r\n\r\n"));
        assert_eq!(answer.status, *status, "{path}");
        assert!(answer.text().contains(part), "{path} {answer:?}");
    }
    assert_eq!(get(house.public(), "/bytes/100000").body.len(), 100_000);
    let cached = get(house.public(), "/cache/60");
    assert_eq!(cached.field("cache-control"), Some("public, max-age=60"));
    assert_ne!(cached.body, get(house.public(), "/cache/60").body);
    let wrong = ask(house.public(), "DELETE /counter HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(wrong.field("allow"), Some("GET, HEAD"));
}

#[test]
fn a_head_request_gets_the_length_and_no_body() {
    let house = House::demo();
    let mut client = house.raw();
    client.send("HEAD /bytes/18446744073709551615 HTTP/1.1\r\nHost: x\r\n\r\n");
    let answer = client.response_to_head().unwrap();
    assert_eq!(answer.field("content-length"), Some("18446744073709551615"));
    client.send("HEAD /echo HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(client.response_to_head().unwrap().status, 200);
}

#[test]
fn the_websocket_sends_back_what_it_gets() {
    let house = House::demo();
    for port in [house.public(), house.cluster()] {
        let mut socket = WebSocket::open(port, "/websocket", "");
        for text in ["one", "two"] {
            socket.send(Opcode::Text, text.as_bytes());
            assert_eq!(socket.receive().unwrap(), (Opcode::Text, text.as_bytes().to_vec()));
        }
        let long = vec![7; 200_000];
        socket.send(Opcode::Binary, &long);
        assert!(socket.receive().unwrap() == (Opcode::Binary, long));
        socket.send(Opcode::Ping, b"?");
        assert_eq!(socket.receive().unwrap(), (Opcode::Pong, b"?".to_vec()));
        socket.send(Opcode::Close, &1000_u16.to_be_bytes());
        assert_eq!(socket.receive().unwrap().0, Opcode::Close);
        socket.closed().unwrap();
    }
}
