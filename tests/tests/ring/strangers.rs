//! Servers that do not belong to each other.

use copal_testkit::cluster::Cluster;
use copal_testkit::process::Process;
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

/// app-a runs with the file, and app-b with another one. Both say what does not fit.
fn do_not_fit(recipe: copal_testkit::recipe::Recipe, changes: &[(&str, &str)], words: &str) {
    let mut cluster = Cluster::prepare(recipe);
    let mut text = std::fs::read_to_string(cluster.config()).expect("the file");
    for (from, to) in changes {
        assert!(text.contains(from), "{from:?} is not in {text}");
        text = text.replace(from, to);
    }
    let other = cluster.folder().join("other.toml");
    std::fs::write(&other, text).expect("another file");
    cluster.start_server("app-a");
    let other = other.to_string_lossy();
    let arguments = ["--config", &other, "--server", "app-b"];
    let app_b = Process::start("app-b", "app-tier", &arguments, cluster.folder());
    let line = cluster.server("app-a").wait_for_log(words);
    assert!(line.contains("app-b"), "{line}");
    assert!(!app_b.has_exited(), "it goes on alone: {}", app_b.log());
    // It is said once, and not every half second.
    cluster.server("app-a").wait_until(|| farm::unheard(&cluster, 6800).len() == 2).expect("alone");
    // One for each connection at most.
    assert!(cluster.server("app-a").log().matches(words).count() <= 2, "{words}");
}

fn without_secret() -> copal_testkit::recipe::Recipe {
    farm::recipe().replaced("secret = \"a secret of thirty-two characters\"", "")
}

#[test]
fn servers_with_different_secrets_say_so() {
    let other = [("a secret of thirty-two characters", "another secret of as many letters")];
    do_not_fit(farm::recipe(), &other, "its proof does not fit: it has another `secret`");
}

#[test]
fn servers_of_different_clusters_say_so() {
    let words = "app-a is of the cluster app-tier and app-b is of the cluster shop";
    do_not_fit(without_secret(), &[("app-tier", "shop")], words);
}

#[test]
fn servers_that_give_an_index_twice_say_so() {
    let other = [("id = \"app-c\"", "id = \"app-x\"")];
    do_not_fit(
        without_secret(),
        &other,
        "has two ids: app-c according to app-a, app-x according to",
    );
}

#[test]
fn servers_that_give_an_id_two_indexes_say_so() {
    let other = [("id = \"app-c\"", "id = \"app-c\"\nindex = 7")];
    do_not_fit(without_secret(), &other, "app-c has two indexes: ");
}
