//! The session cookie and its attributes.

use copal_protocol::session_id::SessionId;
use copal_testkit::cluster::Cluster;
use copal_testkit::recipe::Recipe;
use copal_testkit::visitor::Visitor;

use crate::start::start;

/// The parts of the only Set-Cookie field, in lower case but for the value.
fn parts(visitor: &mut Visitor, path: &str) -> (String, String, Vec<String>) {
    let response = visitor.get(path);
    let cookie = response.field("set-cookie").unwrap_or_else(|| panic!("{response:?}"));
    let mut parts = cookie.split(';').map(str::trim);
    let pair = parts.next().unwrap_or_default().to_owned();
    let (name, value) = pair.split_once('=').expect("a name and a value");
    let mut attributes: Vec<String> = parts.map(str::to_ascii_lowercase).collect();
    attributes.sort_unstable();
    (name.to_owned(), value.to_owned(), attributes)
}

#[test]
fn the_defaults_are_safe() {
    let (_cluster, mut visitor) = start();
    let (name, value, attributes) = parts(&mut visitor, "/counter");
    assert_eq!(name, "JSESSIONID");
    assert_eq!(value.len(), 26);
    assert!(SessionId::parse(value.as_bytes()).is_some(), "{value}");
    assert_eq!(attributes, ["httponly", "path=/", "samesite=lax"]);
    assert_eq!(visitor.get("/counter").values("set-cookie"), [""; 0], "it is set once");
}

#[test]
fn each_key_of_session_config_is_heard() {
    let cluster = Cluster::start(Recipe::example("session_config"));
    let mut visitor = Visitor::new(cluster.port(8080));
    let (name, value, attributes) = parts(&mut visitor, "/counter");
    assert_eq!((name.as_str(), value.len()), ("SHOPSESSION", 32));
    assert_eq!(attributes, ["httponly", "path=/", "samesite=lax"]);
    for count in 2..6 {
        // The web tier knows the cookie by the name that the app tier gave it.
        let next = crate::start::json(&visitor.get("/counter"));
        assert_eq!(next["count"], count, "{next}");
    }
    let mut shopper = Visitor::new(cluster.port(8080));
    let (name, value, attributes) = parts(&mut shopper, "/shop/counter");
    assert_eq!((name.as_str(), value.len()), ("SHOPSESSION", 32));
    let month = format!("max-age={}", 30 * 24 * 3600);
    let expected =
        ["domain=example.com", "httponly", month.as_str(), "path=/shop", "samesite=strict"];
    assert_eq!(attributes, expected);
}

#[test]
fn two_visitors_never_get_the_same_id() {
    let (cluster, _) = start();
    let mut ids: Vec<String> = (0..20)
        .map(|_| parts(&mut Visitor::new(cluster.port(8080)), "/counter").1)
        .map(|id| id.chars().skip(3).collect())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 20);
}
