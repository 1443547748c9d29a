//! A server that is left alone says so: what only it has, and whom it does not hear.

use crate::farm::{self, APPS};

#[test]
fn what_only_one_server_has_is_told_once_and_when_it_is_over() {
    let cluster = farm::start();
    let mut user = farm::user_at(&cluster, "app-a", "a");
    farm::are_whole(&cluster, &APPS);
    assert_eq!(farm::unheard(&cluster, 6800), [""; 0]);
    APPS[1..].iter().for_each(|app| cluster.server(app).pause());
    for _ in 0..3 {
        user.visit().unwrap();
    }
    let alone = "are acknowledged that only this server has";
    let app_a = cluster.server("app-a");
    let _ = app_a.wait_for_log(alone);
    assert_eq!(farm::unheard(&cluster, 6800), ["app-b", "app-c"]);
    assert!(farm::happened(&cluster, "app-a", "degraded") > 0);
    APPS[1..].iter().for_each(|app| cluster.server(app).resume());
    let _ = app_a.wait_for_log("every session has its copies again");
    assert_eq!(app_a.log().matches(alone).count(), 1, "{}", app_a.log());
    APPS[1..].iter().for_each(|app| farm::hears(&cluster, "app-a", 6800, app));
}
