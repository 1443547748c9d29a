//! More servers are away at once than copies can bear.

use copal_testkit::cluster::Cluster;
use copal_testkit::response::Response;
use copal_testkit::visitor::Visitor;

use crate::crowd::User;
use crate::farm::{self, APPS, TWO};
use crate::seen::json;

const ON_DISK: &str = ", path = \"sessions\", disk-sync = \"always\"";

fn put(cluster: &Cluster, visitor: &mut Visitor, app: &str, name: &str) {
    visitor.go_to(farm::door(cluster, app));
    let answer = visitor.send("PUT", &format!("/session/{name}"), &[], b"1");
    assert_eq!(answer.status, 200, "{app}: {answer:?}");
}

#[test]
fn two_that_were_never_up_together_agree_when_they_are() {
    let recipe = farm::keeping(farm::two(), ON_DISK, "session-timeout = \"1h\"");
    let mut cluster = farm::start_these(recipe, &TWO);
    let [mut user, mut leaver] = [0; 2].map(|_| User::new(farm::door(&cluster, "app-a")));
    let ended = leaver.visitor.cookie("JSESSIONID").expect("a cookie").to_owned();
    farm::are_at_rest(&cluster, &TWO, 2);
    // What app-b does, only app-b knows.
    cluster.kill("app-a");
    put(&cluster, &mut user.visitor, "app-b", "right");
    leaver.visitor.go_to(farm::door(&cluster, "app-b"));
    assert_eq!(leaver.visitor.ask("DELETE", "/session").status, 200);
    cluster.kill("app-b");
    // app-a goes on with what it has, and says that this may be old.
    cluster.start_server("app-a");
    farm::is_ready(&cluster, "app-a");
    put(&cluster, &mut user.visitor, "app-a", "left");
    let seen = json(&user.visitor.get("/session"))["attributes"].clone();
    assert_eq!((&seen["count"], &seen["right"]), (&1.into(), &serde_json::Value::Null), "{seen}");
    let mut thief = Visitor::new(farm::door(&cluster, "app-a"));
    thief.set_cookie("JSESSIONID", &ended);
    assert_eq!(thief.get("/session").status, 200, "app-a knows of no log-out");
    assert!(farm::events(&cluster, &["app-a"], "degraded_takeovers") >= 2, "it is counted");
    // Together they have everything, and the log-out holds.
    cluster.start_server("app-b");
    farm::is_ready(&cluster, "app-b");
    farm::are_at_rest(&cluster, &TWO, 1);
    for app in TWO {
        user.visitor.go_to(farm::door(&cluster, app));
        let seen = json(&user.visitor.get("/session"))["attributes"].clone();
        assert_eq!((&seen["left"], &seen["right"]), (&"1".into(), &"1".into()), "{app}: {seen}");
        let mut thief = Visitor::new(farm::door(&cluster, app));
        thief.set_cookie("JSESSIONID", &ended);
        assert_eq!(thief.get("/session").status, 404, "{app}");
    }
}

/// Somebody whose session nobody has who is there: owner and backup are dead. Returns who is left, and
/// the two.
fn bereaved(cluster: &mut Cluster) -> (User, &'static str, [&'static str; 2]) {
    let mut user = User::new(farm::door(cluster, "app-a"));
    user.visit().expect("a second visit");
    farm::are_whole(cluster, &APPS);
    let id = user.visitor.cookie("JSESSIONID").expect("a cookie").to_owned();
    let of = |letter: usize| {
        let letter = id.get(letter..=letter).expect("a letter");
        APPS.into_iter().find(|app| app.ends_with(letter)).expect("a server of that letter")
    };
    let (dead, left) = ([of(0), of(1)], of(2));
    for app in dead {
        cluster.kill(app);
    }
    user.visitor.go_to(farm::door(cluster, left));
    (user, left, dead)
}

fn keeps_the_cookie(answer: &Response) {
    assert_eq!(answer.values("set-cookie"), [""; 0], "{answer:?}");
}

#[test]
fn whoever_lost_owner_and_backup_keeps_the_cookie_and_is_back_with_one_of_them() {
    let recipe = farm::keeping(farm::recipe(), ON_DISK, "copies = 2");
    let mut cluster = farm::start_with(recipe);
    let (mut user, left, [_, backup]) = bereaved(&mut cluster);
    let read = user.visitor.get("/session");
    assert_eq!(read.status / 100, 4, "it sees no session: {read:?}");
    keeps_the_cookie(&read);
    let written = user.visitor.send("PUT", "/session/colour", &[], b"blue");
    assert_eq!(written.status, 503, "{written:?}");
    keeps_the_cookie(&written);
    assert!(farm::events(&cluster, &[left], "unknown") > 0, "it is counted");
    cluster.start_server(backup);
    farm::is_ready(&cluster, backup);
    user.visit().expect("it is back in");
    assert_eq!(user.count, 3);
}

#[test]
fn whoever_is_waited_for_in_vain_gets_a_new_session_in_the_end() {
    let recipe = farm::keeping(farm::recipe(), ", recovery-wait = \"1s\"", "copies = 2");
    let mut cluster = farm::start_with(recipe);
    let (mut user, left, _) = bereaved(&mut cluster);
    let before = user.visitor.cookie("JSESSIONID").expect("a cookie").to_owned();
    let made = || user.visitor.get("/counter").status == 200;
    cluster.server(left).wait_until(made).expect("a new session");
    let after = user.visitor.cookie("JSESSIONID").expect("a cookie");
    assert_ne!(before.get(3..14), after.get(3..14), "another session");
}

#[test]
fn with_three_copies_and_all_acknowledged_the_third_answers() {
    let sessions = "copies = 3, acknowledge = \"all\"";
    let mut cluster = farm::start_with(farm::keeping(farm::recipe(), "", sessions));
    let (mut user, ..) = bereaved(&mut cluster);
    user.visit().expect("the third has a copy");
    assert_eq!(user.count, 3);
}
