//! The session of the demo application: made when it is touched, never before.

use copal_protocol::session_id::SessionId;

use crate::start::{json, start};

#[test]
fn who_does_not_touch_the_session_gets_no_cookie() {
    let (_cluster, mut visitor) = start();
    for path in ["/echo", "/bytes/10", "/status/204", "/sleep/1", "/cache/1", "/nothing"] {
        let response = visitor.get(path);
        assert_eq!(response.values("set-cookie"), [""; 0], "{path}: {response:?}");
    }
    let response = visitor.get("/session");
    assert_eq!((response.status, response.values("set-cookie").len()), (404, 0), "{response:?}");
}

#[test]
fn the_counter_counts() {
    let (_cluster, mut visitor) = start();
    let first = json(&visitor.get("/counter"));
    assert_eq!((&first["count"], &first["new"]), (&1.into(), &true.into()), "{first}");
    let second = json(&visitor.get("/counter"));
    assert_eq!((&second["count"], &second["new"]), (&2.into(), &false.into()), "{second}");
    let session = json(&visitor.get("/session"));
    assert_eq!(session["attributes"]["count"], 2, "{session}");
    assert_eq!(session["server"], second["server"], "{session}");
}

#[test]
fn attributes_are_set_shown_and_removed() {
    let (_cluster, mut visitor) = start();
    let set = visitor.send("PUT", "/session/colour", &[], "gr\u{fc}n".as_bytes());
    assert_eq!(set.status / 100, 2, "{set:?}");
    visitor.send("PUT", "/session/size", &[], b"42");
    let shown = json(&visitor.get("/session"))["attributes"].clone();
    assert_eq!(shown["colour"], "gr\u{fc}n", "{shown}");
    assert_eq!(shown["size"], "42", "{shown}");
    assert_eq!(visitor.ask("DELETE", "/session/colour").status / 100, 2);
    let shown = json(&visitor.get("/session"))["attributes"].clone();
    assert!(shown.get("colour").is_none() && shown.get("size").is_some(), "{shown}");
}

#[test]
fn rotation_changes_the_secret_and_keeps_the_rest() {
    let (_cluster, mut visitor) = start();
    visitor.get("/counter");
    let id = |visitor: &copal_testkit::visitor::Visitor| {
        let value = visitor.cookie("JSESSIONID").expect("a cookie").to_owned();
        SessionId::parse(value.as_bytes()).unwrap_or_else(|| panic!("not an id: {value}"))
    };
    let before = id(&visitor);
    let rotated = visitor.ask("POST", "/session/rotate");
    assert_eq!(rotated.status / 100, 2, "{rotated:?}");
    let after = id(&visitor);
    assert_eq!(before.key(), after.key());
    assert!(!before.proof_matches(&after), "the proof did not change");
    assert_eq!(json(&visitor.get("/counter"))["count"], 2);
}

#[test]
fn a_destroyed_session_never_comes_back() {
    let (cluster, mut visitor) = start();
    visitor.get("/counter");
    let id = visitor.cookie("JSESSIONID").expect("a cookie").to_owned();
    assert_eq!(visitor.ask("DELETE", "/session").status / 100, 2);
    let mut thief = copal_testkit::visitor::Visitor::new(cluster.port(8080));
    thief.set_cookie("JSESSIONID", &id);
    assert_eq!(thief.get("/session").status, 404);
    let next = json(&thief.get("/counter"));
    assert_eq!((&next["count"], &next["new"]), (&1.into(), &true.into()), "{next}");
    assert_ne!(thief.cookie("JSESSIONID"), Some(id.as_str()));
}

#[test]
fn a_guess_with_the_right_key_and_another_secret_is_no_session() {
    let (cluster, mut visitor) = start();
    visitor.get("/counter");
    let id = visitor.cookie("JSESSIONID").expect("a cookie").to_owned();
    let other = if id.ends_with('a') { 'b' } else { 'a' };
    let mut guess = id.clone();
    guess.pop();
    guess.push(other);
    let mut thief = copal_testkit::visitor::Visitor::new(cluster.port(8080));
    thief.set_cookie("JSESSIONID", &guess);
    assert_eq!(thief.get("/session").status, 404);
    assert_eq!(json(&visitor.get("/counter"))["count"], 2);
}

#[test]
fn a_client_without_cookies_keeps_its_session_in_the_path() {
    let (cluster, mut visitor) = start();
    visitor.get("/counter");
    let id = visitor.cookie("JSESSIONID").expect("a cookie").to_owned();
    for count in 2..5 {
        let path = format!("/counter;jsessionid={id}");
        let next = json(&copal_testkit::raw::get(cluster.port(8080), &path));
        assert_eq!(next["count"], count, "{next}");
    }
}
