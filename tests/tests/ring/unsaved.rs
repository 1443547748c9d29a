//! A session that cannot be saved: the client is told, and nobody runs the handler again.

use copal_testkit::cluster::Cluster;
use copal_testkit::visitor::Visitor;

use crate::crowd::User;
use crate::farm::{self, APPS};
use crate::seen::json;

/// Nothing counts that only one server has.
fn start() -> Cluster {
    let store = "persistent-store = { type = \"cluster\" }";
    farm::start_with(
        farm::recipe()
            .replaced(store, &format!("{store}\nsession-config = {{ degraded = \"refuse\" }}")),
    )
}

/// A user of this server, as soon as it hears that there are others.
fn user_of(cluster: &Cluster, app: &str) -> User {
    let saved = || Visitor::new(farm::door(cluster, app)).get("/counter").status == 200;
    cluster.server(app).wait_until(saved).expect("another server");
    User::new(farm::door(cluster, app))
}

/// Answers of this class, of all servers.
fn answered(cluster: &Cluster, class: &str) -> u64 {
    APPS.iter().map(|app| farm::answered(cluster, app, class)).sum()
}

#[test]
fn a_handler_whose_session_is_not_saved_does_not_run_again() {
    let cluster = start();
    let mut user = user_of(&cluster, "app-a");
    farm::are_whole(&cluster, &APPS);
    let [failed, went_on] = ["5xx", "3xx"].map(|class| answered(&cluster, class));
    for app in ["app-b", "app-c"] {
        cluster.server(app).pause();
    }
    user.visitor.go_to(cluster.port(8080));
    let form = b"name=colour&value=blue";
    let answer = user.visitor.send("POST", "/session/form", &[], form);
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(answer.field("retry-after"), Some("1"), "{answer:?}");
    assert_eq!(answer.field("location"), None, "the application's answer is thrown away");
    assert!(answer.text().contains("the session could not be saved"), "{answer:?}");
    for app in ["app-b", "app-c"] {
        cluster.server(app).resume();
        farm::is_ready(&cluster, app);
    }
    farm::are_whole(&cluster, &APPS);
    // Each run of the handler ends in one of these.
    let [failed_now, went_on_now] = ["5xx", "3xx"].map(|class| answered(&cluster, class));
    assert_eq!((failed_now - failed, went_on_now - went_on), (1, 0));
    // And now it can.
    let answer = user.visitor.send("POST", "/session/form", &[], form);
    assert_eq!(answer.status, 303, "{answer:?}");
    let seen = json(&user.visitor.get("/session"));
    assert_eq!(seen["attributes"]["colour"], "blue", "{seen}");
}

#[test]
fn whoever_has_a_session_that_nobody_can_find_is_told_to_come_again() {
    let cluster = start();
    let user = user_of(&cluster, "app-b");
    let id = user.visitor.cookie("JSESSIONID").expect("a cookie").to_owned();
    farm::are_whole(&cluster, &APPS);
    for app in ["app-b", "app-c"] {
        cluster.server(app).pause();
    }
    let mut visitor = Visitor::new(farm::door(&cluster, "app-a"));
    visitor.set_cookie("JSESSIONID", &id);
    for (method, path) in [
        ("PUT", "/session/colour"),
        ("GET", "/session"),
        ("DELETE", "/session"),
        ("POST", "/session/rotate"),
    ] {
        let answer = visitor.send(method, path, &[], b"blue");
        assert_eq!(answer.status, 503, "{method} {path}: {answer:?}");
        assert_eq!(answer.field("retry-after"), Some("1"), "{answer:?}");
        assert_eq!(answer.field("set-cookie"), None, "{answer:?}");
    }
    for app in ["app-b", "app-c"] {
        cluster.server(app).resume();
        farm::is_ready(&cluster, app);
    }
    assert_eq!(visitor.send("PUT", "/session/colour", &[], b"blue").status, 200);
    let seen = json(&visitor.get("/session"));
    assert_eq!(seen["attributes"]["count"], 1, "{seen}");
}

#[test]
fn whoever_wants_to_log_out_of_a_session_that_nobody_can_find_is_told_that_it_did_not_happen() {
    let cluster = farm::start();
    let mut user = farm::user_at(&cluster, "app-b", "bc");
    farm::are_whole(&cluster, &APPS);
    for app in ["app-b", "app-c"] {
        cluster.server(app).pause();
    }
    let mut visitor = Visitor::new(farm::door(&cluster, "app-a"));
    visitor.set_cookie("JSESSIONID", &user.id());
    // Whoever only looks sees nothing, where a change counts that only one server has.
    assert_eq!(visitor.get("/session").status, 404);
    let answer = visitor.ask("DELETE", "/session");
    assert_eq!((answer.status, answer.field("set-cookie")), (503, None), "{answer:?}");
    for app in ["app-b", "app-c"] {
        cluster.server(app).resume();
        farm::is_ready(&cluster, app);
    }
    user.visit().expect("the session lives on");
    assert_eq!(visitor.ask("DELETE", "/session").status / 100, 2);
    assert_eq!(user.visitor.get("/session").status, 404);
}

#[test]
fn a_session_is_given_up_when_its_servers_have_been_silent_for_too_long() {
    for (rule, seen) in [("accept", 404), ("refuse", 503)] {
        let store = "persistent-store = { type = \"cluster\"";
        let patient = format!(
            "session-config = {{ degraded = \"{rule}\" }}\n{store}, recovery-wait = \"5s\""
        );
        let cluster = farm::start_with(farm::with_fourth().replaced(store, &patient));
        farm::is_ready(&cluster, "app-d");
        drop(user_of(&cluster, "app-b"));
        let id = farm::user_at(&cluster, "app-b", "bc").id();
        farm::are_whole(&cluster, &APPS);
        for app in ["app-b", "app-c"] {
            cluster.server(app).pause();
        }
        let mut visitor = Visitor::new(farm::door(&cluster, "app-a"));
        visitor.set_cookie("JSESSIONID", &id);
        // First they may come back.
        assert_eq!(visitor.get("/session").status, seen, "{rule}");
        let answer = visitor.send("PUT", "/session/colour", &[], b"blue");
        assert_eq!((answer.status, answer.field("set-cookie")), (503, None), "{rule}: {answer:?}");
        // Then there may be another one.
        let made = || visitor.send("PUT", "/session/colour", &[], b"blue").status == 200;
        cluster.server("app-a").wait_until(made).expect("another session");
        let new = visitor.cookie("JSESSIONID").expect("a cookie").to_owned();
        assert_ne!(new.get(3..14), id.get(3..14), "{rule}");
        assert_eq!(json(&visitor.get("/session"))["attributes"]["colour"], "blue", "{rule}");
        APPS[1..].iter().for_each(|app| cluster.server(app).resume());
    }
}
