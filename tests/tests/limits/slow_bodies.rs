//! `body-timeout` and `min-body-rate`: how slowly a body may come.

use std::time::Duration;

use copal_testkit::cluster::Cluster;
use copal_testkit::gate::Gate;
use copal_testkit::origin::Origin;
use copal_testkit::raw::Raw;
use copal_testkit::recipe::{BALANCER, Recipe};
use copal_testkit::step::{Step, ok};

use crate::doors::{self, elder_and_younger};
use crate::drip::Drip;

const LIMITS: &str = "body-timeout = \"2s\"\nmin-body-rate = \"100\"";
const HALF: Duration = Duration::from_secs(1);

/// The beginning of a body of 1000 bytes, of which 300 are there: enough for now.
fn begun(mut client: Raw) -> Raw {
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
    client.send("x".repeat(300));
    client
}

#[test]
fn a_body_may_be_silent_as_long_as_the_limit_and_not_longer() {
    doors::each(LIMITS, |door| {
        let begin = || begun(door.client());
        let (mut elder, mut younger) = elder_and_younger(begin, HALF);
        door.expect("a body that stopped", &mut elder, 408);
        younger.send("x".repeat(700));
        door.expect("a body in time", &mut younger, 200);
    });
}

#[test]
fn the_silences_of_a_body_do_not_add_up() {
    doors::each(LIMITS, |door| {
        let mut client = begun(door.client());
        for _ in 0..3 {
            assert!(client.is_silent_for(HALF), "{}", door.name);
            client.send("x".repeat(200));
        }
        client.send("x".repeat(100));
        door.expect("a body with three silences", &mut client, 200);
    });
}

#[test]
fn row_56_a_body_in_drops_is_over() {
    doors::each(LIMITS, |door| {
        let mut client = door.client();
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
        let mut drip = Drip::new(50);
        assert!(!drip.send(&mut client, "x", Duration::from_secs(20)), "{}", door.name);
        assert!(drip.sent() > 10, "{}: it was silent, and not slow", door.name);
        door.expect("a body at half the rate", &mut client, 408);
    });
}

#[test]
fn a_body_at_twice_the_rate_may_take_any_time() {
    doors::each(LIMITS, |door| {
        let mut client = door.client();
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
        let mut drip = Drip::new(20);
        let still = drip.send(&mut client, "a\r\n0123456789\r\n", Duration::from_secs(5));
        assert!(still, "{}: after {} chunks: {:?}", door.name, drip.sent(), client.response());
        client.send("0\r\n\r\n");
        door.expect("a body at twice the rate", &mut client, 200);
    });
}

#[test]
fn time_in_which_the_server_takes_nothing_does_not_count() {
    let gate = Gate::new();
    let origin = Origin::answering_early({
        let gate = gate.clone();
        move |_| vec![Step::Wait(gate.clone()), Step::Send(ok("got it"))]
    });
    // More is to come in each stretch than a server's queues take while it does not read.
    let limits = "[limits]\nbody-timeout = \"1s\"\nmin-body-rate = \"16M\"";
    let recipe = Recipe::text(&format!("workers = 1\n{limits}\n{BALANCER}"));
    let cluster = Cluster::start(recipe.with_port(9001, origin.port()));
    let port = cluster.port(8080);
    let length = 40 << 20;
    let mut client = Raw::connect(port);
    client.send(format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n"));
    let sending = std::thread::spawn(move || {
        client.send(vec![b'x'; length]);
        client
    });
    gate.wait_reached(1);
    // Two stretches and more, in the eyes of somebody else.
    assert!(Raw::connect(port).is_silent_for(Duration::from_millis(2500)));
    gate.open();
    let mut client = sending.join().expect("a client that has sent everything");
    let response = client.response().expect("an answer");
    assert_eq!((response.status, response.text().as_str()), (200, "got it"), "{response:?}");
}
