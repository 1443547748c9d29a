//! `max-connections` holds for the whole process.

use std::time::Duration;

use copal_testkit::cluster::Cluster;
use copal_testkit::raw::Raw;
use copal_testkit::recipe::Recipe;

use crate::doors;

const REQUEST: &str = "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n";

/// The example with three connections at a time, taken by one thread.
fn with_a_cap() -> Recipe {
    let top = "workers = 1\nlimits = { max-connections = 3 }\n\n[[cluster.web-tier.server]]";
    Recipe::example("one_balancer_two_backends").replaced("[[cluster.web-tier.server]]", top)
}

#[test]
fn connections_above_the_cap_wait_and_are_served_when_there_is_room() {
    let cluster = Cluster::start(with_a_cap());
    let port = cluster.port(8080);
    let mut places: Vec<Raw> = (0..3).map(|_| Raw::connect(port)).collect();
    for place in &mut places {
        place.send(REQUEST);
        assert_eq!(place.response().expect("an answer").status, 200);
    }
    let mut fourth = Raw::connect(port);
    fourth.send(REQUEST);
    let _said = cluster.server("web-a").wait_for_log("max-connections is reached");
    // Those who are in are served as before.
    places[2].send(REQUEST);
    assert_eq!(places[2].response().expect("an answer").status, 200);
    drop(places.remove(0));
    assert_eq!(fourth.response().expect("an answer").status, 200);
}

#[test]
fn a_server_at_the_cap_stops_when_drain_time_is_over() {
    let recipe =
        with_a_cap().replaced("max-connections = 3", "max-connections = 1, drain-time = \"1s\"");
    let mut cluster = Cluster::start(recipe);
    let mut place = Raw::connect(cluster.port(8080));
    place.send("GET /sleep/60000 HTTP/1.1\r\nHost: a\r\n\r\n");
    let mut waiting = Raw::connect(cluster.port(8080));
    waiting.send(REQUEST);
    let _said = cluster.server("web-a").wait_for_log("max-connections is reached");
    let mut server = cluster.take("web-a");
    server.terminate();
    assert_eq!(server.wait_for_exit().code(), Some(0));
}

#[test]
fn the_connections_of_the_web_tier_do_not_count_at_the_cluster_port() {
    let cluster = Cluster::start(with_a_cap());
    let mut clients: Vec<Raw> = (0..3).map(|_| Raw::connect(cluster.port(8080))).collect();
    // Strangers at the cluster port of app-a, more of them than the cap.
    let strangers: Vec<Raw> = (0..5).map(|_| Raw::connect(cluster.port(6800))).collect();
    for client in &mut clients {
        client.send("GET /echo;jsessionid=abc HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_eq!(client.response().expect("an answer").status, 200);
    }
    drop(strangers);
}

#[test]
fn a_higher_cap_lets_those_in_who_wait() {
    let mut cluster = Cluster::start(with_a_cap());
    let port = cluster.port(8080);
    let mut places: Vec<Raw> = (0..3).map(|_| Raw::connect(port)).collect();
    for place in &mut places {
        place.send(REQUEST);
        assert_eq!(place.response().expect("an answer").status, 200);
    }
    let mut waiting: Vec<Raw> = (0..2).map(|_| Raw::connect(port)).collect();
    for client in &mut waiting {
        client.send(REQUEST);
    }
    let _said = cluster.server("web-a").wait_for_log("max-connections is reached");
    cluster.rewrite("max-connections = 3", "max-connections = 4");
    cluster.desk("web-a").reload();
    assert_eq!(waiting[0].response().expect("an answer").status, 200);
    // There is one place more, and not two.
    assert!(waiting[1].is_silent_for(Duration::from_millis(500)));
    // A lower cap ends nobody: of five who want in, four are in, and two have to leave.
    cluster.rewrite("max-connections = 4", "max-connections = 3");
    cluster.desk("web-a").reload();
    for place in &mut places {
        place.send(REQUEST);
        assert_eq!(place.response().expect("an answer").status, 200);
    }
    drop(places.pop());
    assert!(waiting[1].is_silent_for(Duration::from_millis(500)));
    drop(places.pop());
    assert_eq!(waiting[1].response().expect("an answer").status, 200);
}

#[test]
fn an_app_tier_at_its_cap_lets_the_next_one_in_when_there_is_room() {
    let cluster = Cluster::start(doors::both("max-connections = 2"));
    let port = cluster.port(8090);
    let mut places: Vec<Raw> = (0..2).map(|_| Raw::connect(port)).collect();
    for place in &mut places {
        place.send(REQUEST);
        assert_eq!(place.response().expect("an answer").status, 200);
    }
    let mut third = Raw::connect(port);
    third.send(REQUEST);
    let _said = cluster.server("app-a").wait_for_log("max-connections is reached");
    // Its cluster port is as open as before.
    let mut client = Raw::connect(cluster.port(8080));
    client.send(REQUEST);
    assert_eq!(client.response().expect("an answer").status, 200);
    assert!(third.is_silent_for(Duration::from_millis(300)));
    drop(places.pop());
    assert_eq!(third.response().expect("an answer").status, 200);
}

#[test]
fn whoever_is_refused_or_cut_makes_room() {
    let cluster = Cluster::start(doors::both("max-connections = 1\nheader-timeout = \"1s\""));
    for (name, written) in doors::DOORS {
        let port = cluster.port(written);
        let mut refused = Raw::connect(port);
        refused.send("nonsense\r\n\r\n");
        assert_eq!(refused.response().expect("an answer").status, 400, "{name}");
        let mut slow = Raw::connect(port);
        slow.send("GET");
        drop(refused);
        assert_eq!(slow.response().expect("an answer").status, 408, "{name}");
        // It stays, and reads nothing more: that keeps nobody out for long.
        let mut next = Raw::connect(port);
        next.send(REQUEST);
        assert_eq!(next.response().expect("an answer").status, 200, "{name}");
    }
}
