//! A web-tier server that can open no more files: that is not the fault of the servers behind it.

use std::time::Duration;

use copal_testkit::deadline::Deadline;
use copal_testkit::origin::Origin;
use copal_testkit::raw::Raw;
use copal_testkit::step::Step;

use crate::start::balancer;

fn ask(client: &mut Raw) -> u16 {
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    client.response().expect("an answer").status
}

#[test]
fn a_server_that_we_have_no_file_to_connect_to_is_not_down() {
    let closing = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".to_vec();
    let origin = Origin::start(move |_| vec![Step::Send(closing.clone())]);
    let cluster = balancer(&origin);
    let server = cluster.server("web-a");
    let connect = || Raw::connect(cluster.port(8080));
    // One after the other, so that no file between theirs is free afterwards.
    let mut settled = (0..3).map(|number| {
        let mut client = connect();
        assert_eq!(ask(&mut client), 200);
        origin.wait_ended(number);
        client
    });
    let mut client = settled.next().expect("the first of three");
    let idle: Vec<Raw> = settled.collect();
    server.open_no_more_files();
    assert_eq!(ask(&mut client), 503);
    let _ = server.wait_for_log("cannot connect to any server");
    let mut late = connect();
    late.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    let _ = server.wait_for_log("cannot accept connections");
    drop(idle);
    assert_eq!(late.response().map(|response| response.status), Ok(200));
    let deadline = Deadline::after(Duration::from_secs(20));
    deadline.keep_asking("the server is used again", || ask(&mut client) == 200);
    let log = server.log();
    assert!(!log.contains("is down"), "{log}");
}
