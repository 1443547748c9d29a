//! How long nothing may happen: `keepalive-timeout`, `tunnel-idle-timeout`,
//! `load-balance-idle-time`.

use std::time::Duration;

use copal_testkit::cluster::Cluster;
use copal_testkit::origin::Origin;
use copal_testkit::raw::{Raw, get};
use copal_testkit::recipe::{BALANCER, Recipe};
use copal_testkit::websocket::{Opcode, WebSocket};

use crate::doors::{self, DOORS, elder_and_younger};

const HALF: Duration = Duration::from_secs(1);

/// A client whose connection is idle after one answer.
fn idle(port: u16) -> Raw {
    let mut client = Raw::connect(port);
    client.send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(client.response().map(|response| response.status), Ok(200));
    client
}

#[test]
fn an_idle_connection_is_kept_for_keepalive_timeout() {
    let cluster = Cluster::start(doors::both("").replaced("\"30s\"", "\"2s\""));
    for (name, written) in DOORS {
        let begin = || idle(cluster.port(written));
        let (mut elder, mut younger) = elder_and_younger(begin, HALF);
        // Without a word: an answer would look like one to the next request.
        assert_eq!(elder.closed(), Ok(()), "{name}");
        younger.send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_eq!(younger.response().map(|response| response.status), Ok(200), "{name}");
    }
}

#[test]
fn a_client_that_says_nothing_at_all_is_closed_too() {
    let recipe = doors::both("header-timeout = \"1s\"").replaced("\"30s\"", "\"1s\"");
    let cluster = Cluster::start(recipe);
    for (name, written) in DOORS {
        assert_eq!(Raw::connect(cluster.port(written)).closed(), Ok(()), "{name}");
    }
}

#[test]
fn a_tunnel_is_kept_as_long_as_something_moves_in_it() {
    doors::each("tunnel-idle-timeout = \"2s\"", |door| {
        let open = || {
            let mut socket = WebSocket::open(door.port, "/websocket", "");
            socket.send(Opcode::Text, b"hello");
            assert_eq!(socket.receive(), Ok((Opcode::Text, b"hello".to_vec())), "{}", door.name);
            socket
        };
        let mut lively = open();
        let mut silent = open();
        let mut clock = door.client();
        for _ in 0..4 {
            // Twice the limit in all.
            assert!(clock.is_silent_for(HALF), "{}", door.name);
            lively.send(Opcode::Text, b"more");
            assert_eq!(lively.receive(), Ok((Opcode::Text, b"more".to_vec())), "{}", door.name);
        }
        assert_eq!(silent.closed(), Ok(()), "{}", door.name);
    });
}

/// A web tier that keeps idle connections to its server for so long.
fn keeping(origin: &Origin, time: &str) -> Cluster {
    let text = format!("workers = 1\n{BALANCER}load-balance-idle-time = {time:?}\n");
    Cluster::start(Recipe::text(&text).with_port(9001, origin.port()))
}

#[test]
fn an_idle_connection_to_a_server_is_closed_after_load_balance_idle_time() {
    let origin = Origin::answering("good");
    let cluster = keeping(&origin, "500ms");
    assert_eq!(get(cluster.port(8080), "/").text(), "good");
    // Nobody asks for it: it is closed all the same.
    origin.wait_ended(0);
    assert_eq!(get(cluster.port(8080), "/").text(), "good");
    assert_eq!(origin.calls().last().map(|call| call.connection), Some(1));
}

#[test]
fn an_idle_connection_to_a_server_is_used_again_until_then() {
    let origin = Origin::answering("good");
    let cluster = keeping(&origin, "30s");
    for _ in 0..3 {
        assert_eq!(get(cluster.port(8080), "/").text(), "good");
        assert!(Raw::connect(cluster.port(8080)).is_silent_for(Duration::from_millis(300)));
    }
    assert_eq!(origin.connections(), 1);
}

#[test]
fn without_load_balance_idle_time_no_connection_is_used_twice() {
    let origin = Origin::answering("good");
    let cluster = keeping(&origin, "0s");
    for number in 0..3 {
        assert_eq!(get(cluster.port(8080), "/").text(), "good");
        origin.wait_ended(number);
    }
    assert_eq!(origin.connections(), 3);
}
