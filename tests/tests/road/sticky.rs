//! A session id in the path or in a cookie names the server.

use copal_testkit::cluster::Cluster;
use copal_testkit::recipe::Recipe;
use copal_testkit::visitor::Visitor;

use crate::seen::{json, server, server_at};

#[test]
fn the_letters_in_a_path_force_the_server() {
    let cluster = Cluster::start(Recipe::example("three_servers"));
    for web in [8080, 8081] {
        for (letters, server) in [("abc", "app-a"), ("bcd", "app-b"), ("cde", "app-c")] {
            for _ in 0..4 {
                let path = format!("/echo/admin;jsessionid={letters}");
                assert_eq!(server_at(cluster.port(web), &path), server, "{path}");
            }
        }
    }
}

#[test]
fn a_cookie_from_elsewhere_names_its_server() {
    let cluster = Cluster::start(Recipe::example("one_balancer_two_backends"));
    let mut visitor = Visitor::new(cluster.port(8080));
    visitor.set_cookie("JSESSIONID", "bacX8ZwooOz");
    for _ in 0..6 {
        assert_eq!(server(&visitor.get("/echo")), "app-b");
    }
}

#[test]
fn an_id_that_the_client_made_up_is_never_adopted() {
    let cluster = Cluster::start(Recipe::example("one_balancer_two_backends"));
    for id in ["bacX8ZwooOz", "bacAAAAAAAAAAAAAAAAAAAAAAA"] {
        let mut visitor = Visitor::new(cluster.port(8080));
        visitor.set_cookie("JSESSIONID", id);
        let first = visitor.get("/counter");
        assert_eq!((server(&first).as_str(), &json(&first)["count"]), ("app-b", &1.into()));
        assert_ne!(visitor.cookie("JSESSIONID"), Some(id));
        assert_eq!(json(&visitor.get("/counter"))["count"], 2);
    }
}

#[test]
fn a_session_is_found_from_every_web_server() {
    let cluster = Cluster::start(Recipe::example("three_servers"));
    let mut visitor = Visitor::new(cluster.port(8080));
    let home = server(&visitor.get("/counter"));
    for count in 2..6 {
        visitor.go_to(cluster.port(if count % 2 == 0 { 8081 } else { 8080 }));
        let next = json(&visitor.get("/counter"));
        assert_eq!((&next["count"], &next["server"]), (&count.into(), &home.as_str().into()));
    }
}

#[test]
fn backups_are_taken_in_turn_among_the_other_servers() {
    let cluster = Cluster::start(Recipe::example("three_servers"));
    let letters: std::collections::BTreeSet<String> = (0..12)
        .map(|_| {
            let mut visitor = Visitor::new(cluster.port(8080));
            visitor.get("/counter");
            visitor.cookie("JSESSIONID").expect("a cookie").chars().take(3).collect()
        })
        .collect();
    let every = ["abc", "acb", "bac", "bca", "cab", "cba"].map(str::to_owned);
    assert_eq!(letters, every.into());
}
