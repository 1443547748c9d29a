//! Tests of the picture: exact text from given statuses.

mod copies;

use super::*;

use std::path::Path;

use copal_config::process_environment::ProcessEnvironment;
use copal_config::reader;
use copal_protocol::status::BalancedServer;

use crate::silence::Silence;

const FILE: &str = r#"
    [[cluster.web-tier.server]]
    id = "web-a"
    http = [{ port = 8080 }]
    [[cluster.web-tier.server]]
    id = "web-b"
    http = [{ port = 8081 }]
    [[cluster.web-tier.rewrite-dispatch]]
    regexp = "^/old"
    load-balance = "legacy"
    [[cluster.web-tier.rewrite-dispatch]]
    load-balance = "app-tier"
    [[cluster.app-tier.server]]
    id = "app-a"
    [[cluster.app-tier.server]]
    id = "app-b"
    port = 6801
    [[cluster.app-tier.web-app]]
    app = "demo"
    [cluster.legacy]
    protocol = "http"
    [[cluster.legacy.server]]
    id = "old"
    port = 9000
"#;

fn config() -> Config {
    config_of(FILE)
}

fn config_of(text: &str) -> Config {
    let read = reader::read_text("f", Path::new("/etc/copal"), text, &ProcessEnvironment);
    read.unwrap_or_else(|report| panic!("{report}")).config
}

fn status(cluster: &str, server: &str) -> Status {
    Status {
        server: server.to_owned(),
        cluster: cluster.to_owned(),
        tier: "web".to_owned(),
        version: "0.1.0".to_owned(),
        pid: 1,
        uptime_seconds: 0,
        state: State::Ready,
        connections: 0,
        in_flight: 0,
        requests: 0,
        requests_per_second: 0.0,
        sessions: None,
        copies: None,
        short_of_copies: None,
        surplus_copies: None,
        reloads: 0,
        reload_error: None,
        needs_restart: Vec::new(),
        servers: Vec::new(),
    }
}

fn balanced(cluster: &str, id: &str, state: State) -> BalancedServer {
    BalancedServer {
        cluster: cluster.to_owned(),
        id: id.to_owned(),
        protocol: "copal".to_owned(),
        address: "127.0.0.1:6800".to_owned(),
        state,
        why: None,
        weight: 100,
        backup: false,
        in_flight: 0,
        queued: 0,
        requests: 0,
        requests_per_second: 0.0,
        failures: 0,
        p50_microseconds: 0,
        p99_microseconds: 0,
    }
}

fn told(status: Status) -> Told {
    let (server, cluster) = (status.server.clone(), status.cluster.clone());
    Told { server, cluster: Some(cluster), outcome: Ok(status) }
}

fn silent(cluster: &str, server: &str) -> Told {
    let silence = Silence::NotRunning(format!("run/{server}.sock"));
    Told { server: server.to_owned(), cluster: Some(cluster.to_owned()), outcome: Err(silence) }
}

fn web(id: &str, servers: Vec<BalancedServer>) -> Status {
    Status { servers, ..status("web-tier", id) }
}

/// A cluster in which much is going on.
fn busy() -> Vec<Told> {
    let app_a = BalancedServer {
        in_flight: 2,
        queued: 1,
        requests: 12_000,
        requests_per_second: 1210.5,
        p50_microseconds: 423,
        p99_microseconds: 3_100,
        ..balanced("app-tier", "app-a", State::Ready)
    };
    let by_b = BalancedServer {
        requests: 34,
        requests_per_second: 0.26,
        failures: 3,
        p50_microseconds: 395,
        p99_microseconds: 152_314,
        ..balanced("app-tier", "app-a", State::Ready)
    };
    let gone = BalancedServer {
        why: Some("connection refused".to_owned()),
        ..balanced("app-tier", "app-b", State::Down)
    };
    let old = BalancedServer {
        backup: true,
        protocol: "http".to_owned(),
        ..balanced("legacy", "old", State::Maintenance)
    };
    let web_a = Status {
        uptime_seconds: 18_420,
        connections: 1_200,
        in_flight: 12,
        requests_per_second: 1210.5,
        ..web("web-a", vec![app_a, gone.clone(), old.clone()])
    };
    let web_b = Status { uptime_seconds: 42, ..web("web-b", vec![by_b, gone, old]) };
    let app = Status {
        uptime_seconds: 195,
        tier: "app".to_owned(),
        sessions: Some(90_210),
        state: State::Drain,
        ..status("app-tier", "app-a")
    };
    vec![told(web_a), told(web_b), told(app), silent("app-tier", "app-b")]
}

