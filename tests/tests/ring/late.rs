//! Requests that change their session long after they began: with `test-app`.

use copal_testkit::cluster::Cluster;
use copal_testkit::door::Door;
use copal_testkit::raw::Raw;
use copal_testkit::visitor::Visitor;
use copal_testkit::websocket::{Opcode, WebSocket};

use crate::crowd::User;
use crate::farm::{self, APPS};

const OWN: &str = "\n[[cluster.app-tier.web-app]]\npath = \"/own\"\n\
                   session-config = { cookie-path = \"/\" }\n";
const DEMO: &str = "app = \"demo\"\n";

fn start() -> Cluster {
    let mut cluster = Cluster::prepare(farm::recipe().replaced(DEMO, &format!("{DEMO}{OWN}")));
    cluster.set_app_program("test-app");
    cluster.start_all_servers();
    APPS.iter().for_each(|app| farm::is_ready(&cluster, app));
    cluster
}

fn id_of(user: &User) -> String {
    user.visitor.cookie("JSESSIONID").expect("a cookie").to_owned()
}

/// A request that has looked at its session and waits for four bytes.
fn begin(door: Door, id: &str) -> Raw {
    let mut slow = Raw::connect(door);
    slow.send(format!(
        "POST /own/late HTTP/1.1\r\nHost: x\r\nCookie: JSESSIONID={id}\r\nContent-Length: 4\r\n\
         Expect: 100-continue\r\nConnection: close\r\n\r\n"
    ));
    assert_eq!(slow.any_response(false).expect("it is asked for its body").status, 100);
    slow
}

fn attribute(cluster: &Cluster, app: &str, id: &str, name: &str) -> String {
    let mut visitor = Visitor::new(farm::door(cluster, app));
    visitor.set_cookie("JSESSIONID", id);
    let answer = visitor.get(&format!("/own/attribute/{name}"));
    assert_eq!(answer.status, 200, "{app}: {answer:?}");
    answer.text()
}

#[test]
fn whoever_logs_out_while_a_request_runs_stays_logged_out() {
    let cluster = start();
    for (slow_at, out_at) in [("app-a", "app-a"), ("app-a", "app-b"), ("app-b", "app-a")] {
        let mut user = User::new(farm::door(&cluster, "app-a"));
        let id = id_of(&user);
        let mut slow = begin(farm::door(&cluster, slow_at), &id);
        user.visitor.go_to(farm::door(&cluster, out_at));
        assert_eq!(user.visitor.ask("DELETE", "/session").status, 200);
        slow.send("late");
        let answer = slow.response().expect("an answer");
        assert_eq!(answer.status, 503, "it could not be saved: {answer:?}");
        assert_eq!(answer.values("set-cookie"), [""; 0], "{answer:?}");
        for app in APPS {
            let mut thief = Visitor::new(farm::door(&cluster, app));
            thief.set_cookie("JSESSIONID", &id);
            assert_eq!(thief.get("/session").status, 404, "{app}");
        }
    }
}

#[test]
fn whoever_began_before_a_log_in_is_not_logged_out_by_it_and_learns_nothing() {
    let cluster = start();
    for slow_at in APPS {
        let mut user = User::new(farm::door(&cluster, "app-a"));
        let old = id_of(&user);
        let mut slow = begin(farm::door(&cluster, slow_at), &old);
        assert_eq!(user.visitor.ask("POST", "/session/rotate").status, 200);
        let new = id_of(&user);
        assert_ne!(old, new);
        slow.send("late");
        let answer = slow.response().expect("an answer");
        assert_eq!(answer.status, 200, "{slow_at}: {answer:?}");
        assert_eq!(answer.values("set-cookie"), [""; 0], "{slow_at}: the new id is not for it");
        for app in APPS {
            assert_eq!(attribute(&cluster, app, &new, "late"), "late", "{slow_at}, {app}");
        }
        user.visit().expect("the user is still in");
        assert_eq!(user.count, 2);
    }
}

#[test]
fn a_stream_changes_its_session_on_the_way() {
    const MEGABYTES: usize = 200;
    let cluster = start();
    let id = id_of(&User::new(cluster.port(8080)));
    let mut client = Raw::connect(cluster.port(8080));
    client.send(format!(
        "GET /own/stream/{MEGABYTES} HTTP/1.1\r\nHost: x\r\nCookie: JSESSIONID={id}\r\n\
         Connection: close\r\n\r\n"
    ));
    let (mut arrived, mut asked) = (0, false);
    loop {
        let piece = client.read_some(usize::MAX).expect("more of the stream");
        if piece.is_empty() {
            break;
        }
        arrived += piece.len();
        if !asked && arrived > (MEGABYTES << 20) / 2 {
            asked = true;
            let sent: usize = attribute(&cluster, "app-b", &id, "sent").parse().expect("a number");
            assert!((MEGABYTES / 2..MEGABYTES).contains(&sent), "{sent} on the way");
        }
    }
    assert!(arrived > MEGABYTES << 20, "{arrived} bytes with the head");
    for app in APPS {
        assert_eq!(attribute(&cluster, app, &id, "sent"), MEGABYTES.to_string(), "{app}");
    }
}

#[test]
fn a_websocket_changes_its_session_on_the_way_also_when_the_backup_is_gone() {
    let mut cluster = start();
    let id = id_of(&User::new(cluster.port(8080)));
    let mut socket =
        WebSocket::open(cluster.port(8080), "/own/talk", &format!("Cookie: JSESSIONID={id}\r\n"));
    let mut say = |word: &str| {
        socket.send(Opcode::Text, word.as_bytes());
        let (_, said) = socket.receive().expect("an answer");
        assert_eq!(String::from_utf8_lossy(&said), "kept");
    };
    say("one");
    for app in APPS {
        assert_eq!(attribute(&cluster, app, &id, "said"), "one", "{app}");
    }
    farm::are_whole(&cluster, &APPS);
    let of = |letter: usize| {
        let letter = id.get(letter..=letter).expect("a letter");
        APPS.into_iter().find(|app| app.ends_with(letter)).expect("a server of that letter")
    };
    cluster.kill(of(1));
    say("two");
    cluster.kill(of(0));
    assert_eq!(attribute(&cluster, of(2), &id, "said"), "two");
}
