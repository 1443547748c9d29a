//! Bounds that hold for the whole process, on both sides.
#![cfg(test)]

use copal_testkit::cluster::Cluster;
use copal_testkit::raw::Raw;
use copal_testkit::recipe::Recipe;

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
