//! The admin listener: what its keys mean, and what is wrong with it.

use super::{APP, BOTH, found, good, words};
use crate::secret::Secret;

const SECRET: &str = "secret = \"0123456789abcdef\"\n";

/// The admin listener of the only server, after three good lines.
fn admin(keys: &str) -> String {
    format!("{APP}admin = {keys}\n")
}

#[test]
fn it_is_for_this_host_unless_the_file_says_more() {
    let own = |text: &str| good(text).config.clusters[0].servers[0].admin.clone();
    assert_eq!(own(APP), None);
    let listener = own(&admin("{ port = 9000 }")).unwrap();
    assert_eq!(listener.address.with_port(listener.port), "127.0.0.1:9000");
    assert_eq!(listener.token, None);
    let key = Some(Secret::new(b"0123456789abcdef".to_vec()));
    for token in ["\"0123456789abcdef\"", "{ env = \"KEY\" }", "{ file = \"key\" }"] {
        let keys = format!("{{ address = \"10.0.0.1\", port = 1, token = {token} }}");
        let listener = own(&format!("{SECRET}{}", admin(&keys))).unwrap();
        assert_eq!(listener.address.with_port(listener.port), "10.0.0.1:1");
        assert_eq!(listener.token, key, "{token}");
    }
    // A web-tier server has one too.
    let text = BOTH.replace("id = \"w\"\n", "id = \"w\"\nadmin = { port = 9000 }\n");
    assert_eq!(own(&text).map(|listener| listener.port), Some(9000));
}

#[test]
fn servers_inherit_it_key_by_key() {
    let text = "[cluster.app.server-default.admin]\ntoken = { env = \"KEY\" }\nport = 9000\n\
                [[cluster.app.server]]\nid = \"a\"\nhttp = [{ port = 80 }]\n\
                [[cluster.app.server]]\nid = \"b\"\nport = 6801\nadmin = { port = 9001 }\n";
    let config = good(text).config;
    let admins = config.clusters[0].servers.iter().map(|server| server.admin.clone().unwrap());
    let admins: Vec<_> = admins.map(|admin| (admin.port, admin.token.is_some())).collect();
    assert_eq!(admins, [(9000, true), (9001, true)]);
}

/// The value of `admin`, and what is found as rule and column of the fifth line.
const WRONG: &[(&str, &[(&str, usize)])] = &[
    ("9000", &[("wrong-type", 9)]),
    ("false", &[("wrong-type", 9)]),
    ("{}", &[("missing-key", 9)]),
    ("{ port = \"9000\" }", &[("wrong-type", 18)]),
    ("{ port = 1, tls = \"x\" }", &[("unknown-key", 21)]),
    ("{ port = 1, address = \"10.0.0.1:1\" }", &[("invalid-address", 31)]),
    ("{ port = 1, address = \"10.0.0.1\" }", &[("missing-token", 31)]),
    ("{ port = 1, address = \"0.0.0.0\" }", &[("missing-token", 31)]),
    ("{ port = 1, address = \"app-1\" }", &[("missing-token", 31)]),
    ("{ port = 1, address = \"localhost\" }", &[]),
    ("{ port = 1, address = \"10.0.0.1\", token = 7 }", &[("wrong-type", 51)]),
    ("{ port = 1, token = \"0123456789abcde\" }", &[("short-secret", 29)]),
    ("{ port = 1, token = { env = \"NONE\" } }", &[("unreadable-secret", 37)]),
    ("{ port = 1, token = {} }", &[("missing-key", 29)]),
];

#[test]
fn what_is_wrong_with_it() {
    for (value, expected) in WRONG {
        let text = format!("{SECRET}{}", admin(value));
        let expected: Vec<_> = expected.iter().map(|(rule, at)| (*rule, 5, *at)).collect();
        assert_eq!(found(&text), expected, "\n{text}");
    }
    for (value, rule, expected) in [
        (
            "{}",
            "missing-key",
            "the `admin` listener of the server \"a\" has no `port` | write `admin = { port = … }`; \
             no port is the usual one",
        ),
        (
            "{ port = 1, address = \"10.0.0.1\" }",
            "missing-token",
            "the `admin` listener of the server \"a\" is at 10.0.0.1, which other hosts can reach, \
             and has no `token` | add `token = { env = \"NAME\" }` or `token = { file = \"path\" }`: \
             16 bytes or more",
        ),
        (
            "{ port = 1, token = \"short\" }",
            "short-secret",
            "the token has 5 bytes; 16 or more are needed | for example what `openssl rand -hex \
             32` prints",
        ),
        ("{ port = 1, token = {} }", "missing-key", "`token` has neither `env` nor `file` | "),
    ] {
        assert_eq!(words(&admin(value), rule), expected);
    }
}

#[test]
fn one_for_other_hosts_needs_a_secret_too() {
    let token = "token = \"0123456789abcdef\"";
    let text = admin(&format!("{{ port = 1, address = \"10.0.0.1\", {token} }}"));
    assert_eq!(found(&text), [("missing-secret", 4, 31)]);
    assert_eq!(
        words(&text, "missing-secret").split(" | ").next(),
        Some(
            "the `admin` listener of the server \"a\" is at 10.0.0.1, which other hosts can reach, \
             and there is no `secret`"
        )
    );
    // Of a web-tier server too; and one finding is enough.
    let web = format!("id = \"w\"\nadmin = {{ port = 9000, address = \"10.0.0.1\", {token} }}\n");
    let text = BOTH.replace("id = \"w\"\n", &web);
    let rules: Vec<_> = found(&text).iter().map(|(rule, ..)| *rule).collect();
    assert_eq!(rules, ["missing-secret"]);
    assert_eq!(found(&format!("{SECRET}{text}")), []);
}

#[test]
fn an_inherited_mistake_is_found_once() {
    let text = "[cluster.app.server-default]\nadmin = { token = \"short\" }\n\
                [[cluster.app.server]]\nid = \"a\"\nhttp = [{ port = 80 }]\nadmin = { port = 1 }\n\
                [[cluster.app.server]]\nid = \"b\"\nport = 6801\nadmin = { port = 2 }\n";
    assert_eq!(found(text), [("not-replicated", 1, 10), ("short-secret", 2, 19)]);
}
