//! What a running server tells of a new file: what it takes, and what needs a restart.

use std::path::Path;

use super::between;
use crate::config::Config;
use crate::in_place;
use crate::process_environment::ProcessEnvironment;
use crate::reader::read_text;
use crate::restart::needed;

const FILE: &str = r#"
secret = "0123456789abcdef"
workers = 2
run-dir = "run"
[log]
level = "info"
[limits]
max-body = "1M"
[cluster.web-tier]
[[cluster.web-tier.server]]
id = "web-a"
http = [{ port = 8080 }, { port = 8081 }]
[[cluster.web-tier.server]]
id = "web-b"
http = [{ port = 8082 }]
[[cluster.web-tier.rewrite-dispatch]]
regexp = '^/old'
load-balance = "old"
[[cluster.web-tier.rewrite-dispatch]]
load-balance = "app-tier"
[[cluster.web-tier.host]]
name = "h"
rewrite-dispatch = [{ forbidden = true }]
[cluster.app-tier]
session-config = { session-timeout = "30m" }
[[cluster.app-tier.server]]
id = "app-a"
port = 6800
admin = { port = 9000, token = "0123456789abcdef" }
[[cluster.app-tier.server]]
id = "app-b"
port = 6801
http = [{ port = 8083, keepalive-timeout = "60s" }]
[[cluster.app-tier.web-app]]
app = "demo"
[[cluster.app-tier.web-app]]
path = "/shop"
app = "demo"
[cluster.old]
protocol = "http"
[[cluster.old.server]]
id = "old-a"
port = 7000
"#;

fn config(text: &str) -> Config {
    let read = read_text("copal.toml", Path::new("/etc/copal"), text, &ProcessEnvironment);
    read.unwrap_or_else(|report| panic!("{text}\n{report}")).config
}

/// The file with other pieces in it; each must be there.
fn with(pieces: &[(&str, &str)]) -> Config {
    let mut text = FILE.to_owned();
    for (before, after) in pieces {
        assert!(text.contains(before), "{before}");
        text = text.replace(before, after);
    }
    config(&text)
}

/// What changes in the file, the server that is asked, what it takes, what needs a restart.
struct Row {
    pieces: &'static [(&'static str, &'static str)],
    server: &'static str,
    taken: &'static [&'static str],
    restart: &'static [&'static str],
}

fn run(rows: &[Row]) {
    let old = config(FILE);
    for Row { pieces, server, taken, restart } in rows {
        let new = with(pieces);
        assert_eq!(between(&old, &new, server), *taken, "{server}: {pieces:?}");
        assert_eq!(needed(&old, &new, server), *restart, "{server}: {pieces:?}");
        // Whoever takes what can be taken has nothing more to take, and still needs the restart.
        if let Some(part) = in_place::part(&old, &new, server) {
            assert_eq!(between(&part, &new, server), [""; 0], "{server}: {pieces:?}");
            assert_eq!(needed(&part, &new, server), *restart, "{server}: {pieces:?}");
            assert_eq!(needed(&old, &part, server), [""; 0], "{server}: {pieces:?}");
        } else {
            assert_eq!(restart.len(), 1, "{server}: {pieces:?}");
        }
    }
}

#[test]
fn the_same_file_changes_nothing() {
    let (old, new) = (config(FILE), config(&format!("\n\n# moved\n{FILE}")));
    for server in ["web-a", "web-b", "app-a", "app-b", "old-a", "nobody"] {
        assert_eq!(between(&old, &new, server), [""; 0], "{server}");
        assert_eq!(needed(&old, &new, server), [""; 0], "{server}");
    }
}

#[test]
fn a_cluster_that_stands_elsewhere_is_the_same() {
    let (_, rest) = FILE.split_once("[cluster.old]").unwrap();
    let text = FILE.replace(&format!("[cluster.old]{rest}"), "");
    let text =
        text.replace("[cluster.web-tier]\n", &format!("[cluster.old]{rest}[cluster.web-tier]\n"));
    let (old, new) = (config(FILE), config(&text));
    assert_ne!(old.clusters[0].name, new.clusters[0].name);
    assert_eq!(between(&old, &new, "web-a"), [""; 0]);
}

