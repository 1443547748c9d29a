//! The keys that say how a server is balanced to: what they mean, and what is wrong with them.

use std::time::Duration;

use super::{APP, BOTH, found, good, words};
use crate::cluster::Protocol;
use crate::server::{HealthCheck, LoadBalance};
use crate::usual;

/// How the servers of the last cluster are balanced to.
fn balanced(text: &str) -> Vec<LoadBalance> {
    let config = good(text).config;
    let servers = &config.clusters.last().unwrap().servers;
    servers.iter().map(|server| server.load_balance.clone()).collect()
}

/// One http server, with more keys.
fn foreign(keys: &str) -> String {
    format!(
        "{APP}[cluster.f]\nprotocol = \"http\"\n[[cluster.f.server]]\nid = \"f\"\nport = 1\n{keys}"
    )
}

fn check(path: &str, millis: [u64; 2], counts: [u32; 2]) -> HealthCheck {
    HealthCheck {
        path: path.to_owned(),
        interval: Duration::from_millis(millis[0]),
        timeout: Duration::from_millis(millis[1]),
        fall: counts[0].try_into().unwrap(),
        rise: counts[1].try_into().unwrap(),
    }
}

#[test]
fn the_defaults_of_the_reference() {
    let [keys] = balanced(BOTH).try_into().unwrap();
    assert_eq!((keys.weight, keys.backup), (100, false));
    assert_eq!((keys.recover_time.as_secs(), keys.busy_recover_time.as_secs()), (15, 15));
    assert_eq!((keys.warmup_time.as_secs(), keys.queue_timeout.as_secs()), (60, 5));
    assert_eq!(keys.max_requests, None);
    assert_eq!(keys.health_check, Some(check("/.copal/ready", [500, 500], [2, 2])));
    let [http] = balanced(&foreign("")).try_into().unwrap();
    assert_eq!(http, LoadBalance { health_check: None, ..keys });
    assert_eq!(http, usual::load_balance(Protocol::Http));
}

#[test]
fn every_key() {
    let text = "weight = 0\nbackup = true\nload-balance-busy-recover-time = \"1s\"\n\
                load-balance-warmup-time = \"0s\"\nload-balance-max-requests = 7\n\
                load-balance-queue-timeout = \"2s\"\n\
                health-check = { path = \"/up?x=1\", interval = \"9s\", timeout = \"8s\", fall = 7, rise = 6 }\n";
    let other = "[[cluster.app.server]]\nid = \"b\"\nport = 6801\nload-balance-max-requests = 0\n";
    let [keys, other] = balanced(&format!("{APP}{text}{other}")).try_into().unwrap();
    assert_eq!((keys.weight, keys.backup), (0, true));
    assert_eq!((keys.busy_recover_time.as_secs(), keys.queue_timeout.as_secs()), (1, 2));
    assert_eq!(keys.warmup_time, Duration::ZERO);
    assert_eq!(keys.max_requests.map(std::num::NonZeroUsize::get), Some(7));
    assert_eq!(keys.health_check, Some(check("/up?x=1", [9000, 8000], [7, 6])));
    assert_eq!(other.max_requests, None);
}

