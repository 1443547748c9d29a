//! What runs or waits while the file is read again goes on.

use copal_testkit::desk;
use copal_testkit::gate::Gate;
use copal_testkit::origin::Origin;
use copal_testkit::raw::Raw;
use copal_testkit::step::{Step, ok};
use copal_testkit::websocket::{Opcode, WebSocket};

use copal_testkit::cluster::Cluster;
use copal_testkit::recipe::Recipe;

use crate::farm::{self, ONE, TWO, at_a};

fn behind(gate: &Gate, body: &'static str) -> Origin {
    let gate = gate.clone();
    Origin::start(move |_| vec![Step::Wait(gate.clone()), Step::Send(ok(body))])
}

fn asking(cluster: &Cluster, path: &str) -> Raw {
    let mut client = Raw::connect(cluster.port(8080));
    client.send(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n"));
    client
}

#[test]
fn a_request_ends_on_the_server_that_was_removed_meanwhile() {
    let gate = Gate::new();
    let (a, b) = (Origin::answering("a"), behind(&gate, "b"));
    let mut cluster = farm::two(&a, &b);
    let mut running = asking(&cluster, "/;jsessionid=bac");
    gate.wait_reached(1);
    farm::change(&mut cluster, TWO, ONE);
    assert_eq!(at_a(&cluster, 4), 4);
    gate.open();
    assert_eq!(running.response().expect("an answer").text(), "b");
    // The next one on the same connection finds the new file.
    running.send("GET /;jsessionid=bac HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(running.response().expect("an answer").text(), "a");
    assert_eq!(b.calls().len(), 1);
}

#[test]
fn a_server_that_is_removed_and_comes_back_starts_anew() {
    let gate = Gate::new();
    let (a, b) = (Origin::answering("a"), behind(&gate, "b"));
    let mut cluster = farm::two(&a, &b);
    let mut running = asking(&cluster, "/;jsessionid=bac");
    gate.wait_reached(1);
    farm::change(&mut cluster, TWO, ONE);
    farm::change(&mut cluster, ONE, TWO);
    gate.open();
    assert_eq!(running.response().expect("an answer").text(), "b");
    assert_eq!(at_a(&cluster, 8), 4);
    cluster.wait_status("web-a", "nothing is in flight", |status| {
        status.servers.iter().all(|server| server.in_flight == 0)
    });
}

#[test]
fn requests_that_wait_for_a_place_are_served_after_a_reload() {
    let gate = Gate::new();
    let (a, b) = (behind(&gate, "a"), Origin::answering("b"));
    let mut cluster = farm::two(&a, &b);
    farm::change(
        &mut cluster,
        TWO,
        &TWO.replacen("00\n", "00\nload-balance-max-requests = 1\n", 1),
    );
    let mut clients: Vec<Raw> = (0..3).map(|_| asking(&cluster, "/;jsessionid=abc")).collect();
    gate.wait_reached(1);
    cluster.wait_status("web-a", "two wait", |status| desk::of(status, "a").queued == 2);
    // Their server stays, with another weight; then it goes.
    farm::change(
        &mut cluster,
        "max-requests = 1",
        "max-requests = 1\nload-balance-idle-time = \"4s\"",
    );
    assert_eq!(cluster.desk("web-a").server("a").queued, 2);
    let written = "[[cluster.farm.server]]\nid = \"a\"\nport = 9001\n";
    farm::change(&mut cluster, written, "[[cluster.farm.server]]\nid = \"c\"\nport = 9003\n");
    gate.open();
    for client in &mut clients {
        assert_eq!(client.response().expect("an answer").status, 200);
    }
}

#[test]
fn a_web_socket_stays_open() {
    let mut cluster = Cluster::start(Recipe::example("one_balancer_two_backends"));
    let mut socket = WebSocket::open(cluster.port(8080), "/websocket;jsessionid=bac", "");
    socket.send(Opcode::Text, b"before");
    assert_eq!(socket.receive().expect("an echo").1, b"before");
    cluster.rewrite("id = \"app-b\"", "id = \"app-b\"\nweight = 1");
    for id in ["web-a", "app-a", "app-b"] {
        cluster.desk(id).reload();
    }
    cluster.rewrite("[[cluster.app-tier.server]]\nid = \"app-b\"\nweight = 1\nport = 6801\n", "");
    cluster.desk("web-a").reload();
    socket.send(Opcode::Text, b"after");
    assert_eq!(socket.receive().expect("an echo").1, b"after");
}
