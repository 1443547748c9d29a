//! Large bodies, slow readers, bodies that are asked for first.

use copal_testkit::raw::Raw;

use crate::start::{json, start};

const LARGE: usize = 32 << 20;

#[test]
fn a_large_response_reaches_a_slow_reader_whole() {
    let (cluster, _) = start();
    let mut client = Raw::connect(cluster.port(8080));
    client.send(format!("GET /bytes/{LARGE} HTTP/1.1\r\nHost: a\r\n\r\n"));
    // Nothing is read while others are served: the sender has to wait, and nobody else does.
    for _ in 0..20 {
        let small = copal_testkit::raw::get(cluster.port(8080), "/bytes/1000");
        assert_eq!((small.status, small.body.len()), (200, 1000));
    }
    let response = client.response().expect("the large response");
    assert_eq!((response.status, response.body.len()), (200, LARGE));
    client.send("GET /bytes/3 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(client.response().map(|response| response.body.len()), Ok(3));
}

#[test]
fn a_reader_that_goes_away_harms_nobody() {
    let (cluster, _) = start();
    for _ in 0..4 {
        let mut client = Raw::connect(cluster.port(8080));
        client.send(format!("GET /bytes/{LARGE} HTTP/1.1\r\nHost: a\r\n\r\n"));
        assert!(client.read_some(1).is_ok_and(|byte| byte.len() == 1));
        drop(client);
        let next = copal_testkit::raw::get(cluster.port(8080), "/bytes/10");
        assert_eq!((next.status, next.body.len()), (200, 10));
    }
}

#[test]
fn a_large_upload_arrives_whole() {
    let (cluster, _) = start();
    let body = vec![b'x'; 8 << 20];
    let mut client = Raw::connect(cluster.port(8080));
    client.send(format!("PUT /echo HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", body.len()));
    client.send(&body);
    let echoed = json(&client.response().expect("an answer"));
    assert_eq!(echoed["body_bytes"], body.len());
}

#[test]
fn a_chunked_upload_waits_to_be_asked_for() {
    let (cluster, _) = start();
    let mut client = Raw::connect(cluster.port(8080));
    client.send(
        "PUT /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\
         Transfer-Encoding: chunked\r\n\r\n",
    );
    assert_eq!(client.any_response(false).map(|response| response.status), Ok(100));
    for _ in 0..100 {
        client.send(format!("400\r\n{}\r\n", "y".repeat(0x400)));
    }
    client.send("0\r\n\r\n");
    let response = client.response().expect("an answer");
    assert_eq!((response.status, &json(&response)["body_bytes"]), (200, &(100 * 0x400).into()));
    client.send("GET /bytes/3 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(client.response().map(|response| response.body.len()), Ok(3));
}
