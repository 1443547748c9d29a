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
    let answer = visitor.send("PUT", "/session/colour", &[], b"blue");
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(answer.field("retry-after"), Some("1"), "{answer:?}");
    assert_eq!(answer.field("set-cookie"), None, "{answer:?}");
    for app in ["app-b", "app-c"] {
        cluster.server(app).resume();
        farm::is_ready(&cluster, app);
    }
    assert_eq!(visitor.send("PUT", "/session/colour", &[], b"blue").status, 200);
    let seen = json(&visitor.get("/session"));
    assert_eq!(seen["attributes"]["count"], 1, "{seen}");
}
