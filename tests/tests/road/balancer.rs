//! One balancer, two backends: new visitors in turn, known ones where they belong.

use copal_testkit::cluster::Cluster;
use copal_testkit::recipe::Recipe;
use copal_testkit::visitor::Visitor;

use crate::seen::{json, server, server_at};

#[test]
fn new_requests_go_to_the_servers_in_turn() {
    let cluster = Cluster::start(Recipe::example("one_balancer_two_backends"));
    let port = cluster.port(8080);
    let servers: Vec<String> = (0..10).map(|_| server_at(port, "/echo")).collect();
    for pair in servers.windows(2) {
        assert_ne!(pair[0], pair[1], "{servers:?}");
    }
    let mut both = servers[..2].to_vec();
    both.sort_unstable();
    assert_eq!(both, ["app-a", "app-b"]);
}

#[test]
fn bound_requests_stay_and_their_counter_goes_on() {
    let cluster = Cluster::start(Recipe::example("one_balancer_two_backends"));
    let mut visitors: Vec<Visitor> = (0..4).map(|_| Visitor::new(cluster.port(8080))).collect();
    let mut homes = Vec::new();
    for visitor in &mut visitors {
        let first = visitor.get("/counter");
        assert_eq!((&json(&first)["count"], &json(&first)["new"]), (&1.into(), &true.into()));
        homes.push((server(&first), json(&first)["session"].clone()));
    }
    assert!(homes.iter().any(|(server, _)| server == "app-a"), "{homes:?}");
    assert!(homes.iter().any(|(server, _)| server == "app-b"), "{homes:?}");
    for count in 2..=5 {
        for (visitor, (home, session)) in visitors.iter_mut().zip(&homes) {
            let next = json(&visitor.get("/counter"));
            assert_eq!(next["count"], count, "{next}");
            assert_eq!(next["server"], home.as_str(), "{next}");
            assert_eq!(&next["session"], session, "{next}");
            assert_eq!(next["new"], false, "{next}");
        }
    }
}

#[test]
fn bound_requests_do_not_move_the_turn_of_new_ones() {
    let cluster = Cluster::start(Recipe::example("one_balancer_two_backends"));
    let port = cluster.port(8080);
    let mut visitor = Visitor::new(port);
    visitor.get("/counter");
    let mut before = server_at(port, "/echo");
    for bound in 1..5 {
        for _ in 0..bound {
            visitor.get("/counter");
        }
        let now = server_at(port, "/echo");
        assert_ne!(now, before, "after {bound} bound requests");
        before = now;
    }
}

#[test]
fn a_new_session_names_its_server_first() {
    let cluster = Cluster::start(Recipe::example("one_balancer_two_backends"));
    for _ in 0..4 {
        let mut visitor = Visitor::new(cluster.port(8080));
        let home = server(&visitor.get("/counter"));
        let id = visitor.cookie("JSESSIONID").expect("a session cookie").to_owned();
        let letters = if home == "app-a" { "abc" } else { "bac" };
        assert!(id.starts_with(letters) && id.len() == 26, "{home}: {id}");
    }
}