#[test]
fn health_checks_are_inherited_key_by_key() {
    // server-default of the cluster, keys of the server, what comes of both
    let ready = "/.copal/ready";
    for (default, own, expected) in [
        ("", "", Some(check(ready, [500, 500], [2, 2]))),
        ("", "health-check = {}", Some(check(ready, [500, 500], [2, 2]))),
        ("", "health-check = false", None),
        ("health-check = false", "", None),
        (
            "health-check = false",
            "health-check = { fall = 3 }",
            Some(check(ready, [500, 500], [3, 2])),
        ),
        ("health-check = { fall = 3 }", "health-check = false", None),
        (
            "health-check = { path = \"/up\", interval = \"2s\", rise = 4 }",
            "health-check = { timeout = \"1s\", rise = 1 }",
            Some(check("/up", [2000, 1000], [2, 1])),
        ),
        (
            "health-check = { path = \"/up\" }",
            "health-check = {}",
            Some(check("/up", [500, 500], [2, 2])),
        ),
    ] {
        let text = format!("[cluster.app.server-default]\n{default}\n{APP}{own}\n");
        assert_eq!(balanced(&text)[0].health_check, expected, "\n{text}");
    }
    // The same as a section of its own, for servers of somebody else.
    let section = "[cluster.f.server-default.health-check]\ninterval = \"5s\"\n";
    for (default, own, expected) in [
        ("", "", None),
        ("", "health-check = {}", Some(check("/", [2000, 2000], [3, 2]))),
        (section, "", Some(check("/", [5000, 2000], [3, 2]))),
        (section, "health-check = { path = \"/up\" }", Some(check("/up", [5000, 2000], [3, 2]))),
        (section, "health-check = false", None),
    ] {
        let text = format!("{}\n{default}", foreign(own));
        assert_eq!(balanced(&text)[0].health_check, expected, "\n{text}");
    }
}

#[test]
fn the_other_keys_are_inherited_too() {
    let text = "[cluster.app.server-default]\nweight = 7\nbackup = true\n\
                load-balance-max-requests = 9\nload-balance-warmup-time = \"1s\"\n\
                load-balance-queue-timeout = \"2s\"\nload-balance-busy-recover-time = \"3s\"\n\
                [[cluster.app.server]]\nid = \"a\"\nhttp = [{ port = 80 }]\n\
                [[cluster.app.server]]\nid = \"b\"\nport = 6801\nweight = 8\nbackup = false\n\
                load-balance-max-requests = 0\n";
    let [a, b] = balanced(text).try_into().unwrap();
    assert_eq!((a.weight, a.backup, b.weight, b.backup), (7, true, 8, false));
    assert_eq!((a.max_requests.map(std::num::NonZeroUsize::get), b.max_requests), (Some(9), None));
    for keys in [a, b] {
        let times = [keys.warmup_time, keys.queue_timeout, keys.busy_recover_time];
        assert_eq!(times.map(|time| time.as_secs()), [1, 2, 3]);
    }
}

/// A line of the server, the rule that it breaks, the column, and the message with its hint.
const WRONG: &[(&str, &str, usize, &str)] = &[
    (
        "weight = 1001",
        "out-of-range",
        10,
        "`weight` must be a whole number from 0 to 1000, not 1001 | ",
    ),
    (
        "weight = \"heavy\"",
        "wrong-type",
        10,
        "`weight` must be a whole number from 0 to 1000, not the string \"heavy\" | ",
    ),
    ("backup = 1", "wrong-type", 10, "`backup` must be true or false, not the number 1 | "),
    (
        "load-balance-warmup-time = 60",
        "invalid-duration",
        28,
        "\"60\" is not a time: its unit is missing | did you mean \"60s\"?",
    ),
    (
        "health-check = true",
        "wrong-type",
        16,
        "`health-check` must be a table or false, not true | write `health-check = {}` for one \
         with the usual values",
    ),
    (
        "health-check = \"/up\"",
        "wrong-type",
        16,
        "`health-check` must be a table or false, not the string \"/up\" | ",
    ),
    (
        "health-check = { path = \"up\" }",
        "invalid-target",
        25,
        "\"up\" is not what a request can ask for: it does not begin with `/` | write the path \
         alone, without a scheme and a host",
    ),
    (
        "health-check = { path = \"/a b\" }",
        "invalid-target",
        28,
        "\"/a b\" is not what a request can ask for: \" \" cannot stand in it | write it \
         percent-encoded, as it is sent: a space is `%20`",
    ),
    (
        "health-check = { path = \"/a#b\" }",
        "invalid-target",
        28,
        "\"/a#b\" is not what a request can ask for: \"#\" cannot stand in it | write it \
         percent-encoded, as it is sent: a space is `%20`",
    ),
    (
        "health-check = { path = \"/\\r\\nX: 1\" }",
        "invalid-target",
        25,
        "\"/\\r\\nX: 1\" is not what a request can ask for: \"\\r\" cannot stand in it | write it \
         percent-encoded, as it is sent: a space is `%20`",
    ),
    (
        "health-check = { fall = 0 }",
        "out-of-range",
        25,
        "`fall` must be a whole number from 1 to 100, not 0 | ",
    ),
    (
        "health-check = { interval = \"1ms\" }",
        "out-of-range",
        29,
        "`interval` must be from \"10ms\" to \"1d\", not \"1ms\" | ",
    ),
    ("health-check = { url = \"/\" }", "unknown-key", 18, "unknown key `url` in `health-check` | "),
    (
        "fall = 2",
        "unknown-key",
        1,
        "unknown key `fall` in a server | `fall` belongs elsewhere: write it in `health-check = \
         { … }` of a server",
    ),
    (
        "token = \"0123456789abcdef\"",
        "unknown-key",
        1,
        "unknown key `token` in a server | `token` belongs elsewhere: write it in `admin = { … }` \
         of a server",
    ),
];