#[test]
fn everything_is_in_its_place() {
    let expected = "\
web-tier
  server  state  uptime  connections  in flight   req/s  sessions
  web-a   ready   5h07m         1200         12  1210.5         -
  web-b   ready     42s            0          0     0.0         -

app-tier
  server  state  uptime  connections  in flight  req/s  sessions
  app-a   drain   3m15s            0          0    0.0     90210
  app-b   not running: nobody listens at run/app-b.sock
  as the web tier sees them:
  server  state  weight  in flight  queued   req/s  requests  failures  p50 ms  p99 ms
  app-a   ready     100          2       1  1210.8     12034         3    0.42     150
  app-b   down      100          0       0     0.0         0         0       -       -

legacy
  server        state        weight  in flight  queued  req/s  requests  failures  p50 ms  p99 ms
  old (backup)  maintenance     100          0       0    0.0         0         0       -       -

notes
  app-b is down: connection refused
  legacy: no server is ready; old is used as a last resort
";
    assert_eq!(draw(Some(&config()), &busy(), false), expected);
}

#[test]
fn colours_say_what_is_well() {
    let drawn = draw(Some(&config()), &busy(), true);
    for part in ["\x1b[32mready\x1b[0m", "\x1b[33mdrain\x1b[0m", "\x1b[31mdown\x1b[0m "] {
        assert!(drawn.contains(part), "{drawn:?}");
    }
    assert!(drawn.contains("\x1b[31mnot running: "), "{drawn:?}");
}

#[test]
fn nobody_there_is_a_picture_too() {
    let silent: Vec<Told> = [("web-tier", "web-a"), ("web-tier", "web-b"), ("app-tier", "app-a")]
        .map(|(cluster, server)| silent(cluster, server))
        .into();
    let expected = "\
web-tier
  server  state  uptime  connections  in flight  req/s  sessions
  web-a   not running: nobody listens at run/web-a.sock
  web-b   not running: nobody listens at run/web-b.sock

app-tier
  server  state  uptime  connections  in flight  req/s  sessions
  app-a   not running: nobody listens at run/app-a.sock

legacy
  no web server tells of its servers
";
    assert_eq!(draw(Some(&config()), &silent, false), expected);
}

/// The notes of a picture.
fn notes_of(told: &[Told]) -> Vec<String> {
    notes_by(&config(), told)
}

fn notes_by(config: &Config, told: &[Told]) -> Vec<String> {
    let drawn = draw(Some(config), told, false);
    let notes = drawn.split_once("\nnotes\n").map(|(_, notes)| notes.to_owned());
    notes.unwrap_or_default().lines().map(|line| line.trim_start().to_owned()).collect()
}

#[test]
fn web_servers_that_disagree_are_told_apart() {
    let apps = |a, b| vec![balanced("app-tier", "app-a", a), balanced("app-tier", "app-b", b)];
    let mut second = web("web-b", apps(State::Down, State::Ready));
    second.servers[0].why = Some("no answer\x1b[2J\nmore".to_owned());
    let told = [told(web("web-a", apps(State::Ready, State::Ready))), told(second)];
    let drawn = draw(Some(&config()), &told, false);
    assert!(drawn.contains("\n  app-a   differs     100 "), "{drawn}");
    assert_eq!(
        notes_of(&told),
        ["web servers disagree about app-a: web-a says ready; \
             web-b says down (no answer\u{fffd}[2J …)"]
    );
}

#[test]
fn what_runs_otherwise_than_the_file_says_is_noted() {
    type Change = fn(&mut [Status; 2]);
    #[rustfmt::skip]
    let table: [(Change, &[&str]); 9] = [
        // what is so                                                          the notes
        (|_| {},                                                               &[]),
        (|both| both[1].version = "0.2.0".to_owned(),                          &["versions differ: 0.1.0 on web-a; 0.2.0 on web-b"]),
        (|both| both[1].reload_error = Some("note[a]: b\n --> c.toml:1\n\nerror[d]: e\n --> c.toml:3".to_owned()), &["web-b goes on with an older configuration, the file was refused: error[d]: e"]),
        (|both| both[1].reload_error = Some("c.toml:3: bad\nmore".to_owned()), &["web-b goes on with an older configuration, the file was refused: c.toml:3: bad …"]),
        (|both| both[0].needs_restart = vec!["`workers` was 1 and is 2".to_owned()], &["web-a needs a restart: `workers` was 1 and is 2"]),
        (|both| both[0].servers[0].weight = 50,                                &["the weight of app-a is 100 in the file: `copal reload`"]),
        (|both| both[1].servers[1].id = "app-x".to_owned(),                    &["web-b balances to app-x, which the file no longer has in app-tier: `copal reload`",
                                                                                 "web-b does not know app-b of the file: `copal reload`"]),
        (|both| both[0].servers.truncate(1),                                   &["web-a does not know app-b of the file: `copal reload`"]),
        (|both| both[0].servers.clear(),                                       &[]),
    ];
    for (position, (change, expected)) in table.into_iter().enumerate() {
        let ready = |id| balanced("app-tier", id, State::Ready);
        let mut both = ["web-a", "web-b"].map(|id| web(id, vec![ready("app-a"), ready("app-b")]));
        change(&mut both);
        assert_eq!(notes_of(&both.map(told)), expected, "row {position}");
    }
}

