//! What a person gets to read.

use super::{APP, BOTH, check, found, good, report, words};
use crate::finding::Severity;
use crate::summary::Summary;

/// Sixteen lines, each with a mistake of another kind, and what they break together.
const MANY: &str = r#"workers = 0
secret = "short"
colour = "red"
[log]
level = "inf"
[limits]
header-timeout = "15"
max-head = "64Q"
[[cluster.web-tier.server]]
id = "web a"
port = 6800
secret = "0123456789abcdef"
http = [{ port = 80800 }]
[[cluster.web-tier.rewrite-dispatch]]
regexp = "\.png$"
dispatch = true
[[cluster.web-tier.rewrite-dispatch]]
regexp = '^/(a'
load-balance = "app-teir"
[[cluster.web-tier.rewrite-dispatch]]
forbidden = true
not-found = true
[[cluster.web-tier.rewrite-dispatch]]
regexp = '^/b'
redirect = "/x/$1"
[cluster.app-tier]
session-cookie = "a b"
this line is broken
sticky-sessions = yes
[[cluster.app-tier.server]]
id = "app-a"
index = 1
[[cluster.app-tier.server]]
id = "app-a"
port = 6801
[[cluster.app-tier.web-app]]
path = "shop/"
app = "demo"
session-config = { cookie-length = 10 }
[cluster.empty]
"#;

#[test]
fn every_mistake_of_a_file_at_once() {
    let expected = [
        ("out-of-range", 1, 11),
        ("short-secret", 2, 10),
        ("unknown-key", 3, 1),
        ("unknown-value", 5, 9),
        ("invalid-duration", 7, 18),
        ("invalid-size", 8, 12),
        ("invalid-server-id", 10, 6),
        ("wrong-tier", 11, 8),
        ("unknown-key", 12, 1),
        ("out-of-range", 13, 18),
        ("syntax", 15, 11),
        ("invalid-regexp", 18, 13),
        ("dangling-cluster", 19, 16),
        ("several-actions", 22, 1),
        ("unknown-group", 25, 16),
        ("invalid-cookie", 27, 18),
        ("syntax", 28, 6),
        ("syntax", 29, 19),
        ("duplicate-server-id", 34, 6),
        ("invalid-path", 37, 8),
        ("out-of-range", 39, 36),
        ("empty-cluster", 40, 10),
    ];
    assert_eq!(found(MANY), expected);
    let report = check(MANY).unwrap_err();
    assert_eq!((report.count(), report.count_of(Severity::Error)), (22, 22));
    assert!(report.to_string().ends_with("cluster.toml: 22 errors"));
}

#[test]
fn a_whole_report() {
    let text = "secret = \"0123456789abcde\"\nworkers = 0\n[[cluster.web-tier.server]]\nid = \"w\"\n\
                http = [{ port = 80 }]\n[[cluster.app-tier.server]]\nid = \"w\"\ncolor = 'blau'\n\
                [[cluster.web-tier.rewrite-dispatch]]\nregexp = \"(\\.png|\\.gif)\"\n\
                load-balance = \"app-teir\"\n";
    let expected = r#"error[short-secret]: the secret has 15 bytes; 16 or more are needed
 --> cluster.toml:1:10
  |
1 | secret = *****************
  |          ^^^^^^^^^^^^^^^^^
  |
  = help: for example what `openssl rand -hex 32` prints

error[out-of-range]: `workers` must be a whole number from 1 to 1024, not 0
 --> cluster.toml:2:11
  |
2 | workers = 0
  |           ^

error[duplicate-server-id]: two servers have the id "w"
 --> cluster.toml:7:6
  |
7 | id = "w"
  |      ^^^
  |
 ::: cluster.toml:4:6
  |
4 | id = "w"
  |      --- the first one
  |
  = help: an id is unique in the whole file, not only in its cluster

error[unknown-key]: unknown key `color` in a server
 --> cluster.toml:8:1
  |
8 | color = 'blau'
  | ^^^^^

warning[unanchored-extension]: the regexp '(\.png|\.gif)' matches anywhere in the path, not only at its end
  --> cluster.toml:10:10
   |
10 | regexp = "(\.png|\.gif)"
   |          ^^^^^^^^^^^^^^^
   |
   = help: paths such as "/report.pngs/secret" or "/a.gif.cgi" match an extension that is not anchored; to match it at the end only, write '(\.png|\.gif)$'

error[syntax]: `\.` is no escape of a string in double quotes
  --> cluster.toml:10:12
   |
10 | regexp = "(\.png|\.gif)"
   |            ^^
   |
   = help: write a regexp in single quotes, where a backslash stands for itself: '\.png$'

error[dangling-cluster]: there is no cluster "app-teir"
  --> cluster.toml:11:16
   |
11 | load-balance = "app-teir"
   |                ^^^^^^^^^^
   |
   = help: did you mean "app-tier"?

cluster.toml: 6 errors, 1 warning"#;
    assert_eq!(report(text).to_string(), expected);
}