#[test]
fn what_is_wrong_with_them() {
    for (line, rule, column, expected) in WRONG {
        let text = format!("{APP}{line}\n");
        assert_eq!(found(&text), [(*rule, 4, *column)], "\n{text}");
        assert_eq!(words(&text, rule), *expected);
    }
}

#[test]
fn a_check_that_is_not_over_when_the_next_one_is_due() {
    for (keys, expected) in [
        ("timeout = \"501ms\"", vec![("health-check-timeout", 4, 28)]),
        ("interval = \"499ms\"", vec![("health-check-timeout", 4, 29)]),
        ("interval = \"1s\", timeout = \"2s\"", vec![("health-check-timeout", 4, 45)]),
        ("interval = \"1s\", timeout = \"1s\"", vec![]),
        ("timeout = \"400ms\"", vec![]),
        ("interval = \"10\", timeout = \"9s\"", vec![("invalid-duration", 4, 29)]),
    ] {
        let text = format!("{APP}health-check = {{ {keys} }}\n");
        assert_eq!(found(&text), expected, "\n{text}");
    }
    let text = format!("{APP}health-check = {{ timeout = \"2s\" }}\n");
    assert_eq!(
        words(&text, "health-check-timeout"),
        "a health check may take \"2s\" and the next one is due after \"500ms\" | make `timeout` \
         smaller or `interval` larger"
    );
    good(&text);
}

#[test]
fn clusters_in_which_no_session_can_begin() {
    // keys of the first server, keys of the second, the column in the third line of the first
    for (first, second, column) in [
        ("", "", None),
        ("weight = 0", "", None),
        ("backup = true", "", None),
        ("weight = 0", "weight = 0", Some(10)),
        ("weight = 0", "backup = true", Some(10)),
        ("backup = true", "weight = 0", Some(10)),
        ("backup = true", "backup = true", Some(10)),
        ("backup = true", "weight = 1", None),
    ] {
        let text = format!(
            "[[cluster.app.server]]\nid = \"a\"\n{first}\nhttp = [{{ port = 80 }}]\n\
             [[cluster.app.server]]\nid = \"b\"\nport = 6801\n{second}\n"
        );
        let mut found = found(&text);
        found.retain(|(rule, ..)| *rule != "not-replicated");
        let expected: Vec<_> =
            column.into_iter().map(|column| ("no-new-sessions", 3, column)).collect();
        assert_eq!(found, expected, "\n{text}");
        good(&text);
    }
    let own = format!("{APP}weight = 0\n");
    assert_eq!(
        words(&own, "no-new-sessions"),
        "no server of the cluster \"app\" takes new sessions: each has `weight = 0` | give one of \
         them a `weight` above 0"
    );
    assert_eq!(
        words(&foreign("backup = true\n"), "no-new-sessions"),
        "no server of the cluster \"f\" takes new sessions but as a backup: each has `backup = \
         true` or `weight = 0` | leave one of them without `backup`, with a `weight` above 0"
    );
}
