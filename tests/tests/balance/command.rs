//! The operator's command, with real servers.

use copal_protocol::state::State;
use copal_testkit::binary;
use copal_testkit::cluster::Cluster;
use copal_testkit::recipe::Recipe;
use serde_json::Value;

use crate::seen::server_at;

/// What the command printed, what it complained of, and its exit code.
fn copal(cluster: &Cluster, arguments: &[&str]) -> (String, String, Option<i32>) {
    let config = cluster.config().to_string_lossy().into_owned();
    let arguments: Vec<&str> = arguments.iter().copied().chain(["--config", &config]).collect();
    let done = binary::run("copal", &arguments);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&done.stdout), text(&done.stderr), done.status.code())
}

fn start() -> Cluster {
    Cluster::start(Recipe::example("one_balancer_two_backends"))
}

#[test]
fn status_tells_of_every_server() {
    let mut cluster = start();
    assert_eq!(server_at(cluster.port(8080), "/echo;jsessionid=abc"), "app-a");
    let (out, err, code) = copal(&cluster, &["status", "--json"]);
    assert_eq!(code, Some(0), "{err}");
    let told: Value = serde_json::from_str(&out).expect("JSON");
    let servers = told["servers"].as_array().expect("servers");
    let ids: Vec<&str> = servers.iter().filter_map(|one| one["server"].as_str()).collect();
    assert_eq!(ids, ["web-a", "app-a", "app-b"]);
    assert!(servers.iter().all(|one| one["status"]["state"] == "ready"), "{told}");
    assert_eq!(servers[0]["status"]["requests"], 1, "{told}");
    let (out, _, code) = copal(&cluster, &["status"]);
    assert_eq!(code, Some(0));
    assert!(["web-a", "app-a", "app-b"].iter().all(|id| out.contains(id)), "{out}");
    cluster.kill("app-b");
    cluster.wait_state("web-a", "app-b", State::Down);
    let (out, _, code) = copal(&cluster, &["status", "--json"]);
    assert_eq!(code, Some(1), "one is silent");
    let told: Value = serde_json::from_str(&out).expect("JSON");
    assert!(told["servers"][2]["error"].is_string(), "{told}");
}

#[test]
fn a_server_is_drained_and_enabled_by_its_name() {
    let cluster = start();
    let port = cluster.port(8080);
    for (word, state) in [
        ("drain", State::Drain),
        ("evict", State::Evict),
        ("maintenance", State::Maintenance),
        ("enable", State::Ready),
    ] {
        let (out, err, code) = copal(&cluster, &[word, "app-a"]);
        assert_eq!(code, Some(0), "{err}");
        assert!(out.contains("app-a") && out.contains(state.as_str()), "{out}");
        assert_eq!(cluster.desk("app-a").status().state, state);
        cluster.wait_state("web-a", "app-a", state);
        let new: Vec<String> = (0..4).map(|_| server_at(port, "/echo")).collect();
        assert_eq!(new.contains(&"app-a".to_owned()), state == State::Ready, "{word}: {new:?}");
    }
    for (server, code) in [("app-z", 2), ("web-a", 2)] {
        let (_, err, got) = copal(&cluster, &["drain", server]);
        assert!(got == Some(code) || got == Some(1), "{server}: {got:?} {err}");
        assert!(err.contains(server), "{err}");
    }
}

#[test]
fn the_last_one_is_named_when_it_is_drained() {
    let mut cluster = start();
    cluster.kill("app-b");
    cluster.wait_state("web-a", "app-b", State::Down);
    let (_, err, code) = copal(&cluster, &["drain", "app-a"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(err.contains("last server"), "{err}");
    cluster.wait_state("web-a", "app-a", State::Drain);
    assert_eq!(server_at(cluster.port(8080), "/echo"), "app-a");
}

#[test]
fn reload_reaches_all_and_a_bad_file_nobody() {
    let mut cluster = start();
    cluster.rewrite("id = \"app-b\"", "id = \"app-b\"\nweight = 0");
    let (out, err, code) = copal(&cluster, &["reload"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(["web-a", "app-a", "app-b"].iter().all(|id| out.contains(id)), "{out}");
    let port = cluster.port(8080);
    for _ in 0..4 {
        assert_eq!(server_at(port, "/echo"), "app-a");
    }
    cluster.rewrite("weight = 0", "weight = \"none\"");
    let (_, err, code) = copal(&cluster, &["reload"]);
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("weight"), "{err}");
    for id in ["web-a", "app-a", "app-b"] {
        let status = cluster.desk(id).status();
        assert_eq!((status.reloads, status.reload_error), (1, None), "{id}");
    }
    cluster.rewrite("weight = \"none\"", "weight = 100");
    let (out, err, code) = copal(&cluster, &["reload", "web-a"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("web-a") && !out.contains("app-a:"), "{out}");
    assert_eq!(cluster.desk("app-a").status().reloads, 1);
    assert_eq!(cluster.desk("web-a").server("app-b").weight, 100);
}
