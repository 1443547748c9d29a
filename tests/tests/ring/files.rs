//! One server that keeps its sessions in files.

use copal_protocol::state::State;
use copal_testkit::cluster::Cluster;
use copal_testkit::raw::Raw;
use copal_testkit::recipe::Recipe;
use copal_testkit::visitor::Visitor;

use crate::crowd::User;
use crate::farm;
use crate::seen::json;

fn start(sync: &str, session_config: &str) -> Cluster {
    let text = format!(
        r#"
[cluster.app-tier]
persistent-store = {{ type = "file", path = "kept", disk-sync = "{sync}" }}
session-config = {{ {session_config} }}

[[cluster.app-tier.server]]
id = "app-a"
port = 6800
http = [{{ address = "127.0.0.1", port = 8081 }}]

[[cluster.app-tier.web-app]]
app = "demo"
"#
    );
    Cluster::start(Recipe::text(&text))
}

fn door(cluster: &Cluster) -> u16 {
    cluster.port(8081)
}

fn start_again(cluster: &mut Cluster) {
    cluster.start_server("app-a");
    cluster.wait_status("app-a", "it is ready", |status| status.state == State::Ready);
}

/// Changes a bit in this text, wherever it stands in the files.
fn spoil(cluster: &Cluster, text: &[u8]) {
    let folder = cluster.folder().join("kept/app-a/records");
    let mut spoilt = 0;
    for entry in std::fs::read_dir(&folder).expect("a folder") {
        let path = entry.expect("a file").path();
        let mut bytes = std::fs::read(&path).expect("a file");
        if let Some(at) = bytes.windows(text.len()).position(|part| part == text) {
            bytes[at] ^= 0x40;
            std::fs::write(&path, bytes).expect("a file");
            spoilt += 1;
        }
    }
    assert_eq!(spoilt, 1);
}

#[test]
fn sessions_outlive_a_server_that_is_killed() {
    let mut cluster = start("always", "");
    let mut user = User::new(door(&cluster));
    let mut gone = User::new(door(&cluster));
    assert_eq!(gone.visitor.ask("DELETE", "/session").status, 200);
    for round in 0..3 {
        assert!(!cluster.kill("app-a").success());
        start_again(&mut cluster);
        let before = user.count;
        user.visit().unwrap();
        assert_eq!(user.count, before + 1, "round {round}");
        assert_eq!(gone.visitor.get("/session").status, 404, "it had logged out");
    }
    let status = cluster.desk("app-a").status();
    assert_eq!((status.sessions, status.copies, status.short_of_copies), (Some(1), None, None));
}

#[test]
fn a_stop_writes_what_was_not_synced() {
    let mut cluster = start("1d", "");
    let mut user = User::new(door(&cluster));
    let mut stopping = cluster.take("app-a");
    stopping.terminate();
    assert_eq!(stopping.wait_for_exit().code(), Some(0));
    assert!(!stopping.log().contains("could not give all of its sessions"), "{}", stopping.log());
    start_again(&mut cluster);
    user.visit().unwrap();
    assert_eq!(user.count, 2);
}

#[test]
fn what_is_kept_back_until_the_stop_is_in_the_files_then() {
    let mut cluster = start("always", "save-mode = \"on-shutdown\"");
    let mut visitor = Visitor::new(door(&cluster));
    for colour in ["red", "blue"] {
        assert_eq!(visitor.send("PUT", "/session/colour", &[], colour.as_bytes()).status, 200);
    }
    let colour =
        |visitor: &mut Visitor| json(&visitor.get("/session"))["attributes"]["colour"].clone();
    assert_eq!(colour(&mut visitor), "blue");
    cluster.kill("app-a");
    start_again(&mut cluster);
    assert_eq!(colour(&mut visitor), "red", "it was not stopped in order");
    assert_eq!(visitor.send("PUT", "/session/colour", &[], b"green").status, 200);
    assert_eq!(cluster.stop("app-a").code(), Some(0));
    start_again(&mut cluster);
    assert_eq!(colour(&mut visitor), "green");
}

#[test]
fn damage_is_reported_and_never_served() {
    let mut cluster = start("always", "");
    let mut whole = User::new(door(&cluster));
    let mut hurt = Visitor::new(door(&cluster));
    let marker = b"a text that is easy to find";
    assert_eq!(hurt.send("PUT", "/session/text", &[], marker).status, 200);
    cluster.kill("app-a");
    spoil(&cluster, marker);
    start_again(&mut cluster);
    let log = cluster.server("app-a").log();
    assert!(log.contains("the files of the sessions are damaged"), "{log}");
    assert!(log.contains("set aside"), "{log}");
    assert!(farm::sample(&cluster, "app-a", "copal_app_disk_damaged ") > 0);
    let answer = hurt.get("/session");
    assert_eq!(answer.status, 404, "{answer:?}");
    whole.visit().unwrap();
    assert_eq!(whole.count, 2);
    // It is found once: what can be read was written anew.
    assert_eq!(cluster.stop("app-a").code(), Some(0));
    start_again(&mut cluster);
    assert_eq!(farm::sample(&cluster, "app-a", "copal_app_disk_damaged "), 0);
    whole.visit().unwrap();
    assert_eq!(whole.count, 3);
}

#[test]
fn no_other_server_is_let_in() {
    let cluster = start("1s", "");
    let mut client = Raw::connect(cluster.port(6800));
    client.send(
        "GET /.copal/ring HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: copal-ring/1\r\n\
         Copal-Link: sessions\r\n\r\n",
    );
    let answer = client.response().expect("an answer");
    assert_eq!(answer.status, 404, "{answer:?}");
}
