//! Requests of one user at once, on all servers.

use crate::crowd::User;
use crate::farm::{self, APPS};
use crate::seen::json;

#[test]
fn nothing_of_thirty_requests_at_once_is_lost_wherever_they_go() {
    let cluster = farm::start();
    let user = User::new(farm::door(&cluster, "app-a"));
    let id = user.visitor.cookie("JSESSIONID").expect("a cookie").to_owned();
    let doors = APPS.map(|app| farm::door(&cluster, app));
    let at_once: Vec<_> = (0..30)
        .map(|number| {
            let (id, door) = (id.clone(), doors[number % 3]);
            std::thread::spawn(move || {
                let mut visitor = copal_testkit::visitor::Visitor::new(door);
                visitor.set_cookie("JSESSIONID", &id);
                let put = visitor.send("PUT", &format!("/session/n{number}"), &[], b"x");
                assert_eq!(put.status / 100, 2, "{put:?}");
                assert_eq!(visitor.get("/counter").status, 200);
            })
        })
        .collect();
    at_once.into_iter().for_each(|one| one.join().expect("a thread"));
    for door in doors {
        let mut visitor = copal_testkit::visitor::Visitor::new(door);
        visitor.set_cookie("JSESSIONID", &id);
        let attributes = json(&visitor.get("/session"))["attributes"].clone();
        assert_eq!(attributes["count"], 31, "{attributes}");
        let all = attributes.as_object().expect("attributes");
        assert_eq!(all.len(), 31, "{attributes}");
    }
}

#[test]
fn the_old_id_never_sees_what_comes_after_the_log_in() {
    let cluster = farm::start();
    let mut user = User::new(farm::door(&cluster, "app-a"));
    let old = user.visitor.cookie("JSESSIONID").expect("a cookie").to_owned();
    user.visitor.go_to(farm::door(&cluster, "app-b"));
    assert_eq!(user.visitor.ask("POST", "/session/rotate").status / 100, 2);
    let new = user.visitor.cookie("JSESSIONID").expect("a cookie").to_owned();
    assert_ne!(old, new);
    user.visitor.go_to(farm::door(&cluster, "app-c"));
    user.visitor.send("PUT", "/session/user", &[], b"ann");
    for app in APPS {
        let mut thief = copal_testkit::visitor::Visitor::new(farm::door(&cluster, app));
        thief.set_cookie("JSESSIONID", &old);
        let seen = thief.get("/session");
        assert!(!seen.text().contains("ann"), "{app}: {seen:?}");
        assert_eq!(thief.send("PUT", "/session/user", &[], b"eve").status, 503, "{app}");
        assert_eq!(seen.values("set-cookie"), [""; 0], "{app}: it learns no new id");
    }
    user.visitor.go_to(farm::door(&cluster, "app-a"));
    assert_eq!(json(&user.visitor.get("/session"))["attributes"]["user"], "ann");
}

#[test]
fn the_old_id_reads_for_ten_seconds_and_no_longer() {
    let cluster = farm::start();
    let mut user = farm::user_at(&cluster, "app-a", "a");
    farm::are_whole(&cluster, &APPS);
    let old = user.id();
    #[expect(clippy::disallowed_methods, reason = "how long it is good is what is tested")]
    let rotated = std::time::Instant::now();
    assert_eq!(user.visitor.ask("POST", "/session/rotate").status / 100, 2);
    let read = |app: &str| {
        let mut visitor = copal_testkit::visitor::Visitor::new(farm::door(&cluster, app));
        visitor.set_cookie("JSESSIONID", &old);
        visitor.get("/session").status
    };
    for app in APPS {
        assert_eq!(read(app), 200, "{app}");
    }
    for app in APPS {
        cluster.server(app).wait_until(|| read(app) == 404).expect("an id that is nobody's");
    }
    let seconds = rotated.elapsed().as_secs();
    assert!((9..=30).contains(&seconds), "{seconds}");
    assert_eq!(user.visitor.get("/session").status, 200, "the new one is as good as ever");
}
