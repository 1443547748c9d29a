//! Who tells a client to go on with its body: the web tier, once, and nobody else.

use copal_testkit::origin::Origin;
use copal_testkit::raw::{Raw, Trouble};
use copal_testkit::response::Response;
use copal_testkit::step::{Step, ok};

use crate::start::balancer;

/// The interim answers to an upload with these fields, before a server that sends 100 itself.
fn upload(version: &str, fields: &str) -> Result<Response, Trouble> {
    let answer = [&b"HTTP/1.1 100 Continue\r\n\r\n"[..], &ok("done")].concat();
    let origin = Origin::start(move |_| vec![Step::Send(answer.clone())]);
    let cluster = balancer(&origin);
    let mut client = Raw::connect(cluster.port(8080));
    client.send(format!(
        "POST / HTTP/{version}\r\nHost: a\r\nContent-Length: 4\r\nConnection: close\r\n{fields}\r\n"
    ));
    if fields.is_empty() {
        client.send("body");
        return client.response();
    }
    let go_on = client.any_response(false)?;
    assert_eq!(go_on.status, 100, "{go_on:?}");
    client.send("body");
    client.response()
}

#[test]
fn the_100_of_a_server_is_not_passed_on() {
    for (version, fields) in [("1.1", ""), ("1.0", ""), ("1.1", "Expect: 100-continue\r\n")] {
        let response = upload(version, fields).expect("the final answer");
        assert_eq!((response.status, response.text().as_str()), (200, "done"), "{response:?}");
        assert_eq!(response.interim, Vec::<u16>::new(), "HTTP/{version} {fields}");
    }
}
