//! When links carry the session id.

use copal_config::session_config::SessionConfig;

use super::world::{World, worlds};
use crate::presented::Presented;

#[tokio::test]
async fn links_carry_the_id_for_clients_without_cookies_only() {
    for world in worlds() {
        let web_app = world.plain();
        let live = world.log_in(&web_app).await;
        let dead = "abcAAAAAAAAAAAAAAAAAAAAAAA";
        let (live, dead) = (live.as_str(), dead);
        // What a link is expected to carry.
        #[derive(Debug, Clone, Copy, PartialEq)]
        enum Link {
            Bare,
            Same,
            Fresh,
        }
        use Link::{Bare, Fresh, Same};
        #[rustfmt::skip]
    let table = [
        // cookie     url         sets   link
        (None,        None,       false, Bare),
        (None,        None,       true,  Fresh),
        (None,        Some(live), false, Same),
        (None,        Some(live), true,  Same),
        (None,        Some(dead), false, Bare),
        (None,        Some(dead), true,  Fresh),
        (None,        Some("abc"), false, Bare),
        (None,        Some("abc"), true, Fresh),
        (Some(live),  None,       false, Bare),
        (Some(live),  Some(live), true,  Bare),
        (Some(dead),  Some(live), false, Same),
        (Some(dead),  None,       true,  Bare),
        (Some("abc"), None,       true,  Bare),
    ];
        for (cookie, url, sets, link) in table {
            for loaded in [false, true] {
                let (cookie, url) = (cookie.map(str::as_bytes), url.map(str::as_bytes));
                let session =
                    world.sessions.open(&web_app, Presented { cookie, url, secure: false });
                if sets {
                    session.insert("a", 1).unwrap();
                }
                if loaded {
                    session.attributes().await.unwrap();
                }
                let encoded = session.encode_url("/next?a=b").await;
                let id = session.id().await.unwrap();
                let with = |id: &str| format!("/next;jsessionid={id}?a=b");
                let expected = match link {
                    Bare => "/next?a=b".to_owned(),
                    Same => with(live),
                    Fresh => with(id.unwrap().as_str()),
                };
                assert_eq!(encoded, expected, "{cookie:?} {url:?} {sets} {loaded}");
            }
        }
    }
}

#[tokio::test]
async fn a_link_leads_to_the_session_that_was_made() {
    for world in worlds() {
        let web_app = world.plain();
        let session = world.open(&web_app, None);
        session.insert("user", "ann").unwrap();
        let link = session.encode_url("/next").await;
        world.commit(&session).await.unwrap();
        assert_eq!(session.encode_url("/next").await, link, "the same after the commit");
        let id = link.strip_prefix("/next;jsessionid=").unwrap();

        // At log-in the next page gets the new id.
        let session = world.open_url(&web_app, id);
        session.rotate_id().unwrap();
        session.insert("user", "bob").unwrap();
        let link = session.encode_url("/next").await;
        let new = link.strip_prefix("/next;jsessionid=").unwrap();
        assert_ne!(id, new);
        let cookie = world.commit(&session).await.unwrap().unwrap();
        assert!(cookie.contains(new));
        assert_eq!(world.user(&web_app, new).await.as_deref(), Some("bob"));
    }
}

#[tokio::test]
async fn links_stay_bare_when_rewriting_is_off() {
    for world in worlds() {
        let config = SessionConfig { enable_url_rewriting: false, ..SessionConfig::default() };
        let web_app = world.web_app("/", &config);
        let session = world.open(&web_app, None);
        session.insert("a", 1).unwrap();
        assert_eq!(session.encode_url("/next").await, "/next");
    }
}

#[tokio::test]
async fn the_prefix_can_be_configured() {
    let mut world = World::new();
    world.cluster.session_url_prefix = ";sid=".to_owned();
    let web_app = world.plain();
    assert_eq!(web_app.url_prefix(), ";sid=");
    let session = world.open(&web_app, None);
    session.insert("a", 1).unwrap();
    assert!(session.encode_url("/next").await.starts_with("/next;sid=abc"));
}
