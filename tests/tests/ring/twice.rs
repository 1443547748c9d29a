//! A server is started although it runs.

use copal_testkit::process::Process;

use crate::crowd::User;
use crate::farm::{self, APPS};

/// So often: what a process says before it has found out may come too late for anybody to hear it.
const TIMES: usize = 12;

#[test]
fn a_second_process_of_a_server_takes_nothing_from_the_first() {
    let cluster = farm::start();
    let mut user = User::new(farm::door(&cluster, "app-a"));
    farm::are_whole(&cluster, &APPS);
    let config = cluster.config().to_string_lossy().into_owned();
    for time in 0..TIMES {
        let arguments = ["--config", &config, "--server", "app-a"];
        let mut second = Process::start("app-a again", "app-tier", &arguments, cluster.folder());
        assert_eq!(second.wait_for_exit().code(), Some(1), "{}", second.log());
        assert!(second.log().contains("app-a already runs"), "{}", second.log());
        user.visit().unwrap_or_else(|wrong| panic!("{time}: {wrong}"));
    }
    assert_eq!(user.count, 1 + TIMES as i64);
    for app in APPS {
        for event in ["takeovers", "deposed"] {
            assert_eq!(farm::happened(&cluster, app, event), 0, "{app}: {event}");
        }
    }
}
