//! A server is cut off from others, and everybody goes on.

use copal_testkit::cluster::Cluster;
use copal_testkit::cut::Loss;
use copal_testkit::network::Network;
use copal_testkit::visitor::Visitor;

use crate::crowd::{Crowd, User};
use crate::farm::{self, APPS};

const NOBODY: [String; 0] = [];

/// Users of the web tier notice nothing while packets are lost, nor afterwards. `logs_out_at`: where
/// somebody with a session of app-a logs out meanwhile.
fn survive(logs_out_at: &str, cut: impl FnOnce(&Network) + Send) {
    farm::apart(farm::recipe(), &APPS, |cluster, network| {
        let mut leaver = User::new(farm::door(cluster, "app-a"));
        let id = leaver.visitor.cookie("JSESSIONID").expect("a cookie").to_owned();
        let (mut users, wrong) = Crowd::gathered(cluster, |cluster, crowd| {
            farm::are_whole(cluster, &APPS);
            cut(network);
            crowd.all_come_by(cluster);
            leaver.visitor.go_to(farm::door(cluster, logs_out_at));
            assert_eq!(leaver.visitor.ask("DELETE", "/session").status, 200);
            crowd.all_come_by(cluster);
            network.heal();
            crowd.all_come_by(cluster);
        });
        assert_eq!(wrong, NOBODY);
        are_one_again(cluster, &mut users);
        stays_logged_out(cluster, &APPS, &id);
        any_copy_will_do(cluster, &mut users);
    });
}

/// Each session has one copy, and all servers say the same.
fn are_one_again(cluster: &Cluster, users: &mut [User]) {
    farm::are_at_rest(cluster, &APPS, users.len());
    for user in users {
        for app in APPS {
            goes_on(cluster, user, app);
        }
    }
}

/// Whatever server is killed, the others have everything.
pub(crate) fn any_copy_will_do(cluster: &mut Cluster, users: &mut [User]) {
    farm::are_at_rest(cluster, &APPS, users.len());
    cluster.kill("app-a");
    for (user, app) in users.iter_mut().zip(["app-b", "app-c"].into_iter().cycle()) {
        goes_on(cluster, user, app);
    }
}

/// Nothing is forgotten. A number may be left out: a request that the web tier sent again elsewhere may
/// have reached its first server when packets arrived again.
fn goes_on(cluster: &Cluster, user: &mut User, app: &str) {
    user.visitor.go_to(farm::door(cluster, app));
    user.visit().unwrap_or_else(|wrong| panic!("{app}: {wrong}"));
}

/// Nobody knows a session that has ended.
pub(crate) fn stays_logged_out(cluster: &Cluster, apps: &[&str], id: &str) {
    for app in apps {
        let mut thief = Visitor::new(farm::door(cluster, app));
        thief.set_cookie("JSESSIONID", id);
        let answer = thief.get("/session");
        assert_eq!(answer.status, 404, "{app}: {answer:?}");
    }
}

#[test]
fn nobody_notices_that_a_server_is_cut_off() {
    survive("app-b", |network| network.isolate("app-a"));
}

#[test]
fn nobody_notices_that_nobody_hears_a_server() {
    survive("app-b", |network| network.mute("app-a", Loss::All));
}

#[test]
fn nobody_notices_that_a_server_hears_nobody() {
    survive("app-c", |network| network.deafen("app-a", Loss::All));
}

#[test]
fn nobody_notices_that_a_server_is_cut_off_whom_the_web_tier_reaches() {
    // It goes on with its sessions, alone.
    survive("app-a", |network| {
        ["app-b", "app-c"].into_iter().for_each(|other| network.part("app-a", other, Loss::All));
    });
}

#[test]
fn nobody_notices_that_every_fifth_packet_is_lost() {
    survive("app-b", |network| {
        for (one, other) in [("app-a", "app-b"), ("app-a", "app-c"), ("app-b", "app-c")] {
            network.part(one, other, Loss::Percent(20));
        }
    });
}
