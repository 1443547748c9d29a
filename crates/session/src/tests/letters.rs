//! Ids whose letters do not lead to the session any more.

use std::sync::Arc;

use copal_protocol::server_index::ServerIndex;

use super::world::{World, id_in, worlds};
use crate::web_app::WebApp;

/// One of each kind, with this server and these others in the table.
fn worlds_of(others: &[usize]) -> [World; 2] {
    worlds().map(|world| {
        world.sessions.set_others(indexes(others));
        world
    })
}

fn indexes(others: &[usize]) -> Vec<ServerIndex> {
    others.iter().map(|index| ServerIndex::new(*index).unwrap()).collect()
}

/// A session whose id begins like this.
async fn session_at(world: &World, web_app: &Arc<WebApp>, letters: &str) -> String {
    for _ in 0..20 {
        let id = world.log_in(web_app).await;
        if id.starts_with(letters) {
            return id;
        }
    }
    panic!("no id begins with {letters}")
}

/// The letters that a client gets that comes with this id and reads, if it gets any. The rest stays.
async fn letters_for(world: &World, web_app: &Arc<WebApp>, id: &str) -> Option<String> {
    let session = world.open(web_app, Some(id));
    assert_eq!(session.get::<String>("user").await.unwrap().as_deref(), Some("ann"));
    let shown = session.id().await.unwrap().unwrap();
    let told = world.commit(&session).await.unwrap().map(|cookie| id_in(&cookie));
    let new = told.as_deref().unwrap_or(id);
    assert_eq!((shown.as_str(), &new[3..]), (new, &id[3..]), "{}", world.kind());
    assert_eq!(session.id().await.unwrap().unwrap().as_str(), new);
    told.map(|id| id[..3].to_owned())
}

#[tokio::test]
async fn an_id_that_names_a_server_that_has_left_gets_other_letters() {
    for world in worlds_of(&[1, 2, 3]) {
        let web_app = world.plain();
        let id = session_at(&world, &web_app, "acd").await;
        assert_eq!(letters_for(&world, &web_app, &id).await, None, "{}", world.kind());
        #[rustfmt::skip]
        let table: &[(&[usize], Option<&str>)] = &[
            // others, letters
            (&[1, 2, 3],       None),
            (&[1, 2, 3, 4],    None),
            // With a and c there is nobody else to name: d is a placeholder now.
            (&[2],             None),
            (&[3],             Some("adb")),
            (&[],              None),
        ];
        for (others, letters) in table {
            world.sessions.set_others(indexes(others));
            let told = letters_for(&world, &web_app, &id).await;
            assert_eq!(told.as_deref(), *letters, "{} {others:?}", world.kind());
        }
        // Somebody is there for the place of d, and is named once.
        world.sessions.set_others(indexes(&[1, 2]));
        let new = letters_for(&world, &web_app, &id).await.unwrap();
        assert!(["abc", "acb"].contains(&&*new), "{new}");
        let moved = format!("{new}{}", &id[3..]);
        assert_eq!(letters_for(&world, &web_app, &moved).await, None, "{}", world.kind());
    }
}

#[tokio::test]
async fn an_id_that_names_nobody_who_has_the_session_gets_other_letters() {
    for world in worlds_of(&[1, 2, 3]) {
        let web_app = world.plain();
        let id = session_at(&world, &web_app, "a").await;
        for (letters, moves) in [("bcd", true), ("bac", false), ("cda", false)] {
            let id = format!("{letters}{}", &id[3..]);
            let told = letters_for(&world, &web_app, &id).await;
            assert_eq!(told.is_some(), moves, "{letters} {}", world.kind());
            assert!(told.is_none_or(|told| told.starts_with('a')), "{letters}");
        }
        // The same when the request has changed something, and so loaded it anew.
        let session = world.open(&web_app, Some(&format!("bcd{}", &id[3..])));
        session.increment("n", 1).await.unwrap();
        assert!(id_in(&world.commit(&session).await.unwrap().unwrap()).starts_with('a'));
    }
}

#[tokio::test]
async fn who_does_not_touch_the_session_learns_nothing() {
    for world in worlds_of(&[1, 2, 3]) {
        let web_app = world.plain();
        let id = format!("bcd{}", &session_at(&world, &web_app, "a").await[3..]);
        let session = world.open(&web_app, Some(&id));
        assert_eq!(world.commit(&session).await.unwrap(), None);
        // Nor does somebody who shares the id and has nothing there.
        let shop = world.web_app("/shop", web_app.config());
        let session = world.open(&shop, Some(&id));
        session.attributes().await.unwrap();
        assert_eq!(world.commit(&session).await.unwrap(), None);
    }
}

#[tokio::test]
async fn links_lead_to_where_the_session_is() {
    for world in worlds_of(&[1, 2, 3]) {
        let web_app = world.plain();
        let id = session_at(&world, &web_app, "a").await;
        let session = world.open_url(&web_app, &format!("bcd{}", &id[3..]));
        let link = session.encode_url("/next").await;
        assert!(link.starts_with("/next;jsessionid=a"), "{link}");
        assert_eq!(link[20..], id[3..], "{link}");
        assert_eq!(world.commit(&session).await.unwrap(), None, "it asked for no cookie");
        assert_eq!(session.encode_url("/next").await, link);
    }
}

#[tokio::test]
async fn a_rotated_id_leads_to_where_the_session_is() {
    for world in worlds_of(&[1, 2, 3]) {
        let web_app = world.plain();
        let id = format!("bcd{}", &session_at(&world, &web_app, "a").await[3..]);
        let session = world.open(&web_app, Some(&id));
        session.rotate_id().unwrap();
        let shown = session.id().await.unwrap().unwrap();
        let new = id_in(&world.commit(&session).await.unwrap().unwrap());
        assert_eq!(shown.as_str(), new);
        assert!(new.starts_with('a') && new[3..14] == id[3..14] && new[14..] != id[14..], "{new}");
    }
}

#[tokio::test]
async fn nobody_gets_a_proof_back_that_was_rotated_meanwhile() {
    for world in worlds_of(&[1, 2, 3]) {
        let web_app = world.plain();
        let id = format!("bcd{}", &session_at(&world, &web_app, "a").await[3..]);
        let early = world.open(&web_app, Some(&id));
        early.get_bytes("user").await.unwrap();
        let session = world.open(&web_app, Some(&id));
        session.rotate_id().unwrap();
        world.commit(&session).await.unwrap().unwrap();
        early.insert("seen", true).unwrap();
        assert_eq!(world.commit(&early).await.unwrap(), None, "{}", world.kind());
        // And who comes with it only now is not helped.
        let late = world.open(&web_app, Some(&id));
        late.attributes().await.unwrap();
        assert_eq!(world.commit(&late).await.unwrap(), None, "{}", world.kind());
    }
}
