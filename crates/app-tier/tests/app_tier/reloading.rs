//! A configuration that is read again while the server runs.

use axum::Router;
use axum::routing::get as on_get;
use copal_testkit::raw::{Raw, get};
use copal_testkit::visitor::Visitor;

use crate::house::{DEMO, House};

const OLD: &str = r#"
[[cluster.app-tier.rewrite-dispatch]]
regexp = "^/word$"
redirect = "/old"
"#;

const NEW: &str = r#"
[[cluster.app-tier.rewrite-dispatch]]
regexp = "^/word$"
redirect = "/new"
"#;

fn with_rules(rules: &str) -> String {
    format!("{DEMO}{rules}")
}

/// Where the rule leads at the moment, asked on a connection that stays.
fn word(client: &mut Raw) -> String {
    client.send("GET /word HTTP/1.1\r\nHost: x\r\n\r\n");
    let answer = client.response().unwrap();
    assert!(!answer.says_close(), "{answer:?}");
    answer.field("location").unwrap().to_owned()
}

#[test]
fn new_rules_are_for_the_next_request_of_every_connection() {
    let house = House::of_file(&with_rules(OLD), |server| server);
    let mut clients: Vec<Raw> = (0..8).map(|_| house.raw()).collect();
    clients.push(Raw::connect(house.cluster()));
    clients.iter_mut().for_each(|client| assert_eq!(word(client), "/old"));
    let mut running = house.raw();
    running.send(
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n",
    );
    assert_eq!(running.any_response(false).unwrap().status, 100);
    house.write(&with_rules(NEW));
    let reloaded = house.operator().reload().unwrap();
    assert_ne!(reloaded.changed, Vec::<String>::new());
    assert_eq!(reloaded.needs_restart, Vec::<String>::new());
    clients.iter_mut().for_each(|client| assert_eq!(word(client), "/new"));
    running.send("abc");
    assert_eq!(running.response().unwrap().status, 200);
    assert_eq!(word(&mut running), "/new");
    let status = house.operator().status();
    assert_eq!((status.reloads, status.reload_error), (1, None));
}

#[test]
fn a_request_keeps_the_web_app_that_it_began_with() {
    let web_app =
        |path: &str| format!("[[cluster.app-tier.web-app]]\npath = \"{path}\"\napp = \"demo\"");
    let house = House::of_file(&web_app("/old"), |server| server);
    let mut running = house.raw();
    running.send(
        "POST /old/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n",
    );
    assert_eq!(running.any_response(false).unwrap().status, 100);
    house.write(&web_app("/new"));
    house.operator().reload().unwrap();
    assert_eq!(get(house.public(), "/old/echo").status, 404);
    assert_eq!(get(house.public(), "/new/echo").status, 200);
    running.send("abc");
    let answer = running.response().unwrap();
    assert_eq!(answer.status, 200);
    assert!(answer.text().contains("\"body_bytes\":3"), "{}", answer.text());
}

#[test]
fn a_bad_file_changes_nothing() {
    let house = House::of_file(&with_rules(OLD), |server| server);
    let operator = house.operator();
    let mut client = house.raw();
    #[rustfmt::skip]
    let broken = [
        ("a word of no key",  Some("[limits]\nmax-haed = \"1K\""),                               "max-haed"),
        ("a rule for others", Some("[[cluster.app-tier.rewrite-dispatch]]\nload-balance = \"a\""), "load-balance"),
        ("no application",    Some("[[cluster.app-tier.web-app]]\npath = \"/x\"\napp = \"shop\""),  "shop"),
        ("no file",           None,                                                              "copal.toml"),
    ];
    for (what, rules, part) in broken {
        match rules {
            Some(rules) => drop(house.write(&with_rules(rules))),
            None => std::fs::remove_file(house.folder().join("copal.toml")).unwrap(),
        }
        let error = operator.reload().unwrap_err();
        assert!(error.contains(part), "{what}: {error}");
        assert_eq!(word(&mut client), "/old", "{what}");
        let status = operator.status();
        assert_eq!((status.reloads, status.reload_error), (0, Some(error)), "{what}");
        assert!(operator.figure("copal_app_last_reload_successful") < 0.1, "{what}");
    }
    house.write(&with_rules(NEW));
    operator.reload().unwrap();
    assert_eq!(word(&mut client), "/new");
    let status = operator.status();
    assert_eq!((status.reloads, status.reload_error), (1, None));
}

