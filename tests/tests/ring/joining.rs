//! A server that has just started, and one that stops: what they answer on the cluster port.

use copal_protocol::state::State;
use copal_testkit::cluster::Cluster;
use copal_testkit::raw::{ask, get};
use copal_testkit::recipe::Recipe;
use copal_testkit::response::Response;
use copal_testkit::visitor::Visitor;

use crate::farm::{self, APPS};
use crate::seen::json;

/// Nobody needs a proof here, so a test may speak as a web server does.
fn open_farm() -> Recipe {
    farm::recipe().replaced("secret = \"a secret of thirty-two characters\"", "")
}

/// What a server answers on its cluster port.
fn on_cluster_port(
    cluster: &Cluster,
    port: u16,
    method: &str,
    path: &str,
    id: Option<&str>,
) -> Response {
    let cookie = id.map(|id| format!("Cookie: JSESSIONID={id}\r\n")).unwrap_or_default();
    let body = "Content-Length: 0\r\n";
    ask(
        cluster.port(port),
        format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{cookie}{body}\r\n"),
    )
}

fn is_marked(answer: &Response) -> bool {
    answer.status == 503 && answer.field("copal-not-begun") == Some("1")
}

/// app-a has started again, and cannot find out what app-b knows.
fn restart_without_b(cluster: &mut Cluster) {
    farm::are_whole(cluster, &APPS);
    cluster.kill("app-a");
    cluster.server("app-b").pause();
    cluster.start_server("app-a");
    cluster.wait_status("app-a", "it joins", |status| status.state == State::Joining);
}

/// app-a knows that somebody else is ready, and so makes no new sessions.
fn knows_of_another(cluster: &Cluster) {
    let is_sent_away = || {
        let answer = get(farm::door(cluster, "app-a"), "/counter");
        answer.status == 503 && answer.text().contains("has just started")
    };
    cluster.server("app-a").wait_until(is_sent_away).expect("app-c is ready");
}

#[test]
fn who_has_just_started_begins_nothing_that_another_one_can_do() {
    let mut cluster = farm::start_with(open_farm());
    let id = farm::user_at(&cluster, "app-a", "acb").id();
    restart_without_b(&mut cluster);
    knows_of_another(&cluster);
    for method in ["GET", "POST"] {
        let path = if method == "GET" { "/counter" } else { "/session/rotate" };
        let answer = on_cluster_port(&cluster, 6800, method, path, Some(&id));
        assert!(is_marked(&answer), "{method}: {answer:?}");
        assert_eq!(answer.field("set-cookie"), None, "{answer:?}");
        let by_url = format!("{path};jsessionid={id}");
        assert!(is_marked(&on_cluster_port(&cluster, 6800, method, &by_url, None)));
    }
    // Nor does it make new sessions, whoever asks.
    assert!(is_marked(&on_cluster_port(&cluster, 6800, "GET", "/counter", None)));
    let answer = get(farm::door(&cluster, "app-a"), "/counter");
    assert_eq!((answer.status, answer.field("retry-after")), (503, Some("1")), "{answer:?}");
    assert_eq!(answer.field("copal-not-begun"), None, "{answer:?}");
    cluster.server("app-b").resume();
    farm::is_ready(&cluster, "app-a");
    let answer = on_cluster_port(&cluster, 6800, "GET", "/counter", Some(&id));
    assert_eq!((answer.status, json(&answer)["count"].as_i64()), (200, Some(2)), "{answer:?}");
}

