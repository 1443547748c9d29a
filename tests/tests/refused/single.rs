//! Rows that are more than one packet and one answer: 46 and 54.

use copal_testkit::origin::Origin;
use copal_testkit::raw::{Raw, get};

use crate::web_tier::balancer;

#[test]
fn row_46_a_body_is_asked_for_before_it_is_sent() {
    let origin = Origin::answering("good");
    let cluster = balancer(&origin);
    let mut client = Raw::connect(cluster.port(8080));
    client.send(
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n",
    );
    assert_eq!(client.any_response(false).map(|response| response.status), Ok(100));
    client.send("body");
    assert_eq!(client.response().map(|response| response.status), Ok(200));
    assert_eq!(origin.calls()[0].body, b"body");
    client.send("GET /echo/again HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(client.response().map(|response| response.status), Ok(200));
}

#[test]
fn row_54_a_body_that_is_cut_off_cuts_the_backend_off() {
    let origin = Origin::answering("good");
    let cluster = balancer(&origin);
    let mut client = Raw::connect(cluster.port(8080));
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\ncut-off");
    origin.wait_bytes("cut-off");
    client.finish();
    origin.wait_ended(0);
    assert!(origin.calls().is_empty(), "{:?}", origin.calls());
    if let Ok(response) = client.response() {
        assert_eq!(response.status, 400, "{response:?}");
    }
    assert_eq!(client.closed(), Ok(()));
    assert_eq!(get(cluster.port(8080), "/echo/next").status, 200);
    assert_eq!(origin.calls()[0].connection, 1, "the connection was used again");
}
