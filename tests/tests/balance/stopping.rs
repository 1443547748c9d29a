//! A web server that is asked to stop answers first what it was asked, also what waits for a place.

use copal_protocol::state::State;
use copal_testkit::desk;

use crate::farm::{self, BOUND, request};
use crate::held::Held;
use crate::prometheus::Samples;

#[test]
fn who_waits_for_a_place_is_answered_before_the_server_ends() {
    let a = Held::start();
    let servers = [(a.port(), "load-balance-max-requests = 1")];
    let mut cluster = farm::start(farm::foreign("", &servers));
    let mut running = farm::asking(&cluster, &request("GET", &format!("/running{BOUND}"), ""));
    a.wait(1);
    let mut waiting = farm::asking(&cluster, &request("POST", &format!("/waiting{BOUND}"), "x"));
    cluster.wait_status("web-a", "one waits", |status| desk::of(status, "a").queued == 1);
    let mut server = cluster.take("web-a");
    server.terminate();
    let _said = server.wait_for_log("stop");
    a.let_go("/running");
    a.wait(2);
    a.let_all_go();
    assert_eq!(running.response().expect("an answer").text(), "/running");
    let answer = waiting.response().expect("an answer");
    assert_eq!((answer.status, answer.text().as_str()), (200, "/waiting"), "{answer:?}");
    assert_eq!(server.wait_for_exit().code(), Some(0));
}

#[test]
fn a_stopped_server_that_holds_all_its_places_lets_the_waiting_go_elsewhere() {
    let recipe = copal_testkit::recipe::Recipe::example("one_balancer_two_backends")
        .replaced("id = \"app-a\"", "id = \"app-a\"\nload-balance-max-requests = 1");
    let cluster = copal_testkit::cluster::Cluster::start(recipe);
    let head = "POST /echo;jsessionid=abc HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n";
    let mut running = farm::asking(&cluster, head);
    cluster.wait_status("app-a", "it runs", |status| status.in_flight == 1);
    let mut waiting = farm::asking(&cluster, &format!("{head}body"));
    cluster.wait_status("web-a", "one waits", |status| desk::of(status, "app-a").queued == 1);
    cluster.server("app-a").pause();
    let answer = waiting.response().expect("an answer");
    assert_eq!(crate::seen::server(&answer), "app-b", "a POST too: nothing of it was sent");
    cluster.server("app-a").resume();
    running.send("body");
    assert_eq!(crate::seen::server(&running.response().expect("an answer")), "app-a");
}

#[test]
fn a_request_is_finished_by_the_server_that_stops_and_not_sent_to_another() {
    let recipe = copal_testkit::recipe::Recipe::example("one_balancer_two_backends");
    let mut cluster = copal_testkit::cluster::Cluster::start(recipe);
    let head = "GET /sleep/2000;jsessionid=abc HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut running = farm::asking(&cluster, head);
    cluster.wait_status("app-a", "it runs", |status| status.in_flight == 1);
    let mut server = cluster.take("app-a");
    server.terminate();
    // Its port is closed, so its checks are refused; what it has begun it finishes.
    cluster.wait_state("web-a", "app-a", State::Down);
    assert_eq!(running.response().expect("an answer").status, 200);
    assert_eq!(server.wait_for_exit().code(), Some(0));
    let figures = Samples::read(&cluster.desk("web-a").get("/metrics").text());
    let again = figures.value("copal_web_second_tries_total", &[("reason", "down")]);
    assert!(again < 0.5, "{again} requests were taken from a server that was answering them");
}
