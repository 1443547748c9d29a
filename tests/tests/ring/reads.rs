//! Sessions that nobody changes.

use std::time::Duration;

use copal_testkit::deadline::Deadline;

use crate::crowd::User;
use crate::farm::{self, APPS};

const TIMEOUT: Duration = Duration::from_secs(4);

#[test]
fn who_only_reads_is_there_three_time_outs_later_and_after_a_kill() {
    let mut cluster =
        farm::start_with(farm::keeping(farm::recipe(), "", "session-timeout = \"4s\""));
    let [mut reader, mut sleeper] = [0; 2].map(|_| User::new(farm::door(&cluster, "app-a")));
    let long = Deadline::after(TIMEOUT * 3);
    while !long.has_passed() {
        assert_eq!(reader.visitor.get("/session").status, 200);
    }
    assert_eq!(sleeper.visitor.get("/session").status, 404, "nobody has used it");
    farm::are_whole(&cluster, &APPS);
    assert_eq!(reader.visitor.get("/session").status, 200);
    cluster.kill("app-a");
    reader.visitor.go_to(farm::door(&cluster, "app-b"));
    assert_eq!(reader.visitor.get("/session").status, 200);
    reader.visit().expect("its count is there");
    assert_eq!(reader.count, 2);
}
