//! A client that goes away says nothing about the server that was to answer it.

use copal_protocol::state::State;
use copal_testkit::cluster::Cluster;
use copal_testkit::gate::Gate;
use copal_testkit::origin::Origin;
use copal_testkit::step::Step;

use crate::farm::{self, BOUND, request, send_bound};
use crate::held::Held;

/// More than are needed to take a server out of service, if they counted.
const CLIENTS: usize = 6;

fn nothing_is_held_against_a(cluster: &Cluster) {
    let status = cluster.wait_status("web-a", "nothing is in flight", |status| {
        status.servers.iter().all(|server| server.in_flight == 0)
    });
    let seen = copal_testkit::desk::of(&status, "a");
    assert_eq!((seen.state, seen.failures), (State::Ready, 0), "{seen:?}");
}

#[test]
fn while_it_waits_for_the_answer() {
    let (a, b) = (Held::start(), Origin::answering("b"));
    let cluster = farm::start(farm::foreign("", &[(a.port(), ""), (b.port(), "")]));
    let path = format!("/{BOUND}");
    let clients: Vec<_> =
        (0..CLIENTS).map(|_| farm::asking(&cluster, &request("GET", &path, ""))).collect();
    a.wait(CLIENTS);
    drop(clients);
    a.let_all_go();
    nothing_is_held_against_a(&cluster);
    assert_eq!(b.calls().len(), 0);
}

#[test]
fn while_it_sends_its_body() {
    let (a, b) = (Origin::answering("a"), Origin::answering("b"));
    let cluster = farm::start(farm::foreign("", &[(a.port(), ""), (b.port(), "")]));
    for number in 0..CLIENTS {
        let head = format!("PUT /{BOUND} HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n");
        let client = farm::asking(&cluster, &format!("{head}half-{number}"));
        a.wait_bytes(&format!("half-{number}"));
        drop(client);
        a.wait_ended(number);
    }
    nothing_is_held_against_a(&cluster);
    assert_eq!((a.calls().len(), b.connections()), (0, 0));
    assert_eq!(send_bound(&cluster, "GET", "").text(), "a");
}

#[test]
fn while_the_answer_comes() {
    let gate = Gate::new();
    let a = Origin::start({
        let gate = gate.clone();
        move |_| {
            let head = "HTTP/1.1 200 OK\r\nContent-Length: 8000000\r\n\r\nbegun";
            vec![
                Step::Send(head.into()),
                Step::Wait(gate.clone()),
                Step::Repeat(vec![b'x'; 7995], 1000),
                Step::Send(vec![b'x'; 4995]),
            ]
        }
    });
    let b = Origin::answering("b");
    let cluster = farm::start(farm::foreign("", &[(a.port(), ""), (b.port(), "")]));
    for _ in 0..CLIENTS {
        let mut client = farm::asking(&cluster, &request("GET", &format!("/{BOUND}"), ""));
        let begun = client.read_some(10).expect("the head");
        assert_eq!(begun, b"HTTP/1.1 2");
        drop(client);
    }
    gate.open();
    nothing_is_held_against_a(&cluster);
    assert_eq!(b.calls().len(), 0);
}