const LIMITS_AND_SERVERS: &[Row] = &[
    Row {
        pieces: &[(
            "max-body = \"1M\"",
            "max-head = \"16K\"\nmin-body-rate = 0\ntrusted-proxies = [\"10.0.0.0/8\"]",
        )],
        server: "app-a",
        taken: &[
            "limits: min-body-rate 256 -> none",
            "limits: max-head 32K -> 16K",
            "limits: max-body 1M -> none",
            "limits: trusted-proxies none -> 10.0.0.0/8",
        ],
        restart: &[],
    },
    Row {
        pieces: &[("id = \"app-b\"", "id = \"app-b\"\nweight = 50\nhealth-check = false")],
        server: "web-a",
        taken: &[
            "server app-b: weight 100 -> 50",
            "server app-b: health-check /.copal/ready every 500ms within 500ms (fall 2, rise 2) \
                 -> off",
        ],
        restart: &[],
    },
    // What the web tier does with a server concerns no app-tier server.
    Row {
        pieces: &[("id = \"app-b\"", "id = \"app-b\"\nweight = 50")],
        server: "app-b",
        taken: &[],
        restart: &[],
    },
    Row {
        pieces: &[("id = \"app-b\"", "id = \"app-c\"")],
        server: "web-a",
        taken: &["cluster app-tier: server app-c is new", "cluster app-tier: server app-b is gone"],
        restart: &[],
    },
    Row {
        pieces: &[("port = 6801", "port = 6802")],
        server: "web-a",
        taken: &["server app-b: port 127.0.0.1:6801 -> 127.0.0.1:6802"],
        restart: &[],
    },
];

#[test]
fn limits_and_servers() {
    run(LIMITS_AND_SERVERS);
}

/// A server more in the file, which would have the letter that `app-b` or `old-a` has now.
const MORE: &str =
    "[cluster.old]\nprotocol = \"http\"\n[[cluster.old.server]]\nid = \"old-z\"\nport = 7001\n";

const LETTERS: &[Row] = &[
    // Clients have them in their cookies, and the servers go on with theirs.
    Row {
        pieces: &[("port = 6801", "port = 6802\nindex = 5\nweight = 9"), ("\"1M\"", "\"2M\"")],
        server: "web-a",
        taken: &["limits: max-body 1M -> 2M"],
        restart: &[
            "cluster app-tier: `index` of app-b was 1 and is 5: its servers stay as they are here \
             until `index` is written as before, or this server is restarted; restart the app \
             servers first",
        ],
    },
    Row {
        pieces: &[("port = 6801", "port = 6802\nindex = 5"), ("\"/shop\"", "\"/store\"")],
        server: "app-a",
        taken: &["cluster app-tier: web-apps"],
        restart: &[
            "cluster app-tier: `index` of app-b was 1 and is 5: its servers stay as they are here \
             until `index` is written as before, or this server is restarted",
        ],
    },
    Row {
        pieces: &[("port = 6801", "port = 6802\nindex = 5\nsocket-timeout = \"9s\"")],
        server: "app-b",
        taken: &[],
        restart: &[
            "cluster port 127.0.0.1:6801 is gone",
            "cluster port 127.0.0.1:6802 is new",
            "cluster app-tier: `index` of app-b was 1 and is 5: its servers stay as they are here \
             until `index` is written as before, or this server is restarted",
        ],
    },
    Row {
        pieces: &[
            ("port = 6800", "port = 6800\nindex = 1"),
            ("port = 6801", "port = 6801\nindex = 0"),
        ],
        server: "web-b",
        taken: &[],
        restart: &[
            "cluster app-tier: `index` of app-a was 0 and is 1, of app-b was 1 and is 0: its servers \
             stay as they are here until `index` is written as before, or this server is \
             restarted; restart the app servers first",
        ],
    },
    // One that comes in before another moves that one's letter; with its `index` written it does not.
    Row {
        pieces: &[("[cluster.old]\nprotocol = \"http\"\n", MORE)],
        server: "web-a",
        taken: &[],
        restart: &[
            "cluster old: `index` of old-a was 0 and is 1: its servers stay as they are here until \
             `index` is written as before, or this server is restarted",
        ],
    },
    Row {
        pieces: &[
            ("[cluster.old]\nprotocol = \"http\"\n", MORE),
            ("port = 7000", "port = 7000\nindex = 0"),
            ("port = 7001", "port = 7001\nindex = 1"),
        ],
        server: "web-a",
        taken: &["cluster old: server old-z is new"],
        restart: &[],
    },
    Row {
        pieces: &[("[cluster.old]\nprotocol = \"http\"\n", MORE)],
        server: "app-a",
        taken: &[],
        restart: &[],
    },
    // A letter that another server has now was free.
    Row {
        pieces: &[("id = \"app-b\"", "id = \"app-c\"\nindex = 1")],
        server: "app-a",
        taken: &["cluster app-tier: server app-c is new", "cluster app-tier: server app-b is gone"],
        restart: &[],
    },
];

