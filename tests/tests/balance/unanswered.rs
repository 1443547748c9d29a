//! Requests that no server answered are counted, and said once a second.

use copal_testkit::cluster::Cluster;
use copal_testkit::port::Port;
use copal_testkit::raw::{Raw, get};

use crate::farm::{self, request};
use crate::held::Held;
use crate::prometheus::Samples;

fn unanswered(cluster: &Cluster, reason: &str) -> f64 {
    let figures = Samples::read(&cluster.desk("web-a").get("/metrics").text());
    figures.value("copal_web_unanswered_requests_total", &[("reason", reason)])
}

/// Checks that every second had at most one line.
fn said_at_most_once_a_second(cluster: &Cluster, why: &str) {
    let web = cluster.server("web-a");
    let line = web.wait_for_log("a request got a 503");
    assert!(line.contains("WARN") && line.contains("farm") && line.contains(why), "{line}");
    let lines = web.log().lines().filter(|line| line.contains("a request got a 503")).count();
    let age = usize::try_from(cluster.desk("web-a").status().uptime_seconds).expect("a short test");
    assert!(lines <= age + 1, "{lines} lines in {age} seconds");
}

#[test]
fn those_for_which_no_place_became_free_in_time() {
    let a = Held::start();
    let keys = "load-balance-max-requests = 1\nload-balance-queue-timeout = \"200ms\"";
    let cluster = farm::start(farm::foreign("", &[(a.port(), keys)]));
    let mut first = farm::asking(&cluster, &request("GET", "/first", ""));
    a.wait(1);
    let asking = || farm::asking(&cluster, &request("GET", "/more", ""));
    let mut crowd: Vec<Raw> = (0..40).map(|_| asking()).collect();
    for client in &mut crowd {
        assert_eq!(client.response().expect("an answer").status, 503);
    }
    assert!((unanswered(&cluster, "queue") - 40.0).abs() < f64::EPSILON);
    assert!(unanswered(&cluster, "no-server").abs() < f64::EPSILON);
    said_at_most_once_a_second(&cluster, "");
    a.let_all_go();
    assert_eq!(first.response().expect("an answer").text(), "/first");
}

#[test]
fn those_for_which_no_server_could_be_reached() {
    let nobody = Port::take();
    let cluster = farm::start(farm::foreign("", &[(nobody.number(), "")]));
    for _ in 0..40 {
        assert_eq!(get(cluster.port(8080), "/").status, 503);
    }
    assert!((unanswered(&cluster, "no-server") - 40.0).abs() < f64::EPSILON);
    assert!(unanswered(&cluster, "queue").abs() < f64::EPSILON);
    said_at_most_once_a_second(&cluster, "reached");
    let figures = Samples::read(&cluster.desk("web-a").get("/metrics").text());
    let again = figures.value("copal_web_second_tries_total", &[("reason", "unreached")]);
    assert!(again.abs() < f64::EPSILON, "they went nowhere: {again}");
}