#[test]
fn a_folder_that_cannot_be_opened_changes_nothing() {
    let house = House::of_file(&with_rules(OLD), |server| server);
    let file = house.folder().join("file");
    std::fs::write(&file, "no folder").unwrap();
    house.write(&with_rules(&format!(
        "{NEW}\n[[cluster.app-tier.web-app]]\npath = \"/files\"\nroot = \"file\""
    )));
    let error = house.operator().reload().unwrap_err();
    assert!(error.contains("file"), "{error}");
    assert_eq!(word(&mut house.raw()), "/old");
}

#[test]
fn sessions_and_applications_stay() {
    let own = Router::new().route("/", on_get(|| async { "own" }));
    let house = House::of_file(&with_rules(OLD), |server| server.web_app("/own", own));
    let mut visitor = Visitor::new(house.public());
    assert!(visitor.get("/counter").text().contains("\"count\":1"));
    // Something else in the same place of the file, and the web-app in another line.
    house.write(&format!("[limits]\nmax-fields = 50\n{NEW}{DEMO}"));
    house.operator().reload().unwrap();
    assert!(visitor.get("/counter").text().contains("\"count\":2"));
    assert_eq!(get(house.public(), "/own/").text(), "own");
    // A web-app that comes back has the sessions that it had.
    house.write("");
    house.operator().reload().unwrap();
    assert_eq!(visitor.get("/counter").status, 404);
    house.write(DEMO);
    house.operator().reload().unwrap();
    assert!(visitor.get("/counter").text().contains("\"count\":3"));
}

#[test]
fn a_web_app_that_comes_back_with_other_sessions_says_so_until_it_is_as_it_was() {
    let shop = "\n[[cluster.app-tier.web-app]]\npath = \"/shop\"\napp = \"demo\"\n";
    let other = format!("{shop}session-config = {{ cookie-length = 50 }}\n");
    let house = House::of_file(&format!("{DEMO}{shop}"), |server| server);
    #[rustfmt::skip]
    let table = [
        // the web-app     what waits for a restart
        ("",               None),
        (other.as_str(),   Some("`session-config`")),
        (other.as_str(),   Some("`session-config`")),
        ("",               None),
        (other.as_str(),   Some("`session-config`")),
        (shop,             None),
        (shop,             None),
    ];
    for (round, (web_app, waits)) in table.into_iter().enumerate() {
        house.write(&format!("{DEMO}{web_app}"));
        let waits: Vec<&str> = waits.into_iter().collect();
        assert_eq!(house.operator().reload().unwrap().needs_restart, waits, "{round}");
        assert_eq!(house.operator().status().needs_restart, waits, "{round}");
        if !web_app.is_empty() {
            let answer = get(house.public(), "/shop/counter");
            let cookie = answer.field("set-cookie").unwrap();
            let id = cookie.split(['=', ';']).nth(1).unwrap();
            assert_eq!(id.len(), 26, "{round}: {cookie}");
        }
    }
}

#[test]
fn new_ids_name_the_servers_of_the_file_in_force() {
    let more = "\n[[cluster.app-tier.server]]\nid = \"app-c\"\nport = 2\nindex = 7\n";
    let house = House::of_file(DEMO, |server| server);
    let letters = || {
        let answer = get(house.public(), "/counter");
        let cookie = answer.field("set-cookie").unwrap();
        cookie.split('=').nth(1).unwrap().get(..3).unwrap().to_owned()
    };
    let backups = || {
        let mut backups: Vec<String> = (0..2).map(|_| letters()).collect();
        backups.sort();
        backups
    };
    assert_eq!(backups(), ["abc", "abc"]);
    house.write_behind(DEMO, more);
    let reloaded = house.operator().reload().unwrap();
    assert_eq!(reloaded.changed, ["cluster app-tier: server app-c is new"]);
    assert_eq!(backups(), ["abh", "ahb"]);
    house.write(DEMO);
    house.operator().reload().unwrap();
    assert_eq!(backups(), ["abc", "abc"]);
}