#[test]
fn a_wish_that_no_web_server_hears_is_noted() {
    let unasked = "id = \"app-a\"\n    health-check = false";
    let unasked = config_of(&FILE.replace("id = \"app-a\"", unasked));
    let note = "app-a says drain, web-a sees ready: its `health-check` is off, so no web server \
                hears it";
    #[rustfmt::skip]
    let table = [
        // the file    app-a says      web-a sees     the notes
        (&unasked,     State::Drain,   State::Ready,  &[note][..]),
        (&unasked,     State::Drain,   State::Drain,  &[]),
        (&unasked,     State::Ready,   State::Ready,  &[]),
        (&unasked,     State::Leaving, State::Ready,  &[]),
        // It is a matter of half a second.
        (&config(),    State::Drain,   State::Ready,  &[]),
    ];
    for (config, says, sees, expected) in table {
        let servers =
            vec![balanced("app-tier", "app-a", sees), balanced("app-tier", "app-b", State::Ready)];
        let own = Status { state: says, ..status("app-tier", "app-a") };
        let told = [told(web("web-a", servers)), told(own)];
        assert_eq!(notes_by(config, &told), expected, "{says} {sees}");
    }
}

#[test]
fn weights_that_differ_are_both_shown() {
    let app = |weight| BalancedServer { weight, ..balanced("app-tier", "app-a", State::Ready) };
    let told = [told(web("web-a", vec![app(50)])), told(web("web-b", vec![app(100)]))];
    let drawn = draw(Some(&config()), &told, false);
    assert!(drawn.contains("\n  app-a   ready  50/100  "), "{drawn}");
}

#[test]
fn times_are_rounded_and_readable() {
    #[rustfmt::skip]
    let table = [
        // seconds   words
        (0,          "0s"),
        (59,         "59s"),
        (60,         "1m00s"),
        (3_599,      "59m59s"),
        (3_600,      "1h00m"),
        (86_399,     "23h59m"),
        (86_400,     "1d00h"),
        (1_234_567,  "14d06h"),
    ];
    for (seconds, words) in table {
        assert_eq!(duration(seconds), words);
    }
    #[rustfmt::skip]
    let table = [
        // microseconds   words
        (0,               "0"),
        (1,               "0.001"),
        (42,              "0.042"),
        (99,              "0.099"),
        (100,             "0.10"),
        (423,             "0.42"),
        (994,             "0.99"),
        (995,             "1.0"),
        (3_100,           "3.1"),
        (9_950,           "10"),
        (10_499,          "10"),
        (99_499,          "99"),
        (99_500,          "100"),
        (152_314,         "150"),
        (1_572_860,       "1600"),
        (3_145_730,       "3100"),
        (u64::MAX,        "18000000000000000"),
    ];
    for (microseconds, words) in table {
        assert_eq!(milliseconds(microseconds), words);
    }
}

#[test]
fn programs_get_one_object() {
    let object = crate::told::object(&busy());
    let servers = object["servers"].as_array().unwrap();
    assert_eq!(servers.len(), 4);
    assert_eq!(servers[0]["status"]["servers"][1]["why"], "connection refused");
    assert_eq!(
        (&servers[2]["server"], &servers[2]["cluster"]),
        (&"app-a".into(), &"app-tier".into())
    );
    assert_eq!(servers[3]["error"], "not running: nobody listens at run/app-b.sock");
    assert!(servers[3].get("status").is_none());
}

#[test]
fn without_a_file_the_picture_is_what_servers_tell() {
    let mut all = busy();
    // What stands in the folder has no order of clusters, and who is silent has none at all.
    all.reverse();
    all[0].cluster = None;
    all.push(Told { cluster: None, ..silent("", "stray") });
    crate::told::place(&mut all);
    let expected = "\
web-tier
  server  state  uptime  connections  in flight   req/s  sessions
  web-b   ready     42s            0          0     0.0         -
  web-a   ready   5h07m         1200         12  1210.5         -

app-tier
  server  state  uptime  connections  in flight  req/s  sessions
  app-b   not running: nobody listens at run/app-b.sock
  app-a   drain   3m15s            0          0    0.0     90210
  as the web tier sees them:
  server  state  weight  in flight  queued   req/s  requests  failures  p50 ms  p99 ms
  app-a   ready     100          2       1  1210.8     12034         3    0.42     150
  app-b   down      100          0       0     0.0         0         0       -       -

legacy
  server        state        weight  in flight  queued  req/s  requests  failures  p50 ms  p99 ms
  old (backup)  maintenance     100          0       0    0.0         0         0       -       -

cluster unknown
  server  state  uptime  connections  in flight  req/s  sessions
  stray   not running: nobody listens at run/stray.sock

notes
  app-b is down: connection refused
  legacy: no server is ready; old is used as a last resort
";
    assert_eq!(draw(None, &all, false), expected);
    let object = crate::told::object(&all);
    assert!(object["servers"][4]["cluster"].is_null(), "{object}");
}

#[test]
fn app_servers_alone_are_a_picture_too() {
    let app = Status { tier: "app".to_owned(), ..status("app-tier", "app-a") };
    let drawn = draw(None, &[told(app)], false);
    assert!(drawn.starts_with("app-tier\n  server ") && !drawn.contains("sees them"), "{drawn}");
}
