//! Broken rules of the top level, of clusters or servers: what is found, at which place.

use super::{APP, BOTH, found, words};

/// A text before three good lines, a text after them, what is found as rule, line, column.
type Row = (&'static str, &'static str, &'static [(&'static str, usize, usize)]);

fn run(rows: &[Row]) {
    for (before, after, expected) in rows {
        let text = format!("{before}{APP}{after}");
        assert_eq!(found(&text), *expected, "\n{text}");
    }
}

#[test]
fn nothing_is_found_in_good_files() {
    assert_eq!(found(APP), []);
    assert_eq!(found(BOTH), []);
}

const TOP: &[Row] = &[
    ("colour = 1\n", "", &[("unknown-key", 1, 1)]),
    ("workers = \"2\"\n", "", &[("wrong-type", 1, 11)]),
    ("workers = 1.5\n", "", &[("wrong-type", 1, 11)]),
    ("log = 1\n", "", &[("wrong-type", 1, 7)]),
    ("run-dir = \"\"\n", "", &[("invalid-file", 1, 11)]),
    ("run-dir = 1\n", "", &[("wrong-type", 1, 11)]),
    ("[limits]\nmin-body-rate = \"256 B/s\"\n", "", &[("invalid-size", 2, 17)]),
    ("[log]\nlevel = \"loud\"\n", "", &[("unknown-value", 2, 9)]),
    (
        "[log]\nformat = \"xml\"\naccess = \"off\"\n",
        "",
        &[("unknown-value", 2, 10), ("unknown-key", 3, 1)],
    ),
    ("[limits]\nheader-timeout = 10\n", "", &[("invalid-duration", 2, 18)]),
    ("[limits]\nheader-timeout = true\n", "", &[("wrong-type", 2, 18)]),
    ("[limits]\nmax-head = \"1X\"\n", "", &[("invalid-size", 2, 12)]),
    ("[limits]\nmax-head = 1.5\n", "", &[("wrong-type", 2, 12)]),
    ("[limits]\nmax-uri = \"64K\"\n", "", &[("limits-contradict", 2, 11)]),
    ("[limits]\nmax-head = \"4K\"\n", "", &[("limits-contradict", 2, 12)]),
    ("[limits]\nmerge-slashes = 1\n", "", &[("wrong-type", 2, 17)]),
    (
        "[limits]\ntrusted-proxies = [\"10.0.0.0/8\", \"10.0.0.0/40\", 7]\n",
        "",
        &[("invalid-network", 2, 34), ("wrong-type", 2, 49)],
    ),
    ("[limits]\ntrusted-proxies = \"10.0.0.0/8\"\n", "", &[("wrong-type", 2, 19)]),
];

#[test]
fn top_level_log_and_limits() {
    run(TOP);
    assert_eq!(found("cluster = 3"), [("no-cluster", 1, 1), ("wrong-type", 1, 11)]);
    assert_eq!(found(""), [("no-cluster", 1, 1)]);
    assert_eq!(found("[cluster.a]"), [("empty-cluster", 1, 10), ("no-listener", 1, 10)]);
    assert_eq!(found("[cluster]\na = 1"), [("no-cluster", 1, 1), ("wrong-type", 2, 1)]);
}

const SECRETS: &[Row] = &[
    ("secret = \"0123456789abcdef\"\n", "", &[]),
    ("secret = \"0123456789abcde\"\n", "", &[("short-secret", 1, 10)]),
    ("secret = { env = \"KEY\" }\n", "", &[]),
    ("secret = { env = \"SHORT\" }\n", "", &[("short-secret", 1, 18)]),
    ("secret = { env = \"NONE\" }\n", "", &[("unreadable-secret", 1, 18)]),
    ("secret = { file = \"key\" }\n", "", &[]),
    ("secret = { file = \"/run/key\" }\n", "", &[]),
    ("secret = { file = \"longest\" }\n", "", &[]),
    ("secret = { file = \"long\" }\n", "", &[("out-of-range", 1, 19)]),
    ("secret = { file = \"gone\" }\n", "", &[("unreadable-secret", 1, 19)]),
    ("secret = { env = \"KEY\", file = \"key\" }\n", "", &[("several-actions", 1, 10)]),
    ("secret = { }\n", "", &[("missing-key", 1, 10)]),
    ("secret = { evn = \"KEY\" }\n", "", &[("missing-key", 1, 10), ("unknown-key", 1, 12)]),
    ("secret = { env = 1 }\n", "", &[("wrong-type", 1, 18)]),
    ("secret = 1234567890123456\n", "", &[("wrong-type", 1, 10)]),
    ("", "address = \"10.0.0.1\"\n", &[("missing-secret", 4, 11)]),
    ("", "address = \"app-1\"\n", &[("missing-secret", 4, 11)]),
    ("", "address = \"localhost\"\n", &[]),
    ("", "address = \"::1\"\n", &[]),
    ("secret = \"0123456789abcdef\"\n", "address = \"10.0.0.1\"\n", &[]),
    // A broken secret is one finding, not two.
    ("secret = \"x\"\n", "address = \"10.0.0.1\"\n", &[("short-secret", 1, 10)]),
];

#[test]
fn secrets() {
    run(SECRETS);
    // Public listeners and foreign servers need none.
    let foreign = "[cluster.f]\nprotocol = \"http\"\nserver = [{ id = \"f\", address = \"10.0.0.9\", port = 1 }]";
    assert_eq!(found(&format!("{BOTH}{foreign}")), []);
    let several =
        "server-default.address = \"10.0.0.1\"\n[[cluster.a.server]]\nid = \"b\"\nport = 1\n";
    let text = format!("{APP}[cluster.a]\n{several}[[cluster.a.server]]\nid = \"c\"");
    let message = words(&text, "missing-secret");
    assert!(
        message.contains("\"b\" is at 10.0.0.1") && message.contains("and 1 more"),
        "{message}"
    );
}

