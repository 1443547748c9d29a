//! What operators want of app servers, each told at its own control socket.

use copal_protocol::state::State;
use copal_testkit::cluster::Cluster;
use copal_testkit::recipe::Recipe;
use copal_testkit::response::Response;

use crate::seen::{json, server_at};

fn start() -> Cluster {
    Cluster::start(Recipe::example("one_balancer_two_backends"))
}

/// Tells `app` what is wanted of it, and waits until `web-a` sees that.
fn wish(cluster: &Cluster, app: &str, wish: &str, state: State) -> Response {
    let answer = cluster.desk(app).post(&format!("/servers/{app}/{wish}"));
    assert_eq!(answer.status, 200, "{answer:?}");
    let told = json(&answer);
    assert_eq!((&told["server"], &told["state"]), (&app.into(), &state.as_str().into()));
    assert_eq!(cluster.desk(app).status().state, state);
    cluster.wait_state("web-a", app, state);
    answer
}

/// Who answers four new visitors, and who one whose session is on `app-a` and then on `app-b`.
fn who(cluster: &Cluster) -> (Vec<String>, String) {
    let port = cluster.port(8080);
    let mut new: Vec<String> = (0..4).map(|_| server_at(port, "/echo")).collect();
    new.sort();
    new.dedup();
    (new, server_at(port, "/echo;jsessionid=abc"))
}

fn told(new: &[&str], bound: &str) -> (Vec<String>, String) {
    (new.iter().map(|name| (*name).to_owned()).collect(), bound.to_owned())
}

#[test]
fn each_state_leaves_a_server_its_own_requests() {
    let cluster = start();
    let all = told(&["app-a", "app-b"], "app-a");
    assert_eq!(who(&cluster), all);
    let table = [
        ("drain", State::Drain, told(&["app-b"], "app-a")),
        ("evict", State::Evict, told(&["app-b"], "app-b")),
        ("maintenance", State::Maintenance, told(&["app-b"], "app-b")),
        ("enable", State::Ready, all),
    ];
    for (word, state, expected) in table {
        wish(&cluster, "app-a", word, state);
        assert_eq!(who(&cluster), expected, "{word}");
    }
}

#[test]
fn a_state_survives_a_reload_on_either_side() {
    let mut cluster = start();
    wish(&cluster, "app-a", "drain", State::Drain);
    cluster.desk("app-a").reload();
    assert_eq!(cluster.desk("app-a").status().state, State::Drain);
    cluster.rewrite("id = \"app-a\"", "id = \"app-a\"\nweight = 300");
    for id in ["web-a", "app-a"] {
        cluster.desk(id).reload();
    }
    let seen = cluster.desk("web-a").server("app-a");
    assert_eq!((seen.state, seen.weight), (State::Drain, 300), "{seen:?}");
    assert_eq!(who(&cluster), told(&["app-b"], "app-a"));
    assert_eq!(cluster.desk("app-a").status().state, State::Drain);
}

#[test]
fn the_last_one_is_used_whatever_is_wanted_of_it() {
    for (word, state) in
        [("drain", State::Drain), ("evict", State::Evict), ("maintenance", State::Maintenance)]
    {
        let mut cluster = start();
        wish(&cluster, "app-a", word, state);
        assert_eq!(who(&cluster).0, ["app-b"], "{word}: there is another");
        cluster.kill("app-b");
        for _ in 0..3 {
            assert_eq!(who(&cluster), told(&["app-a"], "app-a"), "{word}");
        }
        cluster.wait_state("web-a", "app-b", State::Down);
        assert_eq!(who(&cluster), told(&["app-a"], "app-a"), "{word}");
    }
}

#[test]
fn sessions_stay_where_they_are_when_every_server_is_to_be_empty() {
    for (word, state) in [("drain", State::Drain), ("evict", State::Evict)] {
        let cluster = start();
        wish(&cluster, "app-a", word, state);
        wish(&cluster, "app-b", word, state);
        let port = cluster.port(8080);
        for _ in 0..4 {
            assert_eq!(server_at(port, "/echo;jsessionid=abc"), "app-a", "{word}");
            assert_eq!(server_at(port, "/echo;jsessionid=bac"), "app-b", "{word}");
        }
    }
}

#[test]
fn only_a_server_itself_is_told_what_is_wanted_of_it() {
    let cluster = start();
    for (asked, path, status) in [
        ("web-a", "/servers/app-a/drain", 409),
        ("web-a", "/servers/web-a/drain", 409),
        ("web-a", "/servers/app-z/drain", 404),
        ("app-a", "/servers/app-b/drain", 404),
        ("app-a", "/servers/app-a/sleep", 404),
    ] {
        let answer = cluster.desk(asked).post(path);
        assert_eq!(answer.status, status, "{asked} {path}: {answer:?}");
        assert!(json(&answer)["error"].is_string(), "{answer:?}");
    }
    let answer = cluster.desk("app-a").get("/servers/app-a/drain");
    assert_eq!((answer.status, answer.field("allow")), (405, Some("POST")), "{answer:?}");
    assert_eq!(who(&cluster), told(&["app-a", "app-b"], "app-a"));
}

#[test]
fn a_stopping_server_gives_nobody_a_failure_and_a_started_one_is_used() {
    let mut cluster = start();
    let port = cluster.port(8080);
    assert_eq!(server_at(port, "/echo;jsessionid=abc"), "app-a");
    assert_eq!(cluster.stop("app-a").code(), Some(0));
    for _ in 0..6 {
        assert_eq!(server_at(port, "/echo;jsessionid=abc"), "app-b");
    }
    cluster.wait_state("web-a", "app-a", State::Down);
    cluster.start_server("app-a");
    cluster.wait_state("web-a", "app-a", State::Warming);
    assert_eq!(server_at(port, "/echo;jsessionid=abc"), "app-a");
}