#[test]
fn whoever_is_alone_takes_those_whom_nobody_knows() {
    let patient = "type = \"cluster\", recovery-wait = \"3s\"";
    let mut cluster = Cluster::prepare(open_farm().replaced("type = \"cluster\"", patient));
    // They accept connections, and say nothing.
    let [_b, _c] = [6801, 6802].map(|port| {
        std::net::TcpListener::bind(("127.0.0.1", cluster.port(port))).expect("a free port")
    });
    cluster.start_server("app-a");
    cluster.wait_status("app-a", "it joins", |status| status.state == State::Joining);
    let answer = on_cluster_port(&cluster, 6800, "GET", "/counter", None);
    assert_eq!(answer.status, 200, "{answer:?}");
    // What belongs to no session at all is no session's.
    let answer = on_cluster_port(&cluster, 6800, "GET", "/counter", Some("abc"));
    assert_eq!(answer.status, 200, "{answer:?}");
    let ready = || on_cluster_port(&cluster, 6800, "GET", "/.copal/ready", None);
    assert_eq!(ready().field("copal-state"), Some("joining"), "{:?}", ready());
    assert_eq!(json(&ready())["unheard"], serde_json::json!(["app-b", "app-c"]));
    // Whoever has an id waits for those who may know it, and no longer than anybody waits for them.
    let unknown = Some("abcdefghijklmnopqrstuvwxyz");
    let answer = on_cluster_port(&cluster, 6800, "GET", "/counter", unknown);
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(!answer.field("set-cookie").unwrap_or_default().contains("defghijklmn"), "{answer:?}");
    cluster.wait_status("app-a", "it waits no longer", |status| status.state == State::Ready);
    assert_eq!(ready().field("copal-state"), Some("ready"));
}

#[test]
fn a_stranger_is_told_no_secrets() {
    let mut cluster = farm::start();
    let id = farm::user_at(&cluster, "app-a", "acb").id();
    restart_without_b(&mut cluster);
    let answer = on_cluster_port(&cluster, 6800, "GET", "/counter", Some(&id));
    assert_eq!(answer.field("copal-not-begun"), None, "{answer:?}");
}

#[test]
fn the_web_tier_sends_on_whatever_was_not_begun() {
    let blind = "server-default = { load-balance-warmup-time = \"0s\", health-check = false }";
    let recipe =
        farm::recipe().replaced("server-default = { load-balance-warmup-time = \"0s\" }", blind);
    let mut cluster = Cluster::start(recipe);
    for app in APPS {
        cluster.wait_status(app, "it has joined", |status| status.state == State::Ready);
    }
    let mut user = farm::user_at(&cluster, "app-a", "acb");
    let id = user.id();
    restart_without_b(&mut cluster);
    knows_of_another(&cluster);
    user.visitor.go_to(cluster.port(8080));
    let answer = user.visitor.send("POST", "/session/form", &[], b"name=colour&value=blue");
    assert_eq!(answer.status, 303, "{answer:?}");
    let seen = json(&user.visitor.get("/session"));
    assert_eq!(seen["server"], "app-c", "{seen}");
    assert_eq!(seen["session"], id, "{seen}");
    assert_eq!(seen["attributes"]["colour"], "blue", "{seen}");
    assert_eq!(seen["attributes"]["count"], 1, "{seen}");
    // Nothing was begun on app-a.
    assert_eq!(farm::answered(&cluster, "app-a", "3xx"), 0);
    assert_eq!(farm::answered(&cluster, "app-c", "3xx"), 1);
}

#[test]
fn who_leaves_still_serves_what_is_bound_to_it() {
    let cluster = farm::start_with(open_farm());
    let id = farm::user_at(&cluster, "app-a", "a").id();
    farm::are_whole(&cluster, &APPS);
    let mut long = copal_testkit::raw::Raw::connect(cluster.port(6800));
    long.send("GET /sleep/2000 HTTP/1.1\r\nHost: x\r\n\r\n");
    farm::runs(&cluster, "app-a", 1);
    cluster.server("app-a").terminate();
    cluster.wait_status("app-a", "it leaves", |status| status.state == State::Leaving);
    for count in 2..5 {
        let answer = on_cluster_port(&cluster, 6800, "GET", "/counter", Some(&id));
        assert_eq!(
            (answer.status, json(&answer)["count"].as_i64()),
            (200, Some(count)),
            "{answer:?}"
        );
        assert_eq!(answer.field("copal-not-begun"), None, "{answer:?}");
    }
    assert_eq!(long.response().expect("an answer").status, 200);
    let mut visitor = Visitor::new(farm::door(&cluster, "app-b"));
    visitor.set_cookie("JSESSIONID", &id);
    assert_eq!(json(&visitor.get("/counter"))["count"], 5);
}
