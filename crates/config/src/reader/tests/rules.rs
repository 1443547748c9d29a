//! Broken rules of rewrite-dispatch: what is found, at which place.

use super::{APP, BOTH, found, words};

/// What is written, and what is found as rule, line, column.
type Row = (&'static str, &'static [(&'static str, usize, usize)]);

const RULES: &[Row] = &[
    ("dispatch = true", &[]),
    ("dispatch = \"/x\"", &[]),
    ("redirect = \"https://${host}/x\"", &[]),
    ("moved-permanently = \"/x?a\"", &[]),
    ("forbidden = true", &[]),
    ("not-found = true", &[]),
    ("", &[("missing-action", 4, 1)]),
    ("regexp = '^/x'", &[("missing-action", 4, 1)]),
    ("dispatch = true\nforbidden = true\nredirect = \"/\"", &[("several-actions", 7, 1)]),
    ("dispatch = false", &[("unknown-value", 5, 12)]),
    ("forbidden = false", &[("unknown-value", 5, 13)]),
    ("not-found = false", &[("unknown-value", 5, 13)]),
    ("not-found = 1", &[("wrong-type", 5, 13)]),
    ("dispatch = 1", &[("wrong-type", 5, 12)]),
    ("dispatch = \"x\"", &[("invalid-target", 5, 12)]),
    ("redirect = \"x\"", &[("invalid-target", 5, 12)]),
    ("redirect = true", &[("wrong-type", 5, 12)]),
    ("moved-permanently = \"/a b\"", &[("invalid-target", 5, 24)]),
    ("redirect = \"/$1\"", &[("unknown-group", 5, 14)]),
    ("regexp = '^/(a)'\nredirect = \"/$1/$2\"", &[("unknown-group", 6, 17)]),
    ("regexp = '^/(?<n>a)'\nredirect = \"/$m\"", &[("unknown-group", 6, 14)]),
    // The groups of a broken regexp are not known.
    ("regexp = '^/(a'\nredirect = \"/$1\"", &[("invalid-regexp", 5, 13)]),
    ("regexp = \"^/(a\"\ndispatch = true", &[("invalid-regexp", 5, 13)]),
    // With escapes before it, the place inside is not known.
    ("regexp = \"a\\\\d(a\"\ndispatch = true", &[("invalid-regexp", 5, 10)]),
    ("regexp = '''\n^/(a'''\ndispatch = true", &[("invalid-regexp", 6, 3)]),
    ("regexp = '(?:\\w{1000}){100}'\ndispatch = true", &[("regexp-too-large", 5, 10)]),
    ("regexp = 1\ndispatch = true", &[("wrong-type", 5, 10)]),
    ("load-balance = \"app\"", &[("own-cluster", 5, 16)]),
    ("load-balance = \"nobody\"", &[("dangling-cluster", 5, 16)]),
    ("load-balance = true", &[("wrong-type", 5, 16)]),
    ("proxy = \"http://h:1\"\ndispatch = true", &[("unknown-key", 5, 1)]),
    // The unknown key is the action, most likely.
    ("redirect-permanent = \"/x\"", &[("unknown-key", 5, 1)]),
    ("regexp = '^/x'\nproxy = \"http://h:1\"", &[("unknown-key", 6, 1)]),
];

#[test]
fn rules_of_the_file() {
    let rule = "[[cluster.app.rewrite-dispatch]]\n";
    for (written, expected) in RULES {
        let text = format!("{APP}{rule}{written}\n");
        assert_eq!(found(&text), *expected, "\n{text}");
    }
    let inline =
        format!("{APP}[cluster.app]\nrewrite-dispatch = [ {{ forbidden = true }}, {{ }} ]");
    assert_eq!(found(&inline), [("missing-action", 5, 44), ("unreachable-rule", 5, 44)]);
}

#[test]
fn clusters_that_cannot_be_balanced() {
    let text = format!("{BOTH}[[cluster.app.rewrite-dispatch]]\nload-balance = \"web-tier\"\n");
    assert_eq!(found(&text), [("balanced-web-tier", 9, 16)]);
    let text = BOTH.replace("= \"app\"", "= \"ap\"");
    assert_eq!(found(&text), [("dangling-cluster", 7, 16)]);
    assert!(words(&text, "dangling-cluster").contains("did you mean \"app\"?"));
    let text = BOTH.replace("= \"app\"", "= \"shop\"");
    assert!(words(&text, "dangling-cluster").contains("the file has \"app\""));
    let text = format!("{APP}[[cluster.app.rewrite-dispatch]]\nload-balance = \"b\"\n");
    assert!(words(&text, "dangling-cluster").contains("`[[cluster.b.server]]`"));
    // The session-url-prefix is one for both.
    let text = format!("{BOTH}[cluster.app]\nsession-url-prefix = \";sid=\"");
    assert_eq!(found(&text), [("url-prefix-differs", 9, 22)]);
    let text = format!("{BOTH}[cluster.web-tier]\nsession-url-prefix = \";sid=\"");
    assert_eq!(found(&text), [("url-prefix-differs", 9, 22)]);
    let both = "[cluster.app]\nsession-url-prefix = \";sid=\"\n[cluster.web-tier]\nsession-url-prefix = \";sid=\"";
    assert_eq!(found(&format!("{BOTH}{both}")), []);
    let text = BOTH.replace("[[cluster.app.server]]\n", "[cluster.app]\nprotocol = \"http\"\nsession-url-prefix = \";s=\"\n[[cluster.app.server]]\nport = 1\n");
    assert_eq!(found(&text), []);
}
