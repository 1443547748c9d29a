//! Two servers do not reach each other.

use copal_testkit::cluster::Cluster;
use copal_testkit::cut::Loss;
use copal_testkit::visitor::Visitor;

use crate::crowd::{Crowd, User};
use crate::cut_off::{any_copy_will_do, stays_logged_out};
use crate::farm::{self, APPS, TWO};
use crate::seen::json;

#[test]
fn nobody_notices_that_owner_and_backup_do_not_reach_each_other() {
    farm::apart(farm::recipe(), &APPS, |cluster, network| {
        let (mut users, wrong) = Crowd::gathered(cluster, |cluster, crowd| {
            farm::are_whole(cluster, &APPS);
            network.part("app-a", "app-b", Loss::All);
            // app-c is a copy more for whoever has lost one.
            crowd.all_come_by(cluster);
            crowd.all_come_by(cluster);
            farm::are_whole(cluster, &APPS);
            network.heal();
            crowd.all_come_by(cluster);
        });
        assert_eq!(wrong, [""; 0]);
        any_copy_will_do(cluster, &mut users);
    });
}

#[test]
fn nobody_notices_a_cluster_port_that_comes_and_goes_nor_a_kill_after_it() {
    farm::apart(farm::recipe(), &APPS, |cluster, network| {
        let (mut users, wrong) = Crowd::gathered(cluster, |cluster, crowd| {
            for _ in 0..3 {
                for port in [6800, 6801].map(|port| cluster.port(port)) {
                    network.part("app-a", "app-b", Loss::Port(port));
                }
                crowd.all_come_by(cluster);
                network.heal();
                crowd.all_come_by(cluster);
            }
            farm::are_whole(cluster, &APPS);
            cluster.kill("app-a");
            crowd.all_come_by(cluster);
            cluster.start_server("app-a");
            farm::is_ready(cluster, "app-a");
            crowd.all_come_by(cluster);
        });
        assert_eq!(wrong, [""; 0]);
        any_copy_will_do(cluster, &mut users);
    });
}

/// Sets an attribute, and says what the answer was.
fn put(visitor: &mut Visitor, cluster: &Cluster, app: &str, name: &str) {
    visitor.go_to(farm::door(cluster, app));
    let answer = visitor.send("PUT", &format!("/session/{name}"), &[], b"1");
    assert_eq!(answer.status, 200, "{app}: {answer:?}");
}

#[test]
fn two_that_are_cut_off_from_each_other_both_go_on() {
    farm::apart(farm::two(), &TWO, |cluster, network| {
        let [mut user, mut leaver] = [0; 2].map(|_| User::new(farm::door(cluster, "app-a")));
        let ended = leaver.visitor.cookie("JSESSIONID").expect("a cookie").to_owned();
        farm::are_at_rest(cluster, &TWO, 2);
        network.part("app-a", "app-b", Loss::All);
        for (app, name) in [("app-a", "left"), ("app-b", "right"), ("app-a", "both")] {
            put(&mut user.visitor, cluster, app, name);
        }
        leaver.visitor.go_to(farm::door(cluster, "app-b"));
        assert_eq!(leaver.visitor.ask("DELETE", "/session").status, 200);
        // It is another one that app-a changes: who has logged out has no cookie any more.
        leaver.visitor.set_cookie("JSESSIONID", &ended);
        put(&mut leaver.visitor, cluster, "app-a", "too_late");
        for app in TWO {
            assert!(farm::events(cluster, &[app], "degraded") > 0, "{app} has counted it");
        }
        network.heal();
        farm::are_at_rest(cluster, &TWO, 1);
        for app in TWO {
            user.visitor.go_to(farm::door(cluster, app));
            let attributes = json(&user.visitor.get("/session"))["attributes"].clone();
            for name in ["left", "right", "both"] {
                assert_eq!(attributes[name], "1", "{app}: {attributes}");
            }
        }
        assert!(farm::events(cluster, &TWO, "merges") >= 2, "of each session there were two lines");
        stays_logged_out(cluster, &TWO, &ended);
        // And the copy is as good as the session.
        cluster.kill("app-a");
        user.visit().expect("app-b has a copy");
        assert_eq!(user.count, 2);
    });
}
