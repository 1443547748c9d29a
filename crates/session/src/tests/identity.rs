//! Whose session a request gets: ids that are known, chosen, shared, or both in cookie and URL.

use copal_config::session_config::{ReuseSessionId, SessionConfig};
use copal_protocol::server_index::ServerIndex;
use copal_protocol::session_id::SessionId;

use super::world::{id_in, worlds};
use crate::presented::Presented;

fn parts(id: &str) -> (String, String, String) {
    let (letters, rest) = id.split_at(3);
    let (key, proof) = rest.split_at(11);
    (letters.to_owned(), key.to_owned(), proof.to_owned())
}

#[tokio::test]
async fn only_the_right_proof_opens_a_session() {
    for world in worlds() {
        let web_app = world.plain();
        let id = world.log_in(&web_app).await;
        let (letters, key, proof) = parts(&id);
        let almost: String = proof[..11].to_owned() + if proof.ends_with('x') { "y" } else { "x" };
        let other_key = world.log_in(&web_app).await;
        let (_, other_key, _) = parts(&other_key);
        #[rustfmt::skip]
    let table = [
        // cookie                                       opens it
        (id.clone(),                                    true),
        (format!("zzz{key}{proof}"),                    true), // letters are only a hint
        (format!("{letters}{key}{almost}"),             false),
        (format!("{letters}{other_key}{proof}"),        false),
        (format!("{id}x"),                              false),
        (id[..25].to_owned(),                           false),
        (format!("{letters}{key}"),                     false),
        (id[..23].to_owned(),                           false),
        (format!("\"{id}\""),                           false),
        (letters.clone(),                               false),
        (id.to_uppercase(),                             false),
    ];
        for (cookie, opens) in table {
            let user = world.user(&web_app, &cookie).await;
            assert_eq!(user.is_some(), opens, "{cookie}");
        }
    }
}

#[tokio::test]
async fn new_ids_name_the_servers_that_there_are_now() {
    for world in worlds() {
        let web_app = world.plain();
        let first = world.log_in(&web_app).await;
        let server = |index| ServerIndex::new(index).unwrap();
        let mut seen = vec![parts(&first).0];
        for others in [vec![server(1), server(2)], vec![server(2)], vec![]] {
            world.sessions.set_others(others);
            for _ in 0..2 {
                seen.push(parts(&world.log_in(&web_app).await).0);
            }
        }
        seen.dedup();
        assert_eq!(seen, ["abc", "acb", "abc", "acb", "abc"]);
        assert!(world.user(&web_app, &first).await.is_some());
    }
}

#[tokio::test]
async fn fixation_an_id_that_the_client_chose_is_never_given_to_a_session() {
    for world in worlds() {
        for reuse_session_id in [ReuseSessionId::Never, ReuseSessionId::Live] {
            let config = SessionConfig { reuse_session_id, ..SessionConfig::default() };
            let web_app = world.web_app("/", &config);
            let chosen = "abcATTACKERattackerATTACKE";
            assert!(SessionId::parse(chosen.as_bytes()).is_some());
            let by_url = |_: &str| world.open_url(&web_app, chosen);
            for session in [world.open(&web_app, Some(chosen)), by_url(chosen)] {
                assert_eq!(session.increment("n", 1).await.unwrap(), 1);
                let id = id_in(&world.commit(&session).await.unwrap().unwrap());
                assert_ne!(parts(&id).1, parts(chosen).1);
                assert_ne!(parts(&id).2, parts(chosen).2);
            }
            let session = world.open(&web_app, Some(chosen));
            session.insert("user", "ann").unwrap();
            assert!(world.commit(&session).await.unwrap().is_some());
            assert_eq!(world.user(&web_app, chosen).await, None);
        }
    }
}

