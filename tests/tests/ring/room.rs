//! More sessions than may be in memory.

use std::fs;

use copal_testkit::cluster::Cluster;
use copal_testkit::door::Door;
use copal_testkit::visitor::Visitor;

use crate::farm::{self, APPS};
use crate::seen::json;

const STORE: &str = "persistent-store = { type = \"cluster\" }";

/// So many sessions of so many bytes there are, and so many may be in memory.
const SESSIONS: usize = 1000;
const BYTES: usize = 30_000;
const MOST: u64 = 40;

fn start(store: &str, most: u64) -> Cluster {
    let text = format!("{store}\nsession-config = {{ session-max = {most} }}");
    farm::start_with(farm::recipe().replaced(STORE, &text))
}

/// Somebody who comes in at this door and leaves so much in a session of his own.
fn newcomer(door: Door, number: usize) -> Visitor {
    let mut visitor = Visitor::new(door);
    let text = format!("{number:06}").repeat(BYTES / 6);
    let put = visitor.send("PUT", "/session/much", &[], text.as_bytes());
    assert_eq!(put.status / 100, 2, "{number}: {put:?}");
    visitor
}

/// Whether all is there that somebody left.
fn finds_it(visitor: &mut Visitor, number: usize) -> bool {
    let answer = visitor.get("/session");
    let text = format!("{number:06}").repeat(BYTES / 6);
    answer.status == 200 && json(&answer)["attributes"]["much"] == text.as_str()
}

/// The memory of a server, in bytes.
fn memory(cluster: &Cluster, app: &str) -> usize {
    let path = format!("/proc/{}/status", cluster.server(app).id());
    let status = fs::read_to_string(path).expect("a running server");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<usize>().ok());
    kilobytes.expect("a number") << 10
}

#[test]
fn memory_is_bounded_and_all_sessions_are_there() {
    let store =
        "persistent-store = { type = \"cluster\", path = \"sessions\", disk-sync = \"20ms\" }";
    let mut cluster = start(store, MOST);
    // What a server needs for the first sessions is not theirs alone.
    let door = farm::door(&cluster, "app-a");
    let mut all: Vec<Visitor> = (0..50).map(|number| newcomer(door, number)).collect();
    let before = APPS.map(|app| memory(&cluster, app));
    all.extend((50..SESSIONS).map(|number| newcomer(door, number)));
    for app in APPS {
        for kind in ["own", "copy"] {
            let series = format!("copal_app_sessions_in_memory{{kind=\"{kind}\"}} ");
            let few = || farm::sample(&cluster, app, &series) <= MOST;
            cluster.server(app).wait_until(few).expect("few sessions in memory");
        }
    }
    for (app, before) in APPS.into_iter().zip(before) {
        let more = memory(&cluster, app).saturating_sub(before);
        println!("{app}: {more} bytes more, for {} of sessions", SESSIONS * BYTES);
        let held = if app == "app-a" { SESSIONS } else { SESSIONS / 2 } * BYTES;
        assert!(more < held * 2 / 3, "{app}: {more} bytes more, of {held}");
    }
    for (number, visitor) in all.iter_mut().enumerate().step_by(7) {
        assert!(finds_it(visitor, number), "{number}");
    }
    farm::are_whole(&cluster, &APPS);
    cluster.kill("app-a");
    let web = cluster.port(8080);
    for (number, visitor) in all.iter_mut().enumerate() {
        visitor.go_to(web);
        assert!(finds_it(visitor, number), "{number} after its server was killed");
    }
    // What is on the disk only is changed as if it were in memory.
    let changed = all[7].send("PUT", "/session/more", &[], b"x");
    assert_eq!(changed.status / 100, 2, "{changed:?}");
    assert!(finds_it(&mut all[7], 7));
}

#[test]
fn without_a_disk_the_least_used_sessions_end() {
    let cluster = start(STORE, 10);
    let door = farm::door(&cluster, "app-a");
    let mut all: Vec<Visitor> = (0..10).map(|number| newcomer(door, number)).collect();
    assert!((0..10).all(|number| finds_it(&mut all[number], number)));
    all.extend((10..15).map(|number| newcomer(door, number)));
    cluster.wait_status("app-a", "five sessions ended", |status| status.sessions == Some(10));
    let ended = "copal_app_ring_events_total{event=\"crowded_out\"} ";
    assert_eq!(farm::sample(&cluster, "app-a", ended), 5);
    let there = (0..15).filter(|number| finds_it(&mut all[*number], *number));
    let there: Vec<usize> = there.collect();
    assert_eq!(there.len(), 10, "{there:?}");
    assert!((10..15).all(|number| there.contains(&number)), "{there:?}");
    let said = cluster.server("app-a").wait_for_log("the least used ones end");
    assert!(said.contains("session-max"), "{said}");
}