#[test]
fn servers_keep_their_letters() {
    run(LETTERS);
}

#[test]
fn letters_that_nobody_reads_may_change() {
    let index = |text: &str| text.replace("port = 7000", "port = 7000\nindex = 3");
    let loose = |text: &str| text.replace("= \"http\"", "= \"http\"\nsticky-sessions = false");
    #[rustfmt::skip]
    let table = [
        // before         after                  taken
        (FILE.to_owned(), index(FILE),           false),
        (loose(FILE),     index(&loose(FILE)),   true),
        (FILE.to_owned(), index(&loose(FILE)),   false),
        (loose(FILE),     index(FILE),           false),
    ];
    for (before, after, taken) in table {
        let (old, new) = (config(&before), config(&after));
        let lines = between(&old, &new, "web-a");
        assert_eq!(lines.contains(&"server old-a: index 0 -> 3".to_owned()), taken, "{lines:?}");
        assert_eq!(needed(&old, &new, "web-a").is_empty(), taken);
    }
}

const CLUSTERS_RULES_AND_HOSTS: &[Row] = &[
    Row {
        pieces: &[
            ("[cluster.old]", "[cluster.older]"),
            ("[[cluster.old.", "[[cluster.older."),
            ("\"old\"", "\"older\""),
        ],
        server: "web-a",
        taken: &["cluster web-tier: rules", "cluster older is new", "cluster old is gone"],
        restart: &[],
    },
    Row {
        pieces: &[("[cluster.app-tier]", "[cluster.app-tier]\nstrategy = \"adaptive\"")],
        server: "web-a",
        taken: &["cluster app-tier: strategy round-robin -> least-connection"],
        restart: &[],
    },
    Row {
        pieces: &[("'^/old'", "'^/older'"), ("forbidden", "not-found")],
        server: "web-b",
        taken: &["cluster web-tier: rules", "cluster web-tier: hosts"],
        restart: &[],
    },
    Row {
        pieces: &[("'^/old'", "'^/older'"), ("forbidden", "not-found")],
        server: "app-a",
        taken: &[],
        restart: &[],
    },
    Row {
        pieces: &[("name = \"h\"", "name = \"h\"\nregexp = 'i'")],
        server: "web-a",
        taken: &["cluster web-tier: hosts"],
        restart: &[],
    },
    Row {
        pieces: &[("path = \"/shop\"", "path = \"/store\"")],
        server: "app-a",
        taken: &["cluster app-tier: web-apps"],
        restart: &[],
    },
];

#[test]
fn clusters_rules_and_hosts() {
    run(CLUSTERS_RULES_AND_HOSTS);
}

const BEGINNINGS: &[Row] = &[
    Row {
        pieces: &[
            ("workers = 2", "workers = 4"),
            ("\"run\"", "\"/run/copal\""),
            ("\"info\"", "\"debug\"\nformat = \"json\""),
            ("secret = \"0123456789abcdef\"", "secret = \"0123456789abcdeg\""),
        ],
        server: "web-a",
        taken: &["log: level info -> debug"],
        restart: &[
            "`workers` was 2 and is 4",
            "`run-dir` was /etc/copal/run and is /run/copal",
            "`secret` is another one",
            "`format` of `[log]` was text and is json",
        ],
    },
    Row {
        pieces: &[("workers = 2\n", ""), ("secret = \"0123456789abcdef\"", "")],
        server: "app-b",
        taken: &[],
        restart: &["`workers` was 2 and is one for each core", "`secret` is gone"],
    },
    Row {
        pieces: &[(
            "{ port = 8080 }, { port = 8081 }",
            "{ port = 8084 }, { port = 8081, keepalive-timeout = \"9s\" }",
        )],
        server: "web-a",
        taken: &["listener 0.0.0.0:8081: keepalive-timeout 1m -> 9s"],
        restart: &["listener 0.0.0.0:8080 is gone", "listener 0.0.0.0:8084 is new"],
    },
    // Another server's listeners are its own affair.
    Row { pieces: &[("port = 8082", "port = 8085")], server: "web-a", taken: &[], restart: &[] },
    Row {
        pieces: &[("port = 9000, token = \"0123456789abcdef\"", "port = 9001")],
        server: "app-a",
        taken: &[],
        restart: &[
            "admin listener 127.0.0.1:9000 is gone",
            "admin listener 127.0.0.1:9001 is new",
            "`token` of the admin listener is gone",
        ],
    },
    Row {
        pieces: &[(
            "port = 6800",
            "port = 6800\nkeepalive-timeout = \"20s\"\nsocket-timeout = \"9s\"",
        )],
        server: "app-a",
        taken: &[
            "server app-a: keepalive-timeout 15s -> 20s",
            "server app-a: socket-timeout 1m5s -> 9s",
        ],
        restart: &[],
    },
];

