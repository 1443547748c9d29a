//! Servers are killed, one at a time.

use copal_testkit::visitor::Visitor;

use crate::crowd::{Crowd, User};
use crate::farm::{self, APPS};

#[test]
fn nobody_notices_that_servers_are_killed_one_after_the_other() {
    let mut cluster = farm::start();
    let wrong = Crowd::while_it(&mut cluster, |cluster, crowd| {
        for app in APPS {
            farm::are_whole(cluster, &APPS);
            cluster.kill(app);
            crowd.meanwhile(cluster);
            cluster.start_server(app);
            farm::is_ready(cluster, app);
            crowd.meanwhile(cluster);
        }
    });
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn any_server_knows_the_session_of_a_dead_one() {
    let mut cluster = farm::start();
    let mut user = User::new(farm::door(&cluster, "app-a"));
    for dead in ["app-a", "app-b"] {
        let rest: Vec<&str> = APPS.into_iter().filter(|app| *app != dead).collect();
        farm::are_whole(&cluster, &APPS);
        cluster.kill(dead);
        for app in rest {
            user.visitor.go_to(farm::door(&cluster, app));
            user.visit().unwrap();
        }
        cluster.start_server(dead);
        farm::is_ready(&cluster, dead);
        user.visitor.go_to(farm::door(&cluster, dead));
        user.visit().unwrap();
    }
    assert_eq!(user.count, 7, "nothing was counted twice");
}

#[test]
fn who_has_logged_out_stays_logged_out_when_the_dead_server_is_back() {
    let mut cluster = farm::start();
    let mut user = User::new(farm::door(&cluster, "app-a"));
    let id = user.visitor.cookie("JSESSIONID").expect("a cookie").to_owned();
    farm::are_whole(&cluster, &APPS);
    cluster.kill("app-a");
    user.visitor.go_to(farm::door(&cluster, "app-b"));
    assert_eq!(user.visitor.ask("DELETE", "/session").status / 100, 2);
    cluster.start_server("app-a");
    farm::is_ready(&cluster, "app-a");
    for app in APPS {
        let mut thief = Visitor::new(farm::door(&cluster, app));
        thief.set_cookie("JSESSIONID", &id);
        assert_eq!(thief.get("/session").status, 404, "{app}");
    }
}

#[test]
fn new_sessions_name_those_who_are_ready() {
    let mut cluster = farm::start();
    for letters in ["abc", "acb"] {
        drop(farm::user_at(&cluster, "app-a", letters));
    }
    cluster.kill("app-b");
    let app_a = cluster.server("app-a");
    app_a.wait_until(|| farm::unheard(&cluster, 6800) == ["app-b"]).expect("app-b is missed");
    for _ in 0..6 {
        let id = User::new(farm::door(&cluster, "app-a")).id();
        assert!(id.starts_with("acb"), "{id}");
    }
    cluster.start_server("app-b");
    farm::is_ready(&cluster, "app-b");
    drop(farm::user_at(&cluster, "app-a", "abc"));
}
