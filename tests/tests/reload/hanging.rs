//! A disk that does not answer while the file is read again: everything else goes on.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::Command;

use copal_protocol::state::State;
use copal_testkit::cluster::Cluster;
use copal_testkit::recipe::Recipe;
use serde_json::json;

use crate::seen::{json, server_at};

/// What opens a pipe without waiting for its other end, on Linux.
const NONBLOCK: i32 = 0o4000;

/// The servers of each tier, and a secret in the file that is read from a pipe.
fn start() -> (Cluster, String) {
    let mut cluster = Cluster::start(Recipe::example("one_balancer_two_backends"));
    let pipe = cluster.folder().join("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
    assert!(made.success());
    let server = "[[cluster.web-tier.server]]";
    cluster.rewrite(server, &format!("secret = {{ file = \"pipe\" }}\n{server}"));
    (cluster, pipe.to_string_lossy().into_owned())
}

/// Has the server read the file again, and returns the pipe when it waits for what it says.
fn hang(cluster: &Cluster, id: &str, pipe: &str) -> File {
    cluster.server(id).hang_up();
    let open = || OpenOptions::new().write(true).custom_flags(NONBLOCK).open(Path::new(pipe));
    let mut file = None;
    let waited = cluster.server(id).wait_until(|| {
        file = open().ok();
        file.is_some()
    });
    waited.unwrap_or_else(|why| panic!("it does not read the pipe: {why}"));
    file.expect("the pipe is open")
}

#[test]
fn health_is_checked_and_everybody_is_answered() {
    let (cluster, pipe) = start();
    let file = hang(&cluster, "web-a", &pipe);
    // What it hears by its checks.
    for (word, state) in [("drain", State::Drain), ("enable", State::Ready)] {
        assert_eq!(cluster.desk("app-a").post(&format!("/servers/app-a/{word}")).status, 200);
        cluster.wait_state("web-a", "app-a", state);
    }
    for path in ["/health", "/ready", "/metrics"] {
        assert_eq!(cluster.desk("web-a").get(path).status, 200, "{path}");
    }
    assert_eq!(server_at(cluster.port(8080), "/echo;jsessionid=abc"), "app-a");
    let answer = cluster.desk("web-a").post("/reload");
    assert_eq!(answer.status, 409, "{answer:?}");
    assert!(json(&answer)["error"].to_string().contains("is being read already"), "{answer:?}");
    assert_eq!(cluster.desk("web-a").status().reloads, 0);
    drop(file);
    // Nothing was in it.
    let refused =
        cluster.wait_status("web-a", "it was refused", |status| status.reload_error.is_some());
    assert_eq!(refused.reloads, 0);
    let mut file = hang(&cluster, "web-a", &pipe);
    file.write_all(b"correct horse battery staple").expect("a pipe that is read");
    drop(file);
    let status = cluster.wait_status("web-a", "it was taken", |status| status.reloads == 1);
    assert_eq!(json!(status.needs_restart), json!(["`secret` is new"]));
}

#[test]
fn a_server_that_hangs_there_can_be_stopped_and_started() {
    let (mut cluster, pipe) = start();
    for id in ["web-a", "app-a"] {
        let file = hang(&cluster, id, &pipe);
        assert_eq!(cluster.desk(id).status().state, State::Ready);
        let ended = cluster.stop(id);
        assert!(ended.success(), "{id}: {ended}");
        drop(file);
    }
    let secret = "secret = { file = \"pipe\" }\n";
    cluster.rewrite(secret, "");
    for id in ["web-a", "app-a"] {
        cluster.start_server(id);
        assert_eq!(cluster.desk(id).status().state, State::Ready);
    }
}
