//! The session that comes with a request.

use copal_testkit::raw::{ask, get};
use copal_testkit::visitor::Visitor;

use crate::house::House;

#[test]
fn who_does_not_touch_the_session_gets_no_cookie() {
    let house = House::demo();
    for path in ["/echo", "/session", "/bytes/3", "/status/404", "/nothing"] {
        let answer = get(house.public(), path);
        assert_eq!(answer.field("set-cookie"), None, "{path}");
    }
}

#[test]
fn a_visitor_is_counted_under_one_id() {
    let house = House::demo();
    let mut visitor = Visitor::new(house.public());
    let first = visitor.get("/counter");
    let text = first.text();
    assert!(text.contains("\"count\":1") && text.contains("\"new\":true"), "{text}");
    assert!(text.contains("\"server\":\"app-a\""), "{text}");
    let cookie = first.field("set-cookie").unwrap();
    assert!(cookie.starts_with("JSESSIONID=abc"), "{cookie}");
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{cookie}");
    assert_eq!(first.field("cache-control"), Some("no-store"));
    let second = visitor.get("/counter");
    let text = second.text();
    assert!(text.contains("\"count\":2") && text.contains("\"new\":false"), "{text}");
    assert_eq!(second.field("set-cookie"), None);
}

#[test]
fn the_id_may_come_in_the_path_and_is_not_seen_there() {
    let house = House::demo();
    let mut visitor = Visitor::new(house.public());
    visitor.get("/counter");
    let id = visitor.cookie("JSESSIONID").unwrap().to_owned();
    let text = get(house.public(), &format!("/counter;jsessionid={id}")).text();
    assert!(text.contains("\"count\":2"), "{text}");
    let text = get(house.public(), &format!("/echo;jsessionid={id}/x;v=1")).text();
    assert!(text.contains("\"path\":\"/echo/x;v=1\""), "{text}");
    // A route that is no session is taken off, too.
    let text = get(house.public(), "/echo/y;jsessionid=abc").text();
    assert!(text.contains("\"path\":\"/echo/y\""), "{text}");
}

#[test]
fn an_id_that_a_client_made_up_is_not_adopted() {
    let house = House::demo();
    let made_up = "abc0123456789012345678901234";
    let request =
        format!("GET /counter HTTP/1.1\r\nHost: x\r\nCookie: JSESSIONID={made_up}\r\n\r\n");
    let answer = ask(house.public(), request);
    assert!(!answer.text().contains(made_up), "{answer:?}");
    assert!(answer.field("set-cookie").is_some(), "{answer:?}");
}

#[test]
fn attributes_are_set_shown_and_removed() {
    let house = House::demo();
    let mut visitor = Visitor::new(house.public());
    assert_eq!(visitor.get("/session").status, 404);
    let put = visitor.send("PUT", "/session/colour", &[], b"blue");
    assert_eq!(put.status, 200, "{put:?}");
    assert!(put.field("set-cookie").is_some());
    let text = visitor.get("/session").text();
    assert!(text.contains("\"attributes\":{\"colour\":\"blue\"}"), "{text}");
    assert_eq!(visitor.ask("DELETE", "/session/colour").status, 200);
    let text = visitor.get("/session").text();
    assert!(text.contains("\"attributes\":{}"), "{text}");
}

#[test]
fn a_rotated_id_is_a_new_one_for_the_same_session() {
    let house = House::demo();
    let mut visitor = Visitor::new(house.public());
    visitor.get("/counter");
    let before = visitor.cookie("JSESSIONID").unwrap().to_owned();
    let rotated = visitor.ask("POST", "/session/rotate");
    let after = visitor.cookie("JSESSIONID").unwrap().to_owned();
    assert!(rotated.text().contains(&after), "{rotated:?}");
    assert_ne!(before, after);
    let (letters_and_key, _) = before.split_at(14);
    assert!(after.starts_with(letters_and_key), "{before} {after}");
    assert!(visitor.get("/counter").text().contains("\"count\":2"));
}

#[test]
fn a_destroyed_session_is_gone() {
    let house = House::demo();
    let mut visitor = Visitor::new(house.public());
    visitor.get("/counter");
    let destroyed = visitor.ask("DELETE", "/session");
    assert_eq!(destroyed.status, 200);
    assert!(destroyed.field("set-cookie").unwrap().contains("Max-Age=0"), "{destroyed:?}");
    assert!(visitor.get("/counter").text().contains("\"count\":1"));
}
