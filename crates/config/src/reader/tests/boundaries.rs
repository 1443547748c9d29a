//! Both sides of every bound of a number, a time or a size.

use super::{APP, found};

/// What stands before the key, the key, the least and most values, and the values just outside.
type Row = (&'static str, &'static str, [&'static str; 2], [&'static str; 2]);

const TIMEOUT: [&str; 2] = ["\"1ms\"", "\"1d\""];
const NOT_TIMEOUT: [&str; 2] = ["\"0s\"", "\"1d1ms\""];
const PAUSE: [&str; 2] = ["\"0s\"", "\"1d\""];
const NOT_PAUSE: [&str; 2] = ["\"1d1ms\"", "\"2d\""];
const LIFE: [&str; 2] = ["\"0s\"", "\"3650d\""];
const NOT_LIFE: [&str; 2] = ["\"3650d1ms\"", "\"99999d\""];
const HEAD: [&str; 2] = ["256", "\"16M\""];
const NOT_HEAD: [&str; 2] = ["\"255\"", "16777217"];

const TOP: &[Row] = &[("", "workers", ["1", "1024"], ["0", "1025"])];

/// A small URI and a large head leave room for each other.
const LIMITS: &[Row] = &[
    ("[limits]\n", "max-connections", ["1", "10000000"], ["0", "10000001"]),
    ("[limits]\n", "header-timeout", TIMEOUT, NOT_TIMEOUT),
    ("[limits]\n", "body-timeout", TIMEOUT, NOT_TIMEOUT),
    ("[limits]\n", "min-body-rate", ["0", "\"1G\""], ["\"2G\"", "1073741825"]),
    ("[limits]\n", "send-timeout", TIMEOUT, NOT_TIMEOUT),
    ("[limits]\n", "tunnel-idle-timeout", TIMEOUT, NOT_TIMEOUT),
    ("[limits]\n", "drain-time", PAUSE, NOT_PAUSE),
    ("[limits]\nmax-uri = 16\n", "max-head", HEAD, NOT_HEAD),
    ("[limits]\n", "max-fields", ["1", "10000"], ["0", "10001"]),
    ("[limits]\nmax-head = \"16M\"\n", "max-uri", ["16", "\"16M\""], ["15", "16777217"]),
    ("[limits]\n", "max-body", ["0", "\"1024T\""], ["\"1025T\"", "1125899906842625"]),
    ("[limits]\n", "response-head", HEAD, NOT_HEAD),
];

/// These come after a server, so the key is one of it.
const SERVER: &[Row] = &[
    ("", "index", ["0", "63"], ["-1", "64"]),
    ("", "port", ["1", "65535"], ["0", "65536"]),
    ("load-balance-idle-time = \"0s\"\n", "keepalive-timeout", ["\"1ms\"", "\"1d\""], NOT_PAUSE),
    ("", "socket-timeout", TIMEOUT, NOT_TIMEOUT),
    ("", "load-balance-connect-timeout", TIMEOUT, NOT_TIMEOUT),
    ("", "load-balance-socket-timeout", TIMEOUT, NOT_TIMEOUT),
    ("keepalive-timeout = \"1d\"\n", "load-balance-idle-time", ["\"0s\"", "\"23h\""], NOT_PAUSE),
    ("", "load-balance-recover-time", PAUSE, NOT_PAUSE),
    ("", "load-balance-busy-recover-time", PAUSE, NOT_PAUSE),
    ("", "load-balance-warmup-time", PAUSE, NOT_PAUSE),
    ("", "load-balance-queue-timeout", PAUSE, NOT_PAUSE),
    ("", "load-balance-max-requests", ["0", "10000000"], ["-1", "10000001"]),
    ("", "weight", ["1", "1000"], ["-1", "1001"]),
    (HEALTH, "fall", IN_A_ROW, NOT_IN_A_ROW),
    (HEALTH, "rise", IN_A_ROW, NOT_IN_A_ROW),
    ("[cluster.app.server.health-check]\ninterval = \"1d\"\n", "timeout", TIMEOUT, NOT_TIMEOUT),
    (
        "[cluster.app.server.health-check]\ntimeout = \"10ms\"\n",
        "interval",
        ["\"10ms\"", "\"1d\""],
        ["\"9ms\"", "\"1d1ms\""],
    ),
    ("[cluster.app.server.admin]\n", "port", ["1", "65535"], ["0", "65536"]),
    ("[[cluster.app.server.http]]\n", "port", ["1", "65535"], ["0", "65536"]),
    ("[[cluster.app.server.http]]\nport = 9\n", "keepalive-timeout", PAUSE, NOT_PAUSE),
];

