//! A server that stands still (SIGSTOP): its connections are open, and nothing comes.

use std::cell::RefCell;
use std::time::Duration;

use copal_protocol::state::State;
use copal_protocol::status::Status;
use copal_testkit::cluster::Cluster;
use copal_testkit::deadline::Deadline;
use copal_testkit::desk::of;
use copal_testkit::raw::Raw;
use copal_testkit::recipe::Recipe;
use copal_testkit::response::Response;

use crate::farm;
use crate::seen::{json, server, server_at};

/// After so long every request that may be sent again has been answered by somebody else.
const LIMIT: Duration = Duration::from_secs(3);

/// A client that has sent half of a body to `app-a`, where its first half has arrived.
fn half_sent(cluster: &Cluster, method: &str, before: u64) -> Raw {
    let head = format!("{method} /echo;jsessionid=abc HTTP/1.1\r\nHost: a\r\nContent-Length: 8");
    let client = farm::asking(cluster, &format!("{head}\r\n\r\nhalf"));
    cluster.wait_status("app-a", "half a request is there", |status| status.in_flight > before);
    client
}

fn in_time(limit: Deadline, client: &mut Raw) -> Response {
    let response = client.response().expect("an answer");
    assert!(!limit.has_passed(), "later than {LIMIT:?}: {response:?}");
    assert_eq!(server(&response), "app-b", "{response:?}");
    response
}

#[test]
fn others_answer_for_it_what_may_be_asked_twice() {
    let cluster = Cluster::start(Recipe::example("one_balancer_two_backends"));
    // A connection that is kept, so that the next request to app-a needs no new one.
    assert_eq!(server_at(cluster.port(8080), "/echo;jsessionid=abc"), "app-a");
    let mut put = half_sent(&cluster, "PUT", 0);
    let mut post = half_sent(&cluster, "POST", 1);
    let limit = Deadline::after(LIMIT);
    cluster.server("app-a").pause();
    for waiting in [&mut put, &mut post] {
        waiting.send("more");
    }
    let bound = "GET /echo;jsessionid=abc HTTP/1.1\r\nHost: a\r\n\r\n";
    let new = "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut clients: Vec<Raw> =
        [bound, bound, new, new, new, new].map(|request| farm::asking(&cluster, request)).into();
    for client in &mut clients {
        in_time(limit, client);
    }
    assert_eq!(json(&in_time(limit, &mut put))["body_bytes"], 8);
    cluster.wait_state("web-a", "app-a", State::Down);
    // Now nobody has to wait.
    assert_eq!(server_at(cluster.port(8080), "/echo;jsessionid=abc"), "app-b");
    let at_b = cluster.desk("web-a").server("app-b").requests;
    assert_eq!(at_b, 8, "6 clients, the PUT, and the one after: not the POST");
    cluster.server("app-a").resume();
    let answer = post.response().expect("an answer");
    assert_eq!((server(&answer).as_str(), &json(&answer)["body_bytes"]), ("app-a", &8.into()));
    let port = cluster.port(8080);
    cluster.wait_status("web-a", "app-a is used again", |_| {
        server_at(port, "/echo;jsessionid=abc") == "app-a"
    });
}

/// Sent to `app-b`, which had refused the connection; then to `app-a`, which hung already. Before,
/// whoever was refused once was never asked again, and such requests waited for
/// `load-balance-socket-timeout`.
#[test]
fn whoever_waits_at_a_last_resort_goes_back_to_a_server_that_refused_and_is_up_again() {
    let mut cluster = Cluster::start(Recipe::example("one_balancer_two_backends"));
    assert_eq!(server_at(cluster.port(8080), "/echo;jsessionid=abc"), "app-a");
    cluster.kill("app-b");
    cluster.server("app-a").pause();
    for app in ["app-a", "app-b"] {
        cluster.wait_state("web-a", app, State::Down);
    }
    let before = cluster.desk("web-a").server("app-a").requests;
    let mut waiting =
        farm::asking(&cluster, "GET /echo;jsessionid=bac HTTP/1.1\r\nHost: a\r\n\r\n");
    cluster.wait_status("web-a", "it was sent to app-a", |status| {
        status.servers.iter().any(|one| one.id == "app-a" && one.requests > before)
    });
    cluster.start_server("app-b");
    in_time(Deadline::after(LIMIT), &mut waiting);
}

/// `app-b` is checked so rarely that only requests find out that it is dead: then it is out of
/// service for a second, and after that nobody knows.
const RARELY_CHECKED: &str = r#"
[[cluster.web-tier.server]]
id = "web-a"
http = [{ address = "127.0.0.1", port = 8080 }]

[[cluster.web-tier.rewrite-dispatch]]
load-balance = "app-tier"

[[cluster.app-tier.web-app]]
app = "demo"

[[cluster.app-tier.server]]
id = "app-a"
port = 6800

[[cluster.app-tier.server]]
id = "app-b"
port = 6801
health-check = { interval = "10m" }
"#;

/// A pause that ran out looked like a server that is up: requests left one that hung for a moment,
/// were refused once more, and got a 504.
#[test]
fn a_pause_that_ran_out_draws_nobody_away_from_a_server_that_may_still_answer() {
    let mut cluster = Cluster::start(Recipe::text(RARELY_CHECKED));
    let port = cluster.port(8080);
    for (letters, app) in [("abc", "app-a"), ("bac", "app-b")] {
        assert_eq!(server_at(port, &format!("/echo;jsessionid={letters}")), app);
    }
    cluster.server("app-a").pause();
    cluster.wait_state("web-a", "app-a", State::Down);
    cluster.kill("app-b");
    let bound = "GET /echo;jsessionid=bac HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut waiting = farm::asking(&cluster, bound);
    let refusals = |status: &Status| of(status, "app-b").failures;
    let first = refusals(&cluster.wait_status("web-a", "refused", |status| refusals(status) > 0));
    // Others come, a few each second, until two of them found that its pause had run out.
    let others = RefCell::new((Vec::new(), Deadline::after(Duration::ZERO)));
    cluster.wait_status("web-a", "its pause ran out, and it was tried again", |status| {
        let (clients, next) = &mut *others.borrow_mut();
        if next.has_passed() {
            clients.push(farm::asking(&cluster, bound));
            *next = Deadline::after(Duration::from_millis(200));
        }
        refusals(status) >= first + 2
    });
    cluster.server("app-a").resume();
    let response = waiting.response().expect("an answer");
    assert_eq!((response.status, server(&response).as_str()), (200, "app-a"));
}
