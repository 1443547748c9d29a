//! A server stands still, and goes on as if nothing had happened.

use copal_testkit::visitor::Visitor;

use crate::crowd::User;
use crate::farm::{self, APPS};

#[test]
fn whoever_stood_still_says_nothing_old() {
    let cluster = farm::start();
    let mut user = User::new(farm::door(&cluster, "app-a"));
    let mut leaver = User::new(farm::door(&cluster, "app-a"));
    let id = leaver.visitor.cookie("JSESSIONID").expect("a cookie").to_owned();
    farm::are_whole(&cluster, &APPS);
    cluster.server("app-a").pause();
    // The others have to be sure that it does not answer any more.
    for one in [&mut user, &mut leaver] {
        one.visitor.go_to(farm::door(&cluster, "app-b"));
        one.visit().unwrap();
    }
    assert_eq!(leaver.visitor.ask("DELETE", "/session").status / 100, 2);
    // It is asked at the very moment at which it goes on.
    let door = farm::door(&cluster, "app-a");
    let asked: Vec<_> =
        [(user.visitor.cookie("JSESSIONID").expect("a cookie").to_owned(), 200), (id, 404)]
            .into_iter()
            .map(|(id, status)| {
                std::thread::spawn(move || {
                    let mut visitor = Visitor::new(door);
                    visitor.set_cookie("JSESSIONID", &id);
                    (visitor.get("/session"), status)
                })
            })
            .collect();
    cluster.server("app-a").resume();
    for asked in asked {
        let (answer, status) = asked.join().expect("a thread");
        assert_eq!(answer.status, status, "{answer:?}");
        if status == 200 {
            assert!(answer.text().contains("\"count\":2"), "{answer:?}");
        }
    }
    user.visitor.go_to(door);
    user.visit().unwrap();
    assert_eq!(user.count, 3);
}
