//! What servers announced and what operators want, where the file takes away or moves whom it is
//! about.

use copal_protocol::state::State;
use copal_testkit::cluster::Cluster;
use copal_testkit::origin::Origin;
use copal_testkit::recipe::Recipe;
use copal_testkit::step::{Step, ok};

use crate::farm::{self, at_a};
use crate::seen::server_at;

/// A server that says that it drains, to whoever checks it.
fn draining() -> Origin {
    Origin::start(|call| {
        if call.request_line().contains("/health") {
            let answer = "HTTP/1.1 200 OK\r\nCopal-State: drain\r\nContent-Length: 0\r\n\r\n";
            return vec![Step::Send(answer.into())];
        }
        vec![Step::Send(ok("a"))]
    })
}

#[test]
fn an_announced_drain_is_forgotten_when_nobody_asks_any_more() {
    let (a, b) = (draining(), Origin::answering("b"));
    let mut cluster = farm::two(&a, &b);
    let check = "port = 9001\nhealth-check = \
        { path = \"/health\", interval = \"100ms\", timeout = \"100ms\" }";
    farm::change(&mut cluster, "port = 9001", check);
    cluster.wait_state("web-a", "a", State::Drain);
    assert_eq!(at_a(&cluster, 4), 0);
    farm::change(&mut cluster, check, "port = 9001\nhealth-check = false");
    cluster.wait_state("web-a", "a", State::Ready);
    assert_eq!(at_a(&cluster, 4), 2);
    // It is heard again as soon as somebody asks.
    farm::change(&mut cluster, "port = 9001\nhealth-check = false", check);
    cluster.wait_state("web-a", "a", State::Drain);
}

#[test]
fn an_app_server_is_not_drained_for_ever_when_its_check_is_switched_off() {
    let mut cluster = Cluster::start(Recipe::example("one_balancer_two_backends"));
    assert_eq!(cluster.desk("app-a").post("/servers/app-a/drain").status, 200);
    cluster.wait_state("web-a", "app-a", State::Drain);
    cluster.rewrite("id = \"app-a\"", "id = \"app-a\"\nhealth-check = false");
    cluster.desk("web-a").reload();
    cluster.wait_state("web-a", "app-a", State::Ready);
    assert_eq!(cluster.desk("app-a").post("/servers/app-a/enable").status, 200);
    let port = cluster.port(8080);
    let mut who: Vec<String> = (0..4).map(|_| server_at(port, "/echo")).collect();
    who.sort();
    assert_eq!(who, ["app-a", "app-a", "app-b", "app-b"]);
}

#[test]
fn maintenance_goes_along_when_a_server_moves() {
    let (a, b, moved) = (Origin::answering("a"), Origin::answering("b"), Origin::answering("a"));
    let mut cluster = farm::two(&a, &b);
    assert_eq!(cluster.desk("web-a").post("/servers/a/maintenance").status, 200);
    assert_eq!(at_a(&cluster, 4), 0);
    // Written like this it is taken as it is.
    farm::change(&mut cluster, "port = 9001", &format!("port={}", moved.port()));
    assert_eq!(cluster.desk("web-a").server("a").state, State::Maintenance);
    assert_eq!(at_a(&cluster, 4), 0);
    assert_eq!(cluster.desk("web-a").post("/servers/a/enable").status, 200);
    assert_eq!(at_a(&cluster, 4), 2);
    assert_eq!((a.calls().len(), moved.calls().len()), (0, 2));
}
