//! Whom the cluster port believes.

use copal_protocol::hello::{self, Nonce, Parties, Proof};
use copal_testkit::raw::{Raw, ask, get};
use copal_testkit::response::Response;

use crate::house::House;

const SECRET: &str = "secret = \"correct horse battery\"";
const APP_A: Parties<'_> = Parties { cluster: "app-tier", server: "app-a" };
const FORWARDED: &str = "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\nX-Request-Id: 1\r\nCopal-Session-Id: forged\r\nX_Real_IP: 6.6.6.6\r\n";

fn echo(client: &mut Raw, fields: &str) -> Response {
    client.send(format!("GET /echo HTTP/1.1\r\nHost: x\r\n{fields}\r\n"));
    client.response().unwrap()
}

/// Says hello and returns the server's nonce and proof.
fn greet(client: &mut Raw, nonce: &Nonce) -> (Nonce, Proof) {
    let path = hello::PATH;
    client.send(format!("GET {path} HTTP/1.1\r\nHost: x\r\nCopal-Nonce: {nonce}\r\n\r\n"));
    let answer = client.response().unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    let nonce = Nonce::parse(answer.field(hello::NONCE).unwrap().as_bytes()).unwrap();
    let proof = Proof::parse(answer.field(hello::PROOF).unwrap().as_bytes()).unwrap();
    (nonce, proof)
}

#[test]
fn both_ends_prove_that_they_know_the_secret() {
    let house = House::demo_with(SECRET);
    let mut client = Raw::connect(house.cluster());
    let ours = Nonce::from_random([7; 32]);
    let (theirs, proof) = greet(&mut client, &ours);
    let secret = b"correct horse battery";
    assert_eq!(proof, hello::server_proof(secret, APP_A, &ours, &theirs));
    let proof = hello::client_proof(secret, APP_A, &ours, &theirs);
    let first = echo(&mut client, &format!("Copal-Proof: {proof}\r\n{FORWARDED}")).text();
    assert!(first.contains("\"x-forwarded-for\",\"192.0.2.7\""), "{first}");
    assert!(!first.contains("copal-"), "{first}");
    assert!(!first.contains("x_real_ip"), "{first}");
    let second = echo(&mut client, FORWARDED).text();
    assert!(second.contains("\"x-request-id\""), "{second}");
    assert!(!second.contains("forged"), "{second}");
}

#[test]
fn a_wrong_proof_ends_the_connection() {
    let house = House::demo_with(SECRET);
    let mut client = Raw::connect(house.cluster());
    let ours = Nonce::from_random([7; 32]);
    let (theirs, _) = greet(&mut client, &ours);
    let proof = hello::client_proof(b"another secret 16", APP_A, &ours, &theirs);
    let answer = echo(&mut client, &format!("Copal-Proof: {proof}\r\n"));
    assert_eq!(answer.status, 403);
    assert!(answer.says_close());
    client.closed().unwrap();
}

#[test]
fn without_a_hello_nothing_is_believed_where_there_is_a_secret() {
    let house = House::demo_with(SECRET);
    let request = format!("GET /echo HTTP/1.1\r\nHost: x\r\n{FORWARDED}\r\n");
    for port in [house.cluster(), house.public()] {
        let answer = ask(port, &request);
        assert_eq!(answer.status, 200);
        let text = answer.text();
        assert!(!text.contains("192.0.2.7") && !text.contains("x-request-id"), "{text}");
        assert!(!text.contains("forged"), "{text}");
    }
}

#[test]
fn loopback_is_believed_where_there_is_none_but_never_on_a_public_listener() {
    let house = House::demo();
    let request = format!("GET /echo HTTP/1.1\r\nHost: x\r\n{FORWARDED}\r\n");
    let text = ask(house.cluster(), &request).text();
    assert!(text.contains("192.0.2.7"), "{text}");
    let text = ask(house.public(), &request).text();
    assert!(!text.contains("192.0.2.7"), "{text}");
    let nonce = Nonce::from_random([7; 32]);
    let hello = format!("GET /.copal/hello HTTP/1.1\r\nHost: x\r\nCopal-Nonce: {nonce}\r\n\r\n");
    assert_eq!(ask(house.cluster(), hello).status, 403);
}

#[test]
fn trusted_proxies_are_believed_on_public_listeners() {
    let house = House::demo_with("[limits]\ntrusted-proxies = [\"127.0.0.0/8\"]");
    let request = format!("GET /echo HTTP/1.1\r\nHost: x\r\n{FORWARDED}\r\n");
    let text = ask(house.public(), request).text();
    assert!(text.contains("192.0.2.7") && !text.contains("forged"), "{text}");
}

#[test]
fn our_own_paths_are_for_the_cluster_port() {
    let house = House::demo_with(SECRET);
    assert_eq!(get(house.cluster(), "/.copal/ready").status, 200);
    #[rustfmt::skip]
    let table = [
        (house.public(),  "/.copal/ready",      404),
        (house.public(),  "/.copal/hello",      404),
        (house.public(),  "/x/../.copal/ready", 404),
        (house.public(),  "/%2ecopal/ready",    404),
        (house.public(),  "/.copal",            404),
        (house.cluster(), "/.copal/other",      404),
        (house.cluster(), "/.copal/hello",      400),
    ];
    for (port, path, status) in table {
        assert_eq!(get(port, path).status, status, "{path}");
    }
}

#[test]
fn a_request_that_was_encrypted_gets_a_cookie_for_such() {
    let house = House::demo();
    let request = format!("GET /counter HTTP/1.1\r\nHost: x\r\n{FORWARDED}\r\n");
    let answer = ask(house.cluster(), &request);
    assert!(answer.field("set-cookie").unwrap().contains("; Secure"), "{answer:?}");
    let answer = ask(house.public(), &request);
    assert!(!answer.field("set-cookie").unwrap().contains("Secure"), "{answer:?}");
}