#[test]
fn limits_and_static_files_change_in_place() {
    let house = House::of_file(DEMO, |server| server);
    for folder in ["one", "two"] {
        std::fs::create_dir(house.folder().join(folder)).unwrap();
        std::fs::write(house.folder().join(folder).join("page"), folder).unwrap();
    }
    let post = |length: usize| {
        let mut client = house.raw();
        client.send(format!("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n"));
        client.send("x".repeat(length));
        client.response().unwrap().status
    };
    let long = format!("/echo?{}", "x".repeat(3000));
    assert_eq!((post(100), get(house.public(), &long).status), (200, 200));
    for folder in ["one", "two"] {
        house.write(&format!(
            "[limits]\nmax-body = \"99\"\nmax-uri = \"2K\"\n{DEMO}root = \"{folder}\""
        ));
        let reloaded = house.operator().reload().unwrap();
        assert_eq!(reloaded.needs_restart, Vec::<String>::new());
        assert_eq!(get(house.public(), "/page").text(), folder);
        assert_eq!((post(99), post(100)), (200, 413));
        assert_eq!(get(house.public(), &long).status, 414);
    }
}

#[test]
fn connections_that_are_there_get_new_times_too() {
    let house = House::of_file(&with_rules(OLD), |server| server);
    let mut client = house.raw();
    assert_eq!(word(&mut client), "/old");
    house.write_with(&with_rules(NEW), "300ms");
    house.operator().reload().unwrap();
    assert_eq!(word(&mut client), "/new");
    client.closed().unwrap();
}

#[test]
fn more_connections_may_come_in() {
    let limit = |max: u32| format!("[limits]\nmax-connections = {max}\n{DEMO}{OLD}");
    let house = House::of_file(&limit(1), |server| server);
    let mut first = house.raw();
    assert_eq!(word(&mut first), "/old");
    let mut second = house.raw();
    second.send("GET /word HTTP/1.1\r\nHost: x\r\n\r\n");
    house.write(&limit(10));
    let reloaded = house.operator().reload().unwrap();
    assert!(reloaded.changed.iter().any(|line| line.contains("max-connections")), "{reloaded:?}");
    assert_eq!(second.response().unwrap().status, 302);
    assert_eq!(word(&mut first), "/old");
}

#[test]
fn the_log_level_changes_in_place() {
    let house = House::of_file(DEMO, |server| server);
    house.write(&format!("[log]\nlevel = \"debug\"\n{DEMO}"));
    let reloaded = house.operator().reload().unwrap();
    assert_eq!(reloaded.changed, ["log: level info -> debug"]);
    assert_eq!(reloaded.needs_restart, Vec::<String>::new());
    assert_eq!(house.operator().reload().unwrap().changed, Vec::<String>::new());
}

#[test]
fn a_server_without_a_place_in_the_file_stays_as_it_is() {
    let house = House::of_file(&with_rules(OLD), |server| server);
    let source = house.write(&with_rules(NEW));
    let text = std::fs::read_to_string(&source.path).unwrap();
    std::fs::write(&source.path, text.replace("id = \"app-a\"", "id = \"app-c\"")).unwrap();
    let reloaded = house.operator().reload().unwrap();
    assert_eq!(reloaded.changed, Vec::<String>::new());
    assert_eq!(reloaded.needs_restart.len(), 1, "{reloaded:?}");
    assert_eq!(word(&mut house.raw()), "/old");
}

#[test]
fn what_needs_a_restart_is_named_and_not_done() {
    let house = House::of_file(DEMO, |server| server);
    house.write(&format!("secret = \"correct horse battery\"\n{NEW}{DEMO}"));
    for _ in 0..2 {
        let reloaded = house.operator().reload().unwrap();
        let named = reloaded.needs_restart.iter().any(|line| line.contains("`secret`"));
        assert!(named, "{reloaded:?}");
        assert_eq!(word(&mut house.raw()), "/new");
        // With a secret nobody would be believed who has not said hello.
        let believed = "GET /echo HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n";
        let text = copal_testkit::raw::ask(house.cluster(), believed).text();
        assert!(text.contains("192.0.2.7"), "{text}");
    }
}

#[test]
fn the_state_survives() {
    let house = House::of_file(DEMO, |server| server);
    let operator = house.operator();
    assert_eq!(operator.ask("POST", "/servers/app-a/drain").0, 200);
    operator.reload().unwrap();
    let answer = get(house.cluster(), "/.copal/ready");
    assert_eq!(answer.field("copal-state"), Some("drain"));
}

#[test]
fn without_a_file_there_is_nothing_to_be_read_again() {
    let house = House::demo();
    let error = house.operator().reload().unwrap_err();
    assert!(error.contains("no file"), "{error}");
}