#[test]
fn colours_only_when_asked_for() {
    let report = report("workers = 0");
    assert!(!format!("{report}").contains('\u{1b}'));
    assert!(format!("{report:#}").contains('\u{1b}'));
}

#[test]
fn nothing_found() {
    let warnings = good(APP).warnings;
    assert!(warnings.is_empty());
    assert_eq!(warnings.to_string(), "cluster.toml: nothing found");
}

#[test]
fn secrets_are_never_shown() {
    let key = "sEcReT-kEy-0123";
    for text in [
        format!("secret = \"{key}\"\n{APP}"),
        format!("secret = '{key}\n{APP}"),
        format!("secret = {key}\n{APP}"),
        format!("secert = \"{key}{key}\"\n{APP}"),
        format!("{APP}secret = \"{key}{key}\"\n"),
        format!("{APP}[[cluster.app.rewrite-dispatch]]\n  secret=\"{key}\"\n"),
        format!("secret = [\"{key}\"]\n{APP}"),
        format!("secret = \"{key}\"\nsecret = \"{key}\"\n{APP}"),
        format!("\"secret\" = \"{key}\"\n{APP}"),
        format!("secret = '''\n{key}\n"),
        format!("secret = \"\"\"\n\n{key}\n{APP}"),
        format!("secret = {{ value = \"{key}\" }}\n{APP}"),
        format!("secret = {{ evn = \"{key}\" }}\n{APP}"),
        format!("secret = {{ evn = \"{key}\n{APP}"),
        format!("secret = {{\n  value = \"{key}\n{APP}"),
        format!("secret.value = \"{key}\"\n{APP}"),
        format!("secret =\n\"{key}\"\n{APP}"),
        format!("secret: {key}\n{APP}"),
        format!("{APP}[secret]\nvalue = \"{key}\"\n"),
        format!("{APP}[secret]\n{key}\n"),
        format!("secret_key = \"{key}\"\n{APP}"),
        format!("shared-secret = \"{key}\"\n{APP}"),
        format!("Password = \"{key}\"\n{APP}"),
        format!("{APP}token = [\n  \"{key}\",\n]\n"),
        format!("{APP}admin = {{ port = 1, token = \"{key}\" }}\n"),
        format!("{APP}admin = {{ port = 1, token = \"{key}\"\n"),
        format!("{APP}[cluster.app.server.admin]\ntoken = {{ value = \"{key}{key}\" }}\n"),
        format!("{APP}[cluster.app.server.admin]\ntokne = \"{key}{key}\"\n"),
        format!("{APP}[cluster.app.server-default.admin]\ntoken = [\"{key}{key}\"]\n"),
    ] {
        let shown = report(&text).to_string();
        assert!(shown.contains("error"), "{shown}");
        assert!(!shown.contains(key), "{shown}");
    }
    let admin = format!("admin = {{ port = 1, token = \"{key}{key}\" }}\n");
    let config = good(&format!("secret = \"{key}{key}\"\n{APP}{admin}")).config;
    assert!(!format!("{config:?}").contains(key));
}

#[test]
fn what_is_no_secret_is_shown() {
    for text in [
        "[cluster.keycloak]\ntier = \"x\" # shown\n".to_owned(),
        "secret = { env = \"SHORT\" } # shown\n".to_owned(),
        format!("{APP}admin = {{ port = 1, token = {{ env = \"shown\" }} }}\n"),
        "workers = 0 # not a secret = shown\n".to_owned(),
        format!("{APP}[[cluster.app.rewrite-dispatch]]\nredirect = \"/?token=shown$1\"\n"),
    ] {
        let shown = report(&text).to_string();
        assert!(shown.contains("shown"), "{shown}");
    }
}

#[test]
fn of_many_mistakes_of_a_kind_only_the_first_are_printed() {
    let keys: String = (0..20_000).map(|number| format!("colour{number} = 1\n")).collect();
    let report = report(&format!("{keys}workers = 0\n{APP}"));
    assert_eq!(report.count(), 20_001);
    let shown = report.to_string();
    assert!(shown.contains("`colour19`") && !shown.contains("`colour20`"), "{shown}");
    assert!(shown.contains("[unknown-key]: and 19980 more of this kind"), "{shown}");
    assert!(shown.contains("out-of-range") && shown.len() < 10_000, "{}", shown.len());
    assert!(shown.ends_with("20001 errors"));
}

#[test]
fn keys_that_belong_elsewhere() {
    for (key, part) in [
        ("secret = \"0123456789abcdef\"", "at the top of the file, before the first `[…]` header"),
        ("workers = 2", "at the top of the file"),
        ("level = \"info\"", "under `[log]`"),
        ("max-head = \"1K\"", "under `[limits]`"),
        ("session-cookie = \"A\"", "under `[cluster.NAME]`"),
        ("cookie-length = 26", "under `[cluster.NAME.session-config]`"),
        ("dispatch = true", "under `[[cluster.NAME.rewrite-dispatch]]`"),
        ("root = \"x\"", "under `[[cluster.NAME.web-app]]`"),
        ("alias = []", "under `[[cluster.NAME.host]]`"),
        ("adress = \"::1\"", "did you mean `address`?"),
        ("socket_timeout = \"1s\"", "did you mean `socket-timeout`?"),
    ] {
        let message = words(&format!("{APP}{key}\n"), "unknown-key");
        assert!(message.contains(part), "{key}: {message}");
    }
}

