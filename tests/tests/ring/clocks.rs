//! The time of day is wrong on one of the servers.

use copal_testkit::cluster::Cluster;
use copal_testkit::wall_clock;

use crate::crowd::User;
use crate::farm::{self, APPS};

/// The servers keep sessions on their disks too, with the time of day.
const ON_DISK: &str = ", path = \"sessions\", disk-sync = \"always\"";
const TIMES: &str = "session-timeout = \"20m\", session-max-lifetime = \"3h\"";

/// From now on the time of day is another one for this server, by so many seconds.
fn restart(cluster: &mut Cluster, app: &str, seconds: &str) {
    farm::are_whole(cluster, &APPS);
    assert!(!cluster.kill(app).success());
    let clock = wall_clock::off_by(seconds).expect("it was there before");
    cluster.set_environment(app, clock);
    cluster.start_server(app);
    farm::is_ready(cluster, app);
}

/// Everybody goes everywhere, and nothing is forgotten and nothing counted twice.
fn visit_all(cluster: &Cluster, users: &mut [User]) {
    for (place, user) in users.iter_mut().enumerate() {
        for app in 0..APPS.len() {
            let app = APPS[(place + app) % APPS.len()];
            user.visitor.go_to(farm::door(cluster, app));
            let before = user.count;
            user.visit().unwrap_or_else(|wrong| panic!("{app}: {wrong}"));
            assert_eq!(user.count, before + 1, "{app}");
        }
    }
}

/// So many seconds are between the time of day of two servers, by the dates of their answers.
fn apart(cluster: &Cluster, one: &str, other: &str) -> i64 {
    let [one, other] = [one, other].map(|app| {
        let answer = copal_testkit::raw::get(farm::door(cluster, app), "/status/200");
        let date = answer.field("date").expect("a date").to_owned();
        // "Sat, 28 Nov 2026 18:39:26 GMT"
        let clock = date.split(' ').nth(4).expect("a time of day").to_owned();
        let parts: Vec<i64> = clock.split(':').map(|part| part.parse().expect("digits")).collect();
        parts.iter().fold(0, |seconds, part| seconds * 60 + part)
    });
    (one - other).rem_euclid(24 * 3600)
}

#[test]
fn an_hour_more_or_less_ends_nobodys_session() {
    let Some(an_hour_later) = wall_clock::off_by("3600") else { return };
    let mut cluster = Cluster::prepare(farm::keeping(farm::recipe(), ON_DISK, TIMES));
    cluster.set_environment("app-a", an_hour_later);
    cluster.start_all_servers();
    APPS.iter().for_each(|app| farm::is_ready(&cluster, app));
    let difference = apart(&cluster, "app-a", "app-b");
    assert!((3590..3610).contains(&difference), "app-a is {difference} s ahead");
    let doors = APPS.iter().cycle().take(12);
    let mut users: Vec<User> = doors.map(|app| User::new(farm::door(&cluster, app))).collect();
    visit_all(&cluster, &mut users);
    // An hour behind what its own disk says, then an hour ahead again; and one that was right is not.
    for (app, seconds) in [("app-a", "-3600"), ("app-a", "3600"), ("app-b", "3600")] {
        restart(&mut cluster, app, seconds);
        visit_all(&cluster, &mut users);
    }
    farm::are_at_rest(&cluster, &APPS, users.len());
    let ended = farm::events(&cluster, &APPS, "expired");
    assert_eq!(ended, 0, "nobody was away for twenty minutes");
}

#[test]
fn a_clock_that_is_a_little_wrong_lets_no_old_value_win() {
    let Some(later) = wall_clock::off_by("0.2") else { return };
    let mut cluster = Cluster::prepare(farm::recipe());
    cluster.set_environment("app-a", later);
    cluster.start_all_servers();
    APPS.iter().for_each(|app| farm::is_ready(&cluster, app));
    let doors = APPS.iter().cycle().take(12);
    let mut users: Vec<User> = doors.map(|app| User::new(farm::door(&cluster, app))).collect();
    for (app, seconds) in [("app-a", "-0.2"), ("app-b", "0.2"), ("app-a", "0.2")] {
        visit_all(&cluster, &mut users);
        farm::are_whole(&cluster, &APPS);
        cluster.kill(app);
        // What the others write now is newer, whatever the one that comes back thinks of the time.
        for (user, other) in users.iter_mut().zip(APPS.iter().filter(|one| **one != app).cycle()) {
            user.visitor.go_to(farm::door(&cluster, other));
            user.visit().unwrap_or_else(|wrong| panic!("{other} without {app}: {wrong}"));
        }
        cluster.set_environment(app, wall_clock::off_by(seconds).expect("it was there before"));
        cluster.start_server(app);
        farm::is_ready(&cluster, app);
    }
    visit_all(&cluster, &mut users);
    assert!(users.iter().all(|user| user.count == 1 + 3 * 4 + 3), "nothing is lost");
}