#[tokio::test]
async fn a_known_key_with_another_proof_is_no_way_in() {
    for world in worlds() {
        let web_app = world.plain();
        let id = world.log_in(&web_app).await;
        let guess = format!("{}guessguess12", &id[..14]);
        let session = world.open(&web_app, Some(&guess));
        session.insert("user", "eve").unwrap();
        let other = id_in(&world.commit(&session).await.unwrap().unwrap());
        assert_ne!(other[..14], id[..14]);
        let session = world.open(&web_app, Some(&guess));
        session.destroy().unwrap();
        world.commit(&session).await.unwrap();
        assert_eq!(world.user(&web_app, &id).await.as_deref(), Some("ann"));
        world.has(2, &[]);
    }
}

#[tokio::test]
async fn the_cookie_counts_when_it_names_a_live_session_and_else_the_url() {
    for world in worlds() {
        let web_app = world.plain();
        let ann = world.log_in(&web_app).await;
        let bob = {
            let session = world.open(&web_app, None);
            session.insert("user", "bob").unwrap();
            id_in(&world.commit(&session).await.unwrap().unwrap())
        };
        let dead = "abcAAAAAAAAAAAAAAAAAAAAAAA";
        let (ann, bob) = (ann.as_str(), bob.as_str());
        #[rustfmt::skip]
    let table = [
        // cookie     url         user
        (Some(ann),   Some(bob),  Some("ann")),
        (Some(bob),   Some(ann),  Some("bob")),
        (Some(dead),  Some(ann),  Some("ann")),
        (Some("abc"), Some(ann),  Some("ann")),
        (None,        Some(bob),  Some("bob")),
        (Some(ann),   Some(dead), Some("ann")),
        (Some(ann),   None,       Some("ann")),
        (Some(dead),  Some("abc"), None),
        (None,        None,       None),
    ];
        for (cookie, url, user) in table {
            let (cookie, url) = (cookie.map(str::as_bytes), url.map(str::as_bytes));
            let session = world.sessions.open(&web_app, Presented { cookie, url, secure: false });
            let found: Option<String> = session.get::<String>("user").await.unwrap();
            assert_eq!(found.as_deref(), user, "{cookie:?} {url:?}");
        }
    }
}

#[tokio::test]
async fn what_is_switched_off_is_not_read() {
    for world in worlds() {
        let only_url = SessionConfig { enable_cookies: false, ..SessionConfig::default() };
        let only_cookies =
            SessionConfig { enable_url_rewriting: false, ..SessionConfig::default() };
        let (only_url, only_cookies) =
            (world.web_app("/", &only_url), world.web_app("/", &only_cookies));
        let id = world.log_in(&only_cookies).await;
        assert!(world.user(&only_cookies, &id).await.is_some());
        let session = world.open_url(&only_cookies, &id);
        assert_eq!(session.get::<String>("user").await.unwrap(), None);

        let session = world.open(&only_url, None);
        session.insert("user", "ann").unwrap();
        let id = session.id().await.unwrap().unwrap();
        assert_eq!(world.commit(&session).await.unwrap(), None, "no cookie");
        assert_eq!(world.user(&only_url, id.as_str()).await, None);
        let session = world.open_url(&only_url, id.as_str());
        assert!(session.get::<String>("user").await.unwrap().is_some());
    }
}

#[tokio::test]
async fn web_apps_share_a_live_id_and_see_their_own_attributes() {
    for world in worlds() {
        let (home, shop) = (world.plain(), world.web_app("/shop", &SessionConfig::default()));
        let id = world.log_in(&home).await;

        // Looking is not joining.
        let session = world.open(&shop, Some(&id));
        assert_eq!(session.get::<String>("user").await.unwrap(), None);
        assert!(session.id().await.unwrap().is_none());
        assert!(!session.is_new().await);
        world.commit(&session).await.unwrap();
        world.has(1, &[(&shop, 0)]);

        let session = world.open(&shop, Some(&id));
        session.insert("user", "shopper").unwrap();
        assert!(session.is_new().await);
        assert_eq!(session.id().await.unwrap().unwrap().as_str(), id);
        assert_eq!(world.commit(&session).await.unwrap(), None, "the client has this id");
        assert!(session.is_new().await);
        world.has(1, &[(&home, 1), (&shop, 1)]);
        assert_eq!(world.user(&home, &id).await.as_deref(), Some("ann"));
        assert_eq!(world.user(&shop, &id).await.as_deref(), Some("shopper"));
        let session = world.open(&shop, Some(&id));
        session.remove("user").unwrap();
        world.commit(&session).await.unwrap();
        assert_eq!(world.user(&home, &id).await.as_deref(), Some("ann"));

        // A sum joins at once.
        let blog = world.web_app("/blog", &SessionConfig::default());
        let session = world.open(&blog, Some(&id));
        assert_eq!(session.increment("n", 2).await.unwrap(), 2);
        assert_eq!(session.increment("n", 2).await.unwrap(), 4);
        assert!(session.is_new().await);
        world.has(1, &[(&blog, 1)]);
    }
}