#[test]
fn hints_for_values() {
    for (text, rule, part) in [
        (
            format!("[limits]\nbody-timeout = \"30\"\n{APP}"),
            "invalid-duration",
            "did you mean \"30s\"?",
        ),
        (
            format!("[limits]\nbody-timeout = 30\n{APP}"),
            "invalid-duration",
            "did you mean \"30s\"?",
        ),
        (
            format!("[limits]\nmax-head = \"1k\"\nmax-uri = \"1x\"\n{APP}"),
            "invalid-size",
            "\"64K\"",
        ),
        (format!("[log]\nlevel = \"wran\"\n{APP}"), "unknown-value", "did you mean \"warn\"?"),
        (format!("{APP}address = \"a:80\"\n"), "invalid-address", "`port = …`"),
        (format!("{APP}address = \"10.0.0.1\"\n"), "missing-secret", "secret = { env"),
        (
            format!("{APP}[cluster.app]\nsession-config = {{ cookie-length = 16 }}"),
            "out-of-range",
            "guessable",
        ),
        (
            format!("{APP}[cluster.app]\nsession-config = {{ cookie-length = 99 }}"),
            "out-of-range",
            "from 24 to 64",
        ),
        (
            format!("{APP}keepalive-timeout = \"4s\"\n"),
            "idle-time",
            "\"5s\"; it must be below its `keepalive-timeout`, which is \"4s\"",
        ),
        (
            format!("{APP}[cluster.app]\npersistent-store = {{ type = \"sql\" }}"),
            "unknown-value",
            "it has \"none\"",
        ),
    ] {
        let message = words(&text, rule);
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn long_and_odd_values_stay_readable() {
    let long = "x".repeat(10_000);
    let text =
        format!("{APP}[cluster.app]\ntier = \"{long}\"\nprotocol = \"\\u001b[31m\\u0007\"\n");
    for finding in report(&text).findings() {
        assert!(finding.message.len() < 200 && !finding.message.contains('\u{1b}'), "{finding:?}");
    }
}

#[test]
fn a_summary() {
    let text = format!(
        "{BOTH}[[cluster.app.server]]\nid = \"b\"\nport = 6801\nindex = 26\naddress = \"::1\"\n\
         [[cluster.app.web-app]]\napp = \"demo\"\n\
         [[cluster.web-tier.host]]\nname = \"*.example.com\"\nregexp = 'x'\n\
         rewrite-dispatch = [{{ regexp = '^/(a)', redirect = \"/$$$1${{query}}\" }}]\n\
         web-app = [{{ root = \"files\", path = \"/f\" }}]\n\
         [cluster.old]\nprotocol = \"http\"\nserver = [{{ id = \"o\", port = 81, address = \"old\" }}]\n"
    );
    let expected = "\
cluster web-tier (web tier, 1 server)
  server w index 0 letter a http 0.0.0.0:8080
  rule in line 6: everything -> load-balance app
  host *.example.com, regexp \\A(?:x)\\z
    rule in line 18: ^/(a) -> redirect /$$${1}${query}
    web-app /f root /etc/copal/files

cluster app (app tier, 2 servers)
  server a index 0 letter a port 127.0.0.1:6800
  server b index 26 letter A port [::1]:6801
  web-app / app demo

cluster old (http servers, 1 server)
  server o index 0 letter a port old:81
";
    assert_eq!(Summary(&good(&text).config).to_string(), expected);
}

#[test]
fn a_summary_tells_what_is_not_the_usual() {
    let text = "\
[[cluster.web-tier.server]]
id = \"w\"
http = [{ port = 8080 }]
[cluster.app]
strategy = \"adaptive\"
[[cluster.app.server]]
id = \"a\"
weight = 50
backup = true
load-balance-max-requests = 7
health-check = false
[[cluster.app.server]]
id = \"b\"
port = 6801
admin = { port = 9000, token = \"0123456789abcdef\" }
";
    let foreign = "[cluster.old]\nprotocol = \"http\"\nserver = [{ id = \"o\", port = 81, health-check = { interval = \"9s\" } }]\n";
    let expected = "\
cluster app (app tier, 2 servers) strategy least-connection
  server a index 0 letter a port 127.0.0.1:6800 weight 50 backup true load-balance-max-requests 7 health-check off
  server b index 1 letter b port 127.0.0.1:6801 admin 127.0.0.1:9000

cluster old (http servers, 1 server)
  server o index 0 letter a port 127.0.0.1:81 health-check / every 9s within 2s (fall 3, rise 2)
";
    let shown = Summary(&good(&format!("{text}{foreign}")).config).to_string();
    assert!(shown.ends_with(expected), "{shown}");
}