const HEALTH: &str = "[cluster.app.server.health-check]\n";
const IN_A_ROW: [&str; 2] = ["1", "100"];
const NOT_IN_A_ROW: [&str; 2] = ["0", "101"];

const SESSION: &str = "[cluster.app.session-config]\n";

const STORE: &str = "[cluster.app.persistent-store]\ntype = \"cluster\"\n";

/// With a store, and with servers enough.
const COPIES: &str = "[[cluster.app.server]]\nid = \"b\"\nport = 1\n\
                      [[cluster.app.server]]\nid = \"c\"\nport = 2\n\
                      [cluster.app.persistent-store]\ntype = \"cluster\"\n\
                      [cluster.app.session-config]\n";

const SESSIONS: &[Row] = &[
    (SESSION, "session-timeout", LIFE, NOT_LIFE),
    (SESSION, "session-max-lifetime", LIFE, NOT_LIFE),
    (SESSION, "session-max", ["1", "100000000"], ["0", "100000001"]),
    (SESSION, "session-max-bytes", ["1", "\"1G\""], ["0", "1073741825"]),
    (SESSION, "cookie-length", ["24", "64"], ["23", "65"]),
    (STORE, "recovery-wait", TIMEOUT, NOT_TIMEOUT),
    (
        "[cluster.app.persistent-store]\ntype = \"cluster\"\nrecovery-wait = \"1s\"\n",
        "max-away",
        ["\"1s\"", "\"3650d\""],
        ["\"999ms\"", "\"3650d1ms\""],
    ),
    (
        "[cluster.app.persistent-store]\ntype = \"cluster\"\npath = \"s\"\n",
        "disk-sync",
        TIMEOUT,
        NOT_TIMEOUT,
    ),
    (COPIES, "copies", ["1", "3"], ["0", "4"]),
    (COPIES, "acknowledge-timeout", ["\"1ms\"", "\"1m\""], ["\"0s\"", "\"1m1ms\""]),
    (SESSION, "cookie-max-age", ["\"1s\"", "\"3650d\""], ["\"999ms\"", "\"3650d1ms\""]),
];

#[test]
fn both_sides_of_every_bound() {
    for (rows, at_top) in [(TOP, true), (LIMITS, true), (SERVER, false), (SESSIONS, false)] {
        for (before, key, inside, outside) in rows {
            let with = |value: &str| {
                // A server without a listener, so that a row may add the only one.
                let app = APP.replace("http = [{ port = 8080 }]\n", "");
                let text = format!("{before}{key} = {value}\n");
                let text = if at_top { format!("{text}{app}") } else { format!("{app}{text}") };
                let mut found = found(&text);
                found.retain(|(rule, ..)| !["no-listener", "not-replicated"].contains(rule));
                (found, text)
            };
            for value in inside {
                let (found, text) = with(value);
                assert_eq!(found, [], "\n{text}");
            }
            for value in outside {
                let (found, text) = with(value);
                let rules: Vec<_> = found.iter().map(|(rule, ..)| *rule).collect();
                assert_eq!(rules, ["out-of-range"], "\n{text}");
            }
        }
    }
}

#[test]
fn numbers_that_do_not_fit_are_out_of_range_too() {
    for number in ["99999999999999999999999", "0x1_0000", "-9223372036854775808"] {
        let text = format!("workers = {number}\n{APP}");
        assert_eq!(found(&text), [("out-of-range", 1, 11)], "{number}");
    }
    assert_eq!(found(&format!("workers = 0x10\n{APP}")), []);
    assert_eq!(found(&format!("[limits]\nmax-body = 0x1000\n{APP}")), []);
}

#[test]
fn a_file_has_a_bound_too() {
    let folder = tempfile();
    let path = folder.join("cluster.toml");
    let mut text = APP.to_owned();
    text.push_str(&"#".repeat(crate::bounds::FILE_BYTES - text.len()));
    std::fs::write(&path, &text).unwrap();
    assert!(crate::reader::read(&path).is_ok());
    text.push('#');
    std::fs::write(&path, &text).unwrap();
    let failure = crate::reader::read(&path).unwrap_err();
    assert!(failure.to_string().contains("larger than 1048576 bytes"), "{failure}");
    std::fs::write(&path, b"a = 1\nb = \"\xff\"\n").unwrap();
    let failure = crate::reader::read(&path).unwrap_err();
    assert!(failure.to_string().contains("cluster.toml:2: a byte here is not UTF-8"), "{failure}");
    std::fs::remove_dir_all(&folder).unwrap();
    let failure = crate::reader::read(&path).unwrap_err();
    assert!(failure.to_string().starts_with("cannot read the configuration file "), "{failure}");
}

fn tempfile() -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("copal-config-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
