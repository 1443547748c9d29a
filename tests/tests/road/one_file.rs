//! One file for all servers; `--server` picks the process.

use copal_testkit::cluster::Cluster;
use copal_testkit::raw::get;
use copal_testkit::recipe::Recipe;

use crate::seen::{json, server_at};

#[test]
fn every_server_has_its_own_door_and_name() {
    let cluster = Cluster::start(Recipe::example("three_servers"));
    for (port, server) in [(8090, "app-a"), (8091, "app-b"), (8092, "app-c")] {
        assert_eq!(server_at(cluster.port(port), "/echo"), server);
    }
    for web in [8080, 8081] {
        let response = get(cluster.port(web), "/echo");
        assert_eq!(response.status, 200, "{response:?}");
        assert!(response.field("via").is_some(), "{response:?}");
    }
}

#[test]
fn every_server_says_when_it_listens() {
    let cluster = Cluster::start(Recipe::example("three_servers"));
    for (id, port) in [("web-a", 8080), ("web-b", 8081), ("app-a", 8090), ("app-c", 6802)] {
        let address = format!("127.0.0.1:{}", cluster.port(port));
        let line = cluster.server(id).wait_for_log(&address);
        assert!(line.contains("listening"), "{id}: {line}");
    }
}

#[test]
fn a_request_at_the_wrong_server_is_answered_there() {
    let cluster = Cluster::start(Recipe::example("three_servers"));
    // The door of app-a does not pass requests on: the letters are for those that balance.
    let response = get(cluster.port(8090), "/echo/admin;jsessionid=cde");
    assert_eq!(json(&response)["server"], "app-a");
    assert_eq!(json(&response)["path"], "/echo/admin");
}
