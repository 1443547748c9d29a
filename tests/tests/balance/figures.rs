//! What operators are shown on the admin listener, and who may change anything there.

use copal_testkit::cluster::Cluster;
use copal_testkit::raw::ask;
use copal_testkit::recipe::Recipe;
use copal_testkit::response::Response;

use crate::farm;
use crate::prometheus::Samples;
use crate::seen::{json, server_at};

const TOKEN: &str = "a-token-of-at-least-sixteen-bytes";

fn start(token: &str) -> Cluster {
    let recipe = Recipe::example("one_balancer_two_backends")
        .replaced("id = \"web-a\"", &format!("id = \"web-a\"\nadmin = {{ port = 9100{token} }}"))
        .replaced("id = \"app-a\"", &format!("id = \"app-a\"\nadmin = {{ port = 9101{token} }}"));
    Cluster::start(recipe)
}

fn asked(cluster: &Cluster, port: u16, line: &str, fields: &str) -> Response {
    let request =
        format!("{line} HTTP/1.1\r\nHost: localhost\r\n{fields}Connection: close\r\n\r\n");
    ask(cluster.port(port), request)
}

#[test]
fn without_a_token_it_only_shows() {
    let cluster = start("");
    for port in [9100, 9101] {
        for path in ["/health", "/ready", "/metrics", "/status"] {
            let answer = asked(&cluster, port, &format!("GET {path}"), "");
            assert_eq!(answer.status, 200, "{port} {path}: {answer:?}");
        }
        for fields in ["", "Authorization: Bearer anything-at-all-will-not-do\r\n"] {
            for path in ["/reload", "/servers/app-a/drain"] {
                let answer = asked(&cluster, port, &format!("POST {path}"), fields);
                assert_eq!(answer.status, 403, "{port} {path}: {answer:?}");
            }
        }
        assert_eq!(asked(&cluster, port, "POST /status", "").status, 403);
    }
    assert_eq!(cluster.desk("app-a").status().state, copal_protocol::state::State::Ready);
    assert_eq!(cluster.desk("web-a").status().reloads, 0);
}

#[test]
fn with_the_token_it_changes_what_it_is_told() {
    let cluster = start(&format!(", token = \"{TOKEN}\""));
    let right = format!("Authorization: Bearer {TOKEN}\r\n");
    for port in [9100, 9101] {
        for fields in ["", "Authorization: Bearer a-token-of-at-least-sixteen-bytez\r\n"] {
            let answer = asked(&cluster, port, "POST /reload", fields);
            assert_eq!(answer.status, 401, "{port} {fields}: {answer:?}");
            let challenge = answer.field("www-authenticate").unwrap_or_default();
            assert!(challenge.starts_with("Bearer "), "{answer:?}");
        }
        let answer = asked(&cluster, port, "POST /reload", &right);
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(json(&answer)["changed"].is_array(), "{answer:?}");
        let rebound = format!("{right}Origin: http://evil.example\r\n");
        assert_eq!(asked(&cluster, port, "POST /reload", &rebound).status, 403);
    }
    let answer = asked(&cluster, 9101, "POST /servers/app-a/drain", &right);
    assert_eq!((answer.status, &json(&answer)["state"]), (200, &"drain".into()));
    for id in ["web-a", "app-a"] {
        assert_eq!(cluster.desk(id).status().reloads, 1, "{id}");
    }
}

#[test]
fn the_figures_are_those_of_the_requests() {
    let cluster = start("");
    let port = cluster.port(8080);
    for _ in 0..5 {
        assert_eq!(server_at(port, "/echo;jsessionid=abc"), "app-a");
    }
    assert_eq!(
        farm::asking(&cluster, "GET /status/404;jsessionid=abc HTTP/1.1\r\nHost: a\r\n\r\n")
            .response()
            .expect("an answer")
            .status,
        404
    );
    assert_eq!(farm::asking(&cluster, "BAD\r\n\r\n").response().expect("an answer").status, 400);
    // Answers are counted when their last byte was sent, which the client may see first.
    let counted = || {
        let web = Samples::read(&cluster.desk("web-a").get("/metrics").text());
        let codes =
            ["2xx", "4xx"].map(|code| web.value("copal_web_requests_total", &[("code", code)]));
        codes.iter().sum::<f64>() > 5.5
    };
    cluster.server("web-a").wait_until(counted).expect("six answers");
    let answer = asked(&cluster, 9100, "GET /metrics", "");
    let kind = answer.field("content-type").unwrap_or_default();
    assert!(kind.starts_with("text/plain; version=0.0.4"), "{kind}");
    let web = Samples::read(&answer.text());
    let app_a = [("cluster", "app-tier"), ("server", "app-a")];
    for (name, labels, expected) in [
        ("copal_web_requests_total", &[("code", "2xx")][..], 5.0),
        ("copal_web_requests_total", &[("code", "4xx")], 1.0),
        ("copal_web_refused_requests_total", &[], 1.0),
        ("copal_web_server_requests_total", &app_a, 6.0),
        ("copal_web_server_in_flight_requests", &app_a, 0.0),
        ("copal_web_server_first_byte_seconds_count", &app_a, 6.0),
    ] {
        let value = web.value(name, labels);
        assert!((value - expected).abs() < f64::EPSILON, "{name} {labels:?}: {value}");
    }
    let ready = [("cluster", "app-tier"), ("server", "app-a"), ("state", "ready")];
    assert!((web.value("copal_web_server_state", &ready) - 1.0).abs() < f64::EPSILON);
    let app = Samples::read(&asked(&cluster, 9101, "GET /metrics", "").text());
    assert!(app.kinds.keys().all(|name| name.starts_with("copal_app_")), "{:?}", app.kinds);
    assert!(web.kinds.keys().all(|name| name.starts_with("copal_web_")), "{:?}", web.kinds);
    let status = json(&asked(&cluster, 9100, "GET /status", ""));
    assert_eq!(status["requests"], 6, "{status}");
}

#[test]
fn every_figure_is_explained() {
    let cluster = start("");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/metrics.md");
    let explained = std::fs::read_to_string(path).expect("docs/metrics.md");
    for port in [9100, 9101] {
        let samples = Samples::read(&asked(&cluster, port, "GET /metrics", "").text());
        for name in samples.kinds.keys() {
            assert!(explained.contains(&format!("`{name}`")), "{name} is not in docs/metrics.md");
        }
    }
}