#[test]
fn what_a_server_begins_with() {
    run(BEGINNINGS);
}

const SESSIONS: &[Row] = &[
    Row {
        pieces: &[
            ("\"30m\"", "\"1h\""),
            ("[cluster.app-tier]", "[cluster.app-tier]\nsession-cookie = \"SID\""),
        ],
        server: "app-a",
        taken: &[],
        restart: &[
            "`session-cookie` was JSESSIONID and is SID",
            "`ssl-session-cookie` was JSESSIONID and is SID",
            "`session-config`",
        ],
    },
    Row {
        pieces: &[(
            "path = \"/shop\"",
            "path = \"/shop\"\nsession-config = { cookie-length = 30 }",
        )],
        server: "app-a",
        taken: &[],
        restart: &["`session-config`"],
    },
    // A new web-app has no sessions yet.
    Row {
        pieces: &[("path = \"/shop\"", "path = \"/new\"\nsession-config = { cookie-length = 30 }")],
        server: "app-a",
        taken: &["cluster app-tier: web-apps"],
        restart: &[],
    },
    // Sessions that are kept were copied as it was written before.
    Row {
        pieces: &[("= { session-timeout = \"30m\" }", "= { copies = 1, degraded = \"accept\" }")],
        server: "app-a",
        taken: &[],
        restart: &[
            "`copies` of `session-config` was 2 and is 1",
            "`acknowledge` of `session-config` was backup and is owner",
        ],
    },
    Row {
        pieces: &[(
            "= { session-timeout = \"30m\" }",
            "= { session-timeout = \"1h\", acknowledge-timeout = \"1s\", degraded = \"refuse\" }",
        )],
        server: "app-b",
        taken: &[],
        restart: &[
            "`session-config`",
            "`acknowledge-timeout` of `session-config` was 500ms and is 1s",
            "`degraded` of `session-config` was accept and is refuse",
        ],
    },
    Row {
        pieces: &[("\"30m\" }", "\"30m\", always-save-session = true }")],
        server: "app-a",
        taken: &[],
        restart: &["`session-config`"],
    },
    Row {
        pieces: &[(
            "path = \"/shop\"",
            "path = \"/shop\"\nsession-config = { use-persistent-store = false }",
        )],
        server: "app-a",
        taken: &[],
        restart: &["`session-config`"],
    },
    Row {
        pieces: &[(
            "[cluster.app-tier]",
            "[cluster.app-tier]\npersistent-store = { type = \"cluster\", path = \"sessions\" }",
        )],
        server: "app-a",
        taken: &[],
        restart: &[
            "`type` of `persistent-store` was none and is cluster",
            "`path` of `persistent-store` was none and is /etc/copal/sessions",
            "`disk-sync` of `persistent-store` was none and is 1s",
            "`recovery-wait` of `persistent-store` was none and is 30s",
            "`max-away` of `persistent-store` was none and is 7d",
        ],
    },
    Row {
        pieces: &[
            ("[cluster.app-tier]", "[cluster.app-tier]\npersistent-store = { type = \"cluster\" }"),
            ("= { session-timeout = \"30m\" }", "= { session-timeout = \"30m\", copies = 1 }"),
        ],
        server: "web-a",
        taken: &[],
        restart: &[],
    },
    // The web tier keeps none.
    Row {
        pieces: &[("[cluster.app-tier]", "[cluster.app-tier]\nsession-cookie = \"SID\"")],
        server: "web-a",
        taken: &[
            "cluster app-tier: session-cookie JSESSIONID -> SID",
            "cluster app-tier: ssl-session-cookie JSESSIONID -> SID",
        ],
        restart: &[],
    },
];