#[tokio::test]
async fn web_apps_at_the_same_path_of_two_hosts_see_their_own_attributes() {
    for world in worlds() {
        let config = SessionConfig::default();
        let at = |host| world.sessions.web_app(&world.cluster, (host, "/shop"), &config);
        let [shop, other, default] = ["shop.example", "*.example", ""].map(at);
        let id = world.log_in(&shop).await;
        for (web_app, what) in [(&other, "other"), (&default, "default")] {
            assert_eq!(world.user(web_app, &id).await, None, "{what} {}", world.kind());
            let session = world.open(web_app, Some(&id));
            assert!(session.attributes().await.unwrap().is_empty());
            session.insert("user", what).unwrap();
            world.commit(&session).await.unwrap();
        }
        assert_eq!(world.user(&shop, &id).await.as_deref(), Some("ann"), "{}", world.kind());
        assert_eq!(world.user(&other, &id).await.as_deref(), Some("other"));
        assert_eq!(world.user(&default, &id).await.as_deref(), Some("default"));
        // It is the same web-app wherever it is found.
        assert_eq!(shop.path(), "/shop");
        if !world.reads_in_place() {
            assert_eq!(world.user(&at("shop.example"), &id).await.as_deref(), Some("ann"));
        }
    }
}

#[tokio::test]
async fn a_web_app_that_shares_no_ids_makes_its_own() {
    for world in worlds() {
        let alone =
            SessionConfig { reuse_session_id: ReuseSessionId::Never, ..SessionConfig::default() };
        let (home, shop) = (world.plain(), world.web_app("/shop", &alone));
        let id = world.log_in(&home).await;
        let session = world.open(&shop, Some(&id));
        session.insert("user", "shopper").unwrap();
        let cookie = world.commit(&session).await.unwrap().unwrap();
        assert!(cookie.contains("; Path=/shop;"));
        assert_ne!(id_in(&cookie)[3..14], id[3..14]);
        world.has(2, &[]);
    }
}

#[tokio::test]
async fn an_own_session_comes_before_one_that_could_be_shared() {
    for world in worlds() {
        let (home, shop) = (world.plain(), world.web_app("/shop", &SessionConfig::default()));
        let (of_home, of_shop) = (world.log_in(&home).await, world.log_in(&shop).await);
        let presented = Presented {
            cookie: Some(of_home.as_bytes()),
            url: Some(of_shop.as_bytes()),
            secure: false,
        };
        let session = world.sessions.open(&shop, presented);
        assert_eq!(session.encode_url("/next").await, format!("/next;jsessionid={of_shop}"));
        assert_eq!(session.get::<String>("user").await.unwrap().as_deref(), Some("ann"));
        assert_eq!(session.id().await.unwrap().unwrap().as_str(), of_shop);
    }
}

#[tokio::test]
async fn ids_name_this_server_and_have_the_configured_length() {
    for world in worlds() {
        for cookie_length in [24, 26, 40, 64] {
            let config = SessionConfig { cookie_length, ..SessionConfig::default() };
            let id = world.log_in(&world.web_app("/", &config)).await;
            assert_eq!(id.len(), cookie_length);
            assert_eq!(&id[..3], "abc");
        }
    }
}
