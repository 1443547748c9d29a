//! Connections that were queued when the server was told to stop.

use copal_testkit::cluster::Cluster;
use copal_testkit::raw::Raw;
use copal_testkit::recipe::Recipe;

/// Several threads, each with a queue of its own, and nobody behind them.
const SEVERAL: &str = r#"
workers = 4

[[cluster.web-tier.server]]
id = "web-a"
http = [{ address = "127.0.0.1", port = 8080 }]

[[cluster.web-tier.rewrite-dispatch]]
not-found = true
"#;

/// How often it is tried: a thread may see its queue before it hears that it is to stop, and then
/// it does not have to look once more.
const ROUNDS: usize = 8;

#[test]
fn whoever_was_queued_when_the_server_was_told_to_stop_is_answered() {
    for round in 0..ROUNDS {
        let mut cluster = Cluster::start(Recipe::text(SEVERAL));
        let port = cluster.port(8080);
        let mut server = cluster.take("web-a");
        server.pause();
        let mut clients: Vec<Raw> = (0..40).map(|_| Raw::connect(port)).collect();
        for client in &mut clients {
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        }
        server.terminate();
        server.resume();
        for (number, client) in clients.iter_mut().enumerate() {
            let status = client.response().map(|response| response.status);
            assert_eq!(status, Ok(404), "round {round}, client {number}");
        }
        assert_eq!(server.wait_for_exit().code(), Some(0));
    }
}

#[test]
fn a_request_that_had_come_when_the_server_was_told_to_stop_is_answered() {
    for round in 0..ROUNDS {
        let mut cluster = Cluster::start(Recipe::text(SEVERAL));
        let mut server = cluster.take("web-a");
        let mut clients: Vec<Raw> = (0..40).map(|_| Raw::connect(cluster.port(8080))).collect();
        let mut ask = |client: &mut Raw| {
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        };
        for client in &mut clients {
            ask(client);
            assert_eq!(client.response().map(|response| response.status), Ok(404));
        }
        server.pause();
        clients.iter_mut().for_each(&mut ask);
        server.terminate();
        server.resume();
        for (number, client) in clients.iter_mut().enumerate() {
            let status = client.response().map(|response| response.status);
            assert_eq!(status, Ok(404), "round {round}, client {number}");
        }
        assert_eq!(server.wait_for_exit().code(), Some(0));
    }
}