#[test]
fn sessions_stay_as_they_were_begun() {
    run(SESSIONS);
}

#[test]
fn every_key_of_a_store_needs_a_restart() {
    let store = |keys: &str| {
        let store =
            format!("[cluster.app-tier]\npersistent-store = {{ type = \"cluster\"{keys} }}");
        with(&[("[cluster.app-tier]", &store)])
    };
    let old = store(", path = \"a\"");
    for (keys, expected) in [
        (", path = \"b\"", "`path` of `persistent-store` was /etc/copal/a and is /etc/copal/b"),
        (
            ", path = \"a\", disk-sync = \"always\"",
            "`disk-sync` of `persistent-store` was 1s and is always",
        ),
        (
            ", path = \"a\", disk-sync = \"never\"",
            "`disk-sync` of `persistent-store` was 1s and is never",
        ),
        (
            ", path = \"a\", recovery-wait = \"1m\"",
            "`recovery-wait` of `persistent-store` was 30s and is 1m",
        ),
        (", path = \"a\", max-away = \"1d\"", "`max-away` of `persistent-store` was 7d and is 1d"),
    ] {
        let new = store(keys);
        assert_eq!(needed(&old, &new, "app-a"), [expected]);
        assert_eq!(between(&old, &new, "app-a"), [""; 0]);
        let part = in_place::part(&old, &new, "app-a").unwrap();
        let cluster = |config: &Config| config.server("app-a").unwrap().0.persistent_store.clone();
        assert_eq!(cluster(&part), cluster(&old));
    }
}

#[test]
fn a_new_web_app_has_the_copies_that_the_server_makes() {
    let old = config(FILE);
    let host =
        "[[cluster.app-tier.host]]\nname = \"h\"\nweb-app = [{ app = \"demo\" }]\n[cluster.old]";
    let new = with(&[
        ("{ session-timeout = \"30m\" }", "{ session-timeout = \"1h\", copies = 1 }"),
        ("path = \"/shop\"", "path = \"/new\""),
        ("[cluster.old]", host),
    ]);
    let part = in_place::part(&old, &new, "app-a").unwrap();
    let (cluster, _) = part.server("app-a").unwrap();
    let [_, added] = cluster.hosts.default.web_apps.as_slice() else { panic!() };
    let [named] = cluster.hosts.named.as_slice() else { panic!() };
    for web_app in [added, &named.host.web_apps[0]] {
        assert_eq!((web_app.session.copies, cluster.session.copies), (2, 2));
        assert_eq!(web_app.session.acknowledge, cluster.session.acknowledge);
        // What is its own is new.
        assert_eq!(web_app.session.session_timeout, Some(std::time::Duration::from_secs(3600)));
    }
}

const LEFT: &[Row] = &[
    Row {
        pieces: &[("\"app-b\"", "\"app-c\""), ("\"1M\"", "\"2M\"")],
        server: "app-b",
        taken: &[],
        restart: &["this server is no longer in the file"],
    },
    Row {
        pieces: &[(
            "[[cluster.app-tier.server]]\nid = \"app-b\"",
            "[[cluster.other.server]]\nid = \"app-b\"",
        )],
        server: "app-b",
        taken: &[],
        restart: &["this server was in the cluster app-tier and is in other"],
    },
    Row {
        pieces: &[
            ("[cluster.web-tier]", "[cluster.web-tier]\ntier = \"app\""),
            ("load-balance = \"old\"", "forbidden = true"),
            ("load-balance = \"app-tier\"", "dispatch = true"),
            ("id = \"web-b\"", "id = \"web-b\"\nport = 6803"),
            ("id = \"web-a\"", "id = \"web-a\"\nport = 6804"),
        ],
        server: "web-b",
        taken: &[],
        restart: &["the cluster web-tier of this server was a web tier and is an app tier"],
    },
];

#[test]
fn a_server_that_has_left() {
    run(LEFT);
}
