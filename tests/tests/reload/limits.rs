//! Limits change with the next request.

use copal_testkit::origin::Origin;
use copal_testkit::raw::Raw;

use crate::farm;

const TOP: &str = "\n[[cluster.web-tier.server]]";

fn put(client: &mut Raw, length: usize) -> u16 {
    let body = "x".repeat(length);
    client.send(format!("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{body}"));
    client.response().expect("an answer").status
}

#[test]
fn max_body_is_that_of_the_new_file() {
    let (a, b) = (Origin::answering("a"), Origin::answering("b"));
    let mut cluster = farm::one(&a, &b);
    let mut client = Raw::connect(cluster.port(8080));
    assert_eq!(put(&mut client, 11), 200);
    farm::change(&mut cluster, TOP, &format!("limits = {{ max-body = \"10\" }}\n{TOP}"));
    assert_eq!(put(&mut client, 10), 200);
    assert_eq!(put(&mut client, 11), 413);
    farm::change(&mut cluster, "\"10\"", "\"11\"");
    let mut client = Raw::connect(cluster.port(8080));
    assert_eq!(put(&mut client, 11), 200);
    assert_eq!(a.calls().len(), 3);
}

#[test]
fn max_uri_and_max_fields_are_those_of_the_new_file() {
    let (a, b) = (Origin::answering("a"), Origin::answering("b"));
    let mut cluster = farm::one(&a, &b);
    let path = format!("/{}", "x".repeat(31));
    let asked = |client: &mut Raw| {
        client.send(format!("GET {path} HTTP/1.1\r\nHost: a\r\nX-One: 1\r\nX-Two: 2\r\n\r\n"));
        client.response().expect("an answer").status
    };
    let mut client = Raw::connect(cluster.port(8080));
    assert_eq!(asked(&mut client), 200);
    farm::change(&mut cluster, TOP, &format!("limits = {{ max-uri = \"32\" }}\n{TOP}"));
    assert_eq!(asked(&mut client), 200);
    farm::change(&mut cluster, "max-uri = \"32\"", "max-uri = \"31\"");
    assert_eq!(asked(&mut client), 414);
    let mut client = Raw::connect(cluster.port(8080));
    farm::change(&mut cluster, "max-uri = \"31\"", "max-fields = 2");
    assert_eq!(asked(&mut client), 431);
    let mut client = Raw::connect(cluster.port(8080));
    farm::change(&mut cluster, "max-fields = 2", "max-fields = 3");
    assert_eq!(asked(&mut client), 200);
}

#[test]
fn max_connections_is_raised_while_some_wait() {
    let (a, b) = (Origin::answering("a"), Origin::answering("b"));
    let mut cluster = farm::one(&a, &b);
    let top = format!("workers = 1\nlimits = {{ max-connections = 2 }}\n{TOP}");
    cluster.rewrite(TOP, &top);
    cluster.kill("web-a");
    cluster.start_server("web-a");
    cluster.wait_status("web-a", "the first look at its port is over", |status| {
        status.connections == 0
    });
    let mut places: Vec<Raw> = (0..2).map(|_| Raw::connect(cluster.port(8080))).collect();
    for place in &mut places {
        assert_eq!(put(place, 1), 200);
    }
    let mut third = Raw::connect(cluster.port(8080));
    third.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    let _said = cluster.server("web-a").wait_for_log("max-connections is reached");
    farm::change(&mut cluster, "max-connections = 2", "max-connections = 3");
    assert_eq!(third.response().expect("an answer").status, 200);
}
