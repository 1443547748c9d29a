//! What the tiers believe of each other: the hello with a secret, and what goes wrong without.

use copal_testkit::cluster::Cluster;
use copal_testkit::raw::{Raw, ask, get};
use copal_testkit::recipe::Recipe;

const SECRET: &str = "secret = \"a key of thirty-two bytes or so\"\n";

/// Two app servers behind a balancer, with a secret.
fn with_secret() -> Recipe {
    let example = Recipe::example("one_balancer_two_backends");
    example
        .replaced("[[cluster.web-tier.server]]", &format!("{SECRET}\n[[cluster.web-tier.server]]"))
}

#[test]
fn servers_that_share_a_secret_believe_each_other() {
    let cluster = Cluster::start(with_secret());
    for _ in 0..4 {
        let response = get(cluster.port(8080), "/echo");
        assert_eq!(response.status, 200, "{response:?}");
        // Only a believed connection may say who the client is.
        assert!(response.text().contains("[\"x-forwarded-for\",\"127.0.0.1\"]"), "{response:?}");
    }
}

#[test]
fn a_stranger_at_the_cluster_port_is_served_and_not_believed() {
    let cluster = Cluster::start(with_secret());
    let forged = "GET /echo HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 6.6.6.6\r\n\
        X-Forwarded-Proto: https\r\n\r\n";
    let response = ask(cluster.port(6800), forged);
    assert_eq!(response.status, 200, "{response:?}");
    assert!(!response.text().contains("6.6.6.6"), "{response:?}");
    let proof = "0".repeat(64);
    let wrong = format!("GET /echo HTTP/1.1\r\nHost: a\r\nCopal-Proof: {proof}\r\n\r\n");
    let after_hello = "GET /.copal/hello HTTP/1.1\r\nHost: a\r\nCopal-Nonce: ";
    let mut raw = Raw::connect(cluster.port(6800));
    raw.send(format!("{after_hello}{}\r\n\r\n", "1".repeat(64)));
    let hello = raw.response().expect("an answer");
    assert_eq!(hello.status, 200, "{hello:?}");
    assert!(hello.field("copal-proof").is_some(), "{hello:?}");
    raw.send(wrong);
    assert_eq!(raw.response().expect("an answer").status, 403);
}

#[test]
fn a_web_tier_with_another_secret_is_told_so_and_reaches_nobody() {
    let mut cluster = Cluster::prepare(with_secret());
    cluster.start_server("app-a");
    cluster.start_server("app-b");
    // The same file with another key, for the web server alone.
    let file = std::fs::read_to_string(cluster.config()).expect("the cluster's file");
    std::fs::write(cluster.config(), file.replace("thirty-two", "thirty-one")).expect("a file");
    cluster.start_server("web-a");
    let response = get(cluster.port(8080), "/echo");
    assert_eq!(response.status, 503, "{response:?}");
    let line = cluster.server("web-a").wait_for_log("server is down");
    assert!(line.contains("secret"), "{line}");
}