const CLUSTERS: &[Row] = &[
    (
        "",
        "[cluster.\"a b\"]\nserver = [{ id = \"b\", port = 1 }]\n",
        &[("invalid-cluster-name", 4, 10)],
    ),
    ("", "[[cluster.b]]\n", &[("wrong-type", 4, 11)]),
    ("", "[cluster.app]\ntier = \"db\"\n", &[("unknown-value", 5, 8)]),
    ("", "[cluster.app]\nprotocol = \"h2\"\n", &[("unknown-value", 5, 12)]),
    ("", "[cluster.app]\nstrategy = \"random\"\n", &[("unknown-value", 5, 12)]),
    ("", "[cluster.app]\nsticky-sessions = \"no\"\n", &[("wrong-type", 5, 19)]),
    (
        "",
        "[cluster.app]\nsession-cookie = \"a b\"\nssl-session-cookie = \"\"\n",
        &[("invalid-cookie", 5, 18), ("invalid-cookie", 6, 22)],
    ),
    ("", "[cluster.app]\nsession-url-prefix = \"jsessionid\"\n", &[("invalid-url-prefix", 5, 22)]),
    ("", "[cluster.app.persistent-store]\ntype = \"sql\"\n", &[("unknown-value", 5, 8)]),
    ("", "[cluster.app.persistent-store]\ntype = \"none\"\n", &[]),
    ("", "[cluster.app.persistent-store]\n", &[("missing-key", 4, 1)]),
    ("", "[cluster.app.persistent-store]\ntype = 1\n", &[("wrong-type", 5, 8)]),
    ("", "[cluster.app]\nsticky = \"prefix\"\n", &[("unknown-key", 5, 1)]),
    (
        "",
        "[cluster.app]\nserver-default = { id = \"x\", index = 2 }\n",
        &[("unknown-key", 5, 20), ("unknown-key", 5, 30)],
    ),
];

#[test]
fn clusters() {
    run(CLUSTERS);
    assert!(words(&format!("{APP}[[cluster.b]]"), "wrong-type").contains("`[cluster.b]`"));
    assert_eq!(
        found("[cluster.app.server]\nid = \"a\"\nhttp = [{ port = 80 }]"),
        [("wrong-type", 1, 1)]
    );
    assert!(words("[cluster.app.server]\nid = \"a\"", "wrong-type").contains("two brackets"));
}

const SERVERS: &[Row] = &[
    ("", "[[cluster.app.server]]\nport = 1\n", &[("not-replicated", 1, 11), ("missing-key", 4, 1)]),
    (
        "",
        "[[cluster.app.server]]\nid = 7\nport = 1\n",
        &[("not-replicated", 1, 11), ("wrong-type", 5, 6)],
    ),
    ("", "[[cluster.b.server]]\nid = \"-b\"\nport = 1\n", &[("invalid-server-id", 5, 6)]),
    ("", "[[cluster.b.server]]\nid = \"a\"\nport = 1\n", &[("duplicate-server-id", 5, 6)]),
    ("", "index = \"a\"\n", &[("wrong-type", 4, 9)]),
    ("", "address = \"1.2.3\"\n", &[("invalid-address", 4, 11)]),
    ("", "keepalive-timeout = \"5s\"\n", &[("idle-time", 4, 21)]),
    ("", "load-balance-idle-time = \"15s\"\n", &[("idle-time", 4, 26)]),
    ("", "load-balance-idle-time = \"14999ms\"\n", &[]),
    ("", "keepalive-timeout = \"5001ms\"\n", &[]),
    ("", "scheme = \"http\"\n", &[("unknown-key", 4, 1)]),
];

#[test]
fn servers() {
    run(SERVERS);
    assert_eq!(
        found("[[cluster.app.server]]\nid = \"a\"\nhttp = [{}, { port = 1, tls = [] }, 3]"),
        [("missing-key", 3, 9), ("unknown-key", 3, 25), ("wrong-type", 3, 37)]
    );
    assert_eq!(
        found("[[cluster.app.server]]\nid = \"a\"\nhttp = 8080"),
        [("no-listener", 1, 11), ("wrong-type", 3, 8)]
    );
}

#[test]
fn a_server_whose_id_was_rejected_is_named_by_its_line() {
    let server = |keys: &str| format!("[[cluster.app.server]]\nid = \"app a\"\n{keys}\n");
    for (text, rule) in [
        (format!("{APP}{}", server("")), "duplicate-port"),
        (format!("{APP}{}", server("port = 1\nindex = 0")), "duplicate-index"),
        (format!("{APP}{}", server("port = 1\naddress = \"10.0.0.1\"")), "missing-secret"),
        (format!("{APP}{}", server("port = 1\nkeepalive-timeout = \"5s\"")), "idle-time"),
        (
            format!("{APP}[cluster.f]\nprotocol = \"http\"\n[[cluster.f.server]]\nid = \"a b\"\n"),
            "missing-key",
        ),
    ] {
        let message = words(&text, rule);
        assert!(message.contains("the server in line ") && !message.contains("\"\""), "{message}");
    }
}

#[test]
fn of_several_actions_each_is_checked() {
    let rule = "[[cluster.web-tier.rewrite-dispatch]]\nregexp = '^/a'\n";
    let text = format!("{BOTH}{rule}load-balance = \"nowhere\"\nforbidden = true\n");
    let rules: Vec<_> = found(&text).iter().map(|(rule, ..)| *rule).collect();
    assert!(rules.contains(&"dangling-cluster") && rules.contains(&"several-actions"), "{rules:?}");
}
