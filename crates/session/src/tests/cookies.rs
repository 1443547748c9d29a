//! What the cookie says of the configuration and of the request.

use std::time::Duration;

use copal_config::session_config::{SameSite, SessionConfig};

use super::world::{World, worlds};
use crate::presented::Presented;

#[tokio::test]
async fn the_cookie_is_as_configured() {
    let plain = SessionConfig::default;
    #[rustfmt::skip]
    let table = [
        // configuration                                                  secure  attributes
        (plain(),                                                         false, "; Path=/shop; HttpOnly; SameSite=Lax"),
        (plain(),                                                         true,  "; Path=/shop; Secure; HttpOnly; SameSite=Lax"),
        (SessionConfig { cookie_secure: Some(true), ..plain() },          false, "; Path=/shop; Secure; HttpOnly; SameSite=Lax"),
        (SessionConfig { cookie_secure: Some(false), ..plain() },         true,  "; Path=/shop; HttpOnly; SameSite=Lax"),
        (SessionConfig { cookie_http_only: false, ..plain() },            false, "; Path=/shop; SameSite=Lax"),
        (SessionConfig { cookie_same_site: SameSite::Strict, ..plain() }, false, "; Path=/shop; HttpOnly; SameSite=Strict"),
        (SessionConfig { cookie_same_site: SameSite::None, ..plain() },   true,  "; Path=/shop; Secure; HttpOnly; SameSite=None"),
        (SessionConfig { cookie_path: Some("/".into()), ..plain() },      false, "; Path=/; HttpOnly; SameSite=Lax"),
        (SessionConfig { cookie_domain: Some("a.example".into()), ..plain() }, false, "; Path=/shop; Domain=a.example; HttpOnly; SameSite=Lax"),
        (SessionConfig { cookie_max_age: Some(Duration::from_secs(60)), ..plain() }, false, "; Path=/shop; Max-Age=60; HttpOnly; SameSite=Lax"),
    ];
    for (config, secure, attributes) in table {
        let world = World::new();
        let web_app = world.web_app("/shop", &config);
        let session = world.sessions.open(&web_app, Presented { secure, ..Presented::default() });
        session.insert("a", 1).unwrap();
        let cookie = world.commit(&session).await.unwrap().unwrap();
        let (pair, rest) = cookie.split_at(cookie.find(';').unwrap());
        assert!(pair.starts_with("JSESSIONID=abc"));
        assert_eq!(rest, attributes, "{config:?}");
    }
}

#[tokio::test]
async fn secure_requests_have_a_cookie_of_their_own() {
    let mut world = World::new();
    world.cluster.ssl_session_cookie = "SSLSESSION".to_owned();
    let config = SessionConfig { cookie_secure: Some(false), ..SessionConfig::default() };
    let web_app = world.web_app("/", &config);
    assert_eq!(
        (web_app.cookie_name(false), web_app.cookie_name(true)),
        ("JSESSIONID", "SSLSESSION")
    );
    for (secure, name, marked) in [(false, "JSESSIONID=", false), (true, "SSLSESSION=", true)] {
        let session = world.sessions.open(&web_app, Presented { secure, ..Presented::default() });
        session.insert("a", 1).unwrap();
        let cookie = world.commit(&session).await.unwrap().unwrap();
        assert!(cookie.starts_with(name), "{cookie}");
        assert_eq!(cookie.contains("; Secure"), marked);
    }
}

#[tokio::test]
async fn proofs_and_attributes_are_kept_out_of_logs() {
    for world in worlds() {
        let web_app = world.plain();
        let session = world.open(&web_app, None);
        session.insert("card", "4111").unwrap();
        let cookie = world.sessions.commit(&session).await.unwrap().unwrap();
        assert!(cookie.is_sensitive());
        let id = session.id().await.unwrap().unwrap();
        let presented = Presented { cookie: Some(id.as_str().as_bytes()), ..Presented::default() };
        let next = world.sessions.open(&web_app, presented);
        next.insert("card", "4222").unwrap();
        let shown =
            format!("{cookie:?} {session:?} {next:?} {presented:?} {:?} {id}", world.sessions);
        assert!(shown.contains(&id.key().to_string()));
        let proof = std::str::from_utf8(id.proof()).unwrap();
        for secret in [proof, "4111", "4222"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
