//! Sessions that are saved after their response has left, or when their server stops.

use copal_testkit::cluster::Cluster;
use copal_testkit::visitor::Visitor;

use crate::farm::{self, APPS};
use crate::seen::json;

const STORE: &str = "persistent-store = { type = \"cluster\" }";

fn start(session_config: &str) -> Cluster {
    let config = format!("{STORE}\nsession-config = {{ {session_config} }}");
    farm::start_with(farm::recipe().replaced(STORE, &config))
}

/// Somebody who has a session that `app-a` has made.
fn user(cluster: &Cluster) -> Visitor {
    let mut visitor = Visitor::new(farm::door(cluster, "app-a"));
    assert_eq!(visitor.send("PUT", "/session/colour", &[], b"red").status, 200);
    farm::are_whole(cluster, &APPS);
    visitor
}

fn paint(visitor: &mut Visitor, colour: &str) {
    let answer = visitor.send("PUT", "/session/colour", &[], colour.as_bytes());
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(json(&answer)["attributes"]["colour"], colour);
}

fn colour(visitor: &mut Visitor) -> String {
    let seen = json(&visitor.get("/session"));
    seen["attributes"]["colour"].as_str().map(ToOwned::to_owned).unwrap_or_else(|| panic!("{seen}"))
}

fn failed(cluster: &Cluster, app: &str) -> u64 {
    farm::sample(cluster, app, "copal_app_late_saves_failed_total ")
}

#[test]
fn after_request_the_next_request_finds_what_the_last_one_changed() {
    let mut cluster = start("save-mode = \"after-request\"");
    let mut visitor = user(&cluster);
    // On any server: the owner, which changes it, and others, which ask the owner to.
    for (round, app) in (0..30).zip(APPS.iter().cycle()) {
        visitor.go_to(farm::door(&cluster, app));
        paint(&mut visitor, &format!("colour {round}"));
        assert_eq!(colour(&mut visitor), format!("colour {round}"), "{app}");
    }
    // Whoever is sent elsewhere finds it there, whatever becomes of the server that sent them.
    visitor.go_to(farm::door(&cluster, "app-a"));
    let answer = visitor.send("POST", "/session/form", &[], b"name=colour&value=blue");
    assert_eq!(answer.status, 303, "{answer:?}");
    cluster.kill("app-a");
    visitor.go_to(farm::door(&cluster, "app-b"));
    assert_eq!(colour(&mut visitor), "blue");
    for app in ["app-b", "app-c"] {
        assert_eq!(failed(&cluster, app), 0, "{app}");
    }
}

#[test]
fn after_request_a_save_that_fails_is_logged_and_counted() {
    let cluster = start("save-mode = \"after-request\", degraded = \"refuse\"");
    let saved = || Visitor::new(farm::door(&cluster, "app-a")).get("/counter").status == 200;
    cluster.server("app-a").wait_until(saved).expect("another server");
    let mut visitor = user(&cluster);
    for app in ["app-b", "app-c"] {
        cluster.server(app).pause();
    }
    // The head has left before anybody knew.
    paint(&mut visitor, "blue");
    let counted = || failed(&cluster, "app-a") == 1;
    cluster.server("app-a").wait_until(counted).expect("a failed save");
    let log = cluster.server("app-a").log();
    assert!(log.contains("was not saved after its response had left"), "{log}");
    // A redirect is no such answer.
    let answer = visitor.send("POST", "/session/form", &[], b"name=colour&value=green");
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(failed(&cluster, "app-a"), 1);
    for app in ["app-b", "app-c"] {
        cluster.server(app).resume();
        farm::is_ready(&cluster, app);
    }
    // What nobody confirmed may count or not.
    assert!(["red", "blue", "green"].contains(&&*colour(&mut visitor)));
}

#[test]
fn after_request_a_stop_waits_for_saves() {
    let mut cluster = start("save-mode = \"after-request\"");
    let mut visitor = user(&cluster);
    paint(&mut visitor, "blue");
    assert_eq!(cluster.stop("app-a").code(), Some(0));
    visitor.go_to(farm::door(&cluster, "app-b"));
    assert_eq!(colour(&mut visitor), "blue");
}

#[test]
fn on_shutdown_a_change_stays_on_its_server_until_that_stops() {
    let mut cluster = start("save-mode = \"save-only-on-shutdown\"");
    let mut visitor = user(&cluster);
    paint(&mut visitor, "blue");
    assert_eq!(colour(&mut visitor), "blue");
    visitor.go_to(farm::door(&cluster, "app-b"));
    assert_eq!(colour(&mut visitor), "red", "nobody else knows");
    assert_eq!(cluster.stop("app-a").code(), Some(0));
    assert_eq!(colour(&mut visitor), "blue");
    visitor.go_to(farm::door(&cluster, "app-c"));
    assert_eq!(colour(&mut visitor), "blue");
}

#[test]
fn on_shutdown_a_crash_loses_it_and_an_eviction_saves_it() {
    let mut cluster = start("save-mode = \"on-shutdown\"");
    let mut visitor = user(&cluster);
    paint(&mut visitor, "blue");
    let answer = cluster.desk("app-a").post("/servers/app-a/evict");
    assert_eq!(answer.status, 200, "{answer:?}");
    let mut other = Visitor::new(farm::door(&cluster, "app-b"));
    other.set_cookie("JSESSIONID", visitor.cookie("JSESSIONID").expect("a cookie"));
    let moved = || colour(&mut other) == "blue";
    cluster.server("app-a").wait_until(moved).expect("the change at another server");
    let answer = cluster.desk("app-a").post("/servers/app-a/enable");
    assert_eq!(answer.status, 200, "{answer:?}");
    farm::are_whole(&cluster, &APPS);
    visitor.go_to(farm::door(&cluster, "app-b"));
    paint(&mut visitor, "green");
    cluster.kill("app-b");
    visitor.go_to(farm::door(&cluster, "app-c"));
    assert_eq!(colour(&mut visitor), "blue", "it was told that only a stop saves");
}
