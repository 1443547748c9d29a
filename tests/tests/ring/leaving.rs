//! Servers are stopped in order, and started again; and some are only to have no more requests.

use copal_protocol::state::State;
use copal_testkit::cluster::Cluster;
use copal_testkit::raw::{Raw, get};
use copal_testkit::recipe::Recipe;

use crate::crowd::{Crowd, User};
use crate::farm::{self, APPS};
use crate::seen::json;

#[test]
fn nobody_notices_that_servers_are_stopped_one_after_the_other() {
    let mut cluster = farm::start();
    let wrong = Crowd::while_it(&mut cluster, |cluster, crowd| {
        for app in APPS {
            farm::are_whole(cluster, &APPS);
            assert_eq!(cluster.stop(app).code(), Some(0));
            crowd.meanwhile(cluster);
            cluster.start_server(app);
            farm::is_ready(cluster, app);
        }
    });
    assert_eq!(wrong, Vec::<String>::new());
}

/// No web server is told anything by health checks: so nothing else keeps a port open.
fn unchecked() -> Recipe {
    let blind = "server-default = { load-balance-warmup-time = \"0s\", health-check = false }";
    farm::recipe().replaced("server-default = { load-balance-warmup-time = \"0s\" }", blind)
}

fn start(recipe: Recipe) -> Cluster {
    let cluster = Cluster::start(recipe);
    for app in APPS {
        cluster.wait_status(app, "it has joined", |status| status.state == State::Ready);
    }
    cluster
}

/// Users of one server, whose sessions have all their copies.
fn users(cluster: &Cluster, app: &str, count: usize) -> Vec<User> {
    let users = (0..count).map(|_| User::new(farm::door(cluster, app))).collect();
    farm::are_whole(cluster, &APPS);
    users
}

fn acts_for(cluster: &Cluster, app: &str) -> Option<u64> {
    cluster.desk(app).status().sessions
}

/// A request that runs until it gets its body.
fn long_request(cluster: &Cluster, port: u16) -> Raw {
    let mut long = Raw::connect(cluster.port(port));
    long.send(
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n",
    );
    assert_eq!(long.any_response(false).expect("it runs").status, 100);
    long
}

#[test]
fn a_server_that_stops_is_there_for_the_others_as_long_as_it_runs() {
    let mut cluster = start(unchecked());
    let _users = users(&cluster, "app-c", 3);
    let mut long = long_request(&cluster, 6802);
    cluster.server("app-c").terminate();
    let closed = || Raw::try_connect(cluster.port(8083)).is_err();
    cluster.server("app-c").wait_until(closed).expect("its public listener closes");
    let given = || acts_for(&cluster, "app-c") == Some(0);
    cluster.server("app-c").wait_until(given).expect("its sessions are given away");
    let ready = get(cluster.port(6802), "/.copal/ready");
    assert_eq!((ready.status, ready.field("copal-state")), (503, Some("leaving")));
    // Who comes earlier in the table calls those that come later, and proves itself first.
    cluster.kill("app-a");
    cluster.start_server("app-a");
    cluster.wait_status("app-a", "it has joined", |status| status.state == State::Ready);
    let log = cluster.server("app-a").log();
    assert!(!log.contains("no connection to another server"), "{log}");
    long.send("abc");
    assert_eq!(long.response().expect("an answer").status, 200);
    let mut leaving = cluster.take("app-c");
    assert_eq!(leaving.wait_for_exit().code(), Some(0));
    assert!(!leaving.log().contains("stops although"), "{}", leaving.log());
}

#[test]
fn a_server_that_only_has_copies_goes_when_others_have_them_too() {
    let mut cluster = start(unchecked());
    let mut users = users(&cluster, "app-a", 60);
    assert_eq!(cluster.stop("app-b").code(), Some(0));
    assert_eq!(cluster.desk("app-a").status().short_of_copies, Some(0), "it went too early");
    cluster.kill("app-a");
    for user in &mut users {
        user.visitor.go_to(farm::door(&cluster, "app-c"));
        assert_eq!(user.visit(), Ok(()));
    }
}

#[test]
fn a_server_that_stops_tells_what_others_do_not_have() {
    let recipe = unchecked().replaced(
        "[[cluster.web-tier.server]]",
        "limits = { drain-time = \"3s\" }\n[[cluster.web-tier.server]]",
    );
    let mut cluster = start(recipe);
    let _users = users(&cluster, "app-a", 5);
    let copies = cluster.desk("app-b").status().copies.expect("a ring");
    assert!(copies > 0, "the third letters are shared out");
    cluster.server("app-c").pause();
    let mut leaving = cluster.take("app-b");
    assert_eq!(leaving.stop().code(), Some(0));
    let line = leaving.wait_for_log("stops although other servers do not have everything");
    assert!(line.contains("sessions=0") && line.contains("copies="), "{line}");
    cluster.server("app-c").resume();
}

#[test]
fn a_server_that_is_evicted_keeps_what_nobody_asks_for() {
    let cluster = farm::start();
    let mut users = users(&cluster, "app-a", 6);
    assert_eq!(acts_for(&cluster, "app-a"), Some(6));
    let answer = cluster.desk("app-a").post("/servers/app-a/evict");
    assert_eq!(answer.status, 200, "{answer:?}");
    // What it has does not count any more: others are sent copies. By then all could have been given away.
    let spared = |status: &copal_protocol::status::Status| status.copies == Some(6);
    cluster.wait_status("app-b", "it has them all", spared);
    cluster.wait_status("app-c", "it has them all", spared);
    farm::are_whole(&cluster, &APPS);
    assert_eq!(acts_for(&cluster, "app-a"), Some(6));
    let answer = users[0].visitor.get("/counter");
    assert_eq!(json(&answer)["count"].as_i64(), Some(2), "{answer:?}");
    assert_eq!(acts_for(&cluster, "app-a"), Some(5));
}
