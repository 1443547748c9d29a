//! Servers that do not belong to each other.

use copal_testkit::raw::Raw;

use crate::farm;

#[test]
fn whoever_does_not_know_the_secret_says_nothing_about_sessions() {
    let cluster = farm::start();
    let mut client = Raw::connect(cluster.port(6800));
    client.send(
        "GET /.copal/ring HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: copal-ring/1\r\n\
         Copal-Link: sessions\r\n\r\n",
    );
    let answer = client.response().expect("an answer");
    assert_eq!(answer.status, 403, "{answer:?}");
    let mut client = Raw::connect(cluster.port(6800));
    client.send(format!(
        "GET /.copal/ring HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: copal-ring/1\r\n\
         Copal-Link: sessions\r\nCopal-Proof: {}\r\n\r\n",
        "0".repeat(64)
    ));
    let answer = client.response().expect("an answer");
    assert_eq!(answer.status, 403, "{answer:?}");
}

#[test]
fn whoever_does_not_say_what_a_link_is_for_speaks_about_sessions() {
    let secret = "secret = \"a secret of thirty-two characters\"";
    let cluster = farm::start_with(farm::recipe().replaced(secret, ""));
    for (field, status) in [
        ("", 101),
        ("Copal-Link: sessions\r\n", 101),
        ("Copal-Link: heartbeats\r\n", 101),
        ("Copal-Link: gossip\r\n", 400),
    ] {
        let mut client = Raw::connect(cluster.port(6800));
        client.send(format!(
            "GET /.copal/ring HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n\
             Upgrade: copal-ring/1\r\n{field}\r\n"
        ));
        let answer = client.response().expect("an answer");
        assert_eq!(answer.status, status, "{field:?}: {answer:?}");
    }
}
