//! Files that are not TOML: what else is wrong with them is found all the same.

use super::{APP, BOTH, found, words};

const SECRET: &str = "secret = \"0123456789abcdef\"\n";

#[test]
fn backslashes_in_double_quotes() {
    let text = format!(
        "{APP}[[cluster.app.rewrite-dispatch]]\nregexp = \"(\\.png)$\"\nredirect = \"/$1$2\"\n"
    );
    // The regexp is read as it was meant, so that the group can be checked.
    assert_eq!(found(&text), [("syntax", 5, 12), ("unknown-group", 6, 16)]);
    let message = words(&text, "syntax");
    assert!(message.contains("`\\.`") && message.contains("single quotes"), "{message}");
    let inline = format!(
        "{APP}[cluster.app]\nrewrite-dispatch = [\n  {{ regexp = \"\\.a$\", dispatch = true }},\n  {{ regexp = \"\\.b$\", load-balance = \"x\" }},\n]\n"
    );
    assert_eq!(found(&inline), [("syntax", 6, 15), ("syntax", 7, 15), ("dangling-cluster", 7, 37)]);
    // What double quotes let pass and change.
    let text =
        format!("{APP}[[cluster.app.rewrite-dispatch]]\nregexp = \"\\bx\"\ndispatch = true\n");
    assert_eq!(found(&text), [("invalid-regexp", 5, 10)]);
}

#[test]
fn values_that_are_not_toml() {
    for (line, column) in [
        ("tier = app", 8),
        ("tier = \"app", 12),
        ("tier = app\"", 8),
        ("strategy = 'x", 14),
        ("sticky-sessions = yes", 19),
        ("sticky-sessions = True", 19),
        ("server-default = { port = 007 }", 27),
        ("tier =", 7),
        ("tier", 5),
        ("= 3", 1),
        ("tier = \"app\" \"web\"", 14),
        ("session-cookie = \"ä\\q\"", 20),
    ] {
        let text = format!(
            "colour = 1\n{BOTH}[cluster.app]\n{line}\nsticky = 1\n[cluster.web-tier]\nsticky = 2\n"
        );
        let lines: Vec<_> = found(&text);
        // Before it, after it in its own section, and in another one.
        assert_eq!(lines.first(), Some(&("unknown-key", 1, 1)), "{line}");
        assert!(lines.contains(&("unknown-key", 11, 1)), "{line}: {lines:?}");
        assert!(lines.contains(&("unknown-key", 13, 1)), "{line}: {lines:?}");
        let syntax: Vec<_> = lines.iter().filter(|(rule, ..)| *rule == "syntax").collect();
        assert_eq!(syntax.len(), 1, "{line}: {lines:?}");
        assert_eq!((syntax[0].1, syntax[0].2), (10, column), "{line}");
        let rest = lines.iter().filter(|(rule, ..)| !["syntax", "unknown-key"].contains(rule));
        assert_eq!(rest.count(), 0, "{line}: {lines:?}");
    }
}

#[test]
fn headers_that_are_not_toml() {
    for header in ["[cluster.app", "[[cluster.app.server]", "[cluster.a b]", "[]", "[cluster.]"] {
        let text =
            format!("colour = 1\n{APP}{header}\nport = \"x\"\n[cluster.web-tier]\nsticky = 2\n");
        let lines = found(&text);
        let rules: Vec<_> = lines.iter().map(|(rule, line, _)| (*rule, *line)).collect();
        // The lines under it may mean anything.
        assert_eq!(rules, [("unknown-key", 1), ("syntax", 5), ("unknown-key", 8)], "{header}");
    }
}

#[test]
fn brackets_that_stay_open() {
    for open in [
        "rewrite-dispatch = [\n  { forbidden = true },\n",
        "rewrite-dispatch = [\n  { forbidden = true \n]\n",
        "rewrite-dispatch = [ { forbidden = true }\n\n",
        "server-default = { port = 1\n",
        "session-cookie = \"\"\"x\n",
    ] {
        let text = format!("{APP}[cluster.app]\n{open}tier = \"x\"\n[limits]\nsticky = 2\n");
        let rules: Vec<_> = found(&text).iter().map(|(rule, ..)| *rule).collect();
        assert_eq!(rules, ["syntax", "unknown-value", "unknown-key"], "{text}");
    }
    // Here the next line may be meant to stand in the braces.
    let text = format!(
        "{APP}[cluster.app]\nserver-default = {{ port = 1,\ntier = \"x\"\n[limits]\nsticky = 2\n"
    );
    let rules: Vec<_> = found(&text).iter().map(|(rule, ..)| *rule).collect();
    assert_eq!(rules, ["syntax", "unknown-key"], "{text}");
}

#[test]
fn keys_and_tables_written_twice() {
    let text = format!("workers = 1\nworkers = 0\n{APP}");
    assert_eq!(found(&text), [("duplicate-key", 2, 1)]);
    assert!(words(&text, "duplicate-key").contains("`workers` is written twice"));
    let text =
        format!("[log]\nlevel = \"x\"\n{APP}[log]\nformat = \"y\"\n[cluster.app]\nsticky = 1\n");
    let rules: Vec<_> = found(&text).iter().map(|(rule, line, _)| (*rule, *line)).collect();
    assert_eq!(
        rules,
        [("unknown-value", 2), ("duplicate-key", 6), ("unknown-value", 7), ("unknown-key", 9)]
    );
}

#[test]
fn nothing_is_missed_only_because_a_line_is_broken() {
    // The lines that are left out say what would be missing.
    for broken in [
        format!("secret = \"0123456789abcdef\nworkers = 1\n{APP}address = \"10.0.0.1\"\n"),
        "[[cluster.app.server]]\nid = \nhttp = [{ port = 80 }]\n".to_owned(),
        "[[cluster.app.server]]\nid = \"a\"\nhttp = [{ port = 80 }\n".to_owned(),
        "[[cluster.app.server]\nid = \"a\"\n".to_owned(),
        format!("{APP}[[cluster.app.rewrite-dispatch]]\nforbidden true\n"),
        format!("{APP}[[cluster.app.rewrite-dispatch]]\nregexp =\nredirect = \"/$1\"\n"),
        format!("{APP}[[cluster.app.web-app]]\napp \"demo\"\n"),
        format!(
            "{APP}[[cluster.app.rewrite-dispatch]]\nforbidden = true\nregexp '^/x'\n[[cluster.app.host]]\nname = \"h\"\n"
        ),
        format!("{APP}keepalive-timeout = 5s\"\n"),
        format!("[cluster.app.server-default]\nweight = 0\n{APP}weight 5\n"),
        format!(
            "{SECRET}[cluster.app.server-default.admin]\ntoken 1\n{APP}admin = {{ port = 1, address = \"10.0.0.1\" }}\n"
        ),
        format!(
            "[cluster.app.server-default.health-check]\ninterval 9s\n{APP}health-check = {{ timeout = \"9s\" }}\n"
        ),
        format!(
            "{SECRET}{APP}[cluster.app.server.admin]\nport = 1\naddress = \"10.0.0.1\"\ntoken =\n"
        ),
        format!("{APP}[cluster.app.server.health-check]\ntimeout = \"9s\"\ninterval = 10s\n"),
        BOTH.replace("[[cluster.app.server]]", "[[cluster.app.server"),
    ] {
        let rules: Vec<_> = found(&broken).iter().map(|(rule, ..)| *rule).collect();
        assert_eq!(rules, ["syntax"], "{broken}");
    }
}

#[test]
fn other_sections_are_checked_in_full() {
    // A line of one table is lost; the other tables lack what they lack.
    let text = format!(
        "{APP}[[cluster.app.rewrite-dispatch]]\nforbidden true\n[[cluster.app.rewrite-dispatch]]\n[[cluster.b.server]]\nport = 1\n"
    );
    assert_eq!(found(&text), [("syntax", 5, 11), ("missing-action", 6, 1), ("missing-key", 7, 1)]);
}

#[test]
fn a_byte_order_mark_and_line_ends_of_windows() {
    let text = format!("\u{feff}workers = 0\n{APP}").replace('\n', "\r\n");
    let found = found(&text);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].0, found[0].1), ("out-of-range", 1));
}

#[test]
fn hopeless_files_end() {
    let text = "x\n".repeat(1000);
    let rules: Vec<_> = found(&text).iter().map(|(rule, ..)| *rule).collect();
    let (last, rest) = rules.split_last().unwrap();
    assert_eq!(rest.len(), crate::bounds::SYNTAX_ERRORS);
    assert!(rest.iter().all(|rule| *rule == "syntax"));
    // What was not looked at is not passed over in silence.
    assert_eq!(*last, "not-read");
    assert!(words(&text, "not-read").contains("the rest of it was not read"));
}

#[test]
fn what_is_not_toml_at_all_lacks_no_cluster() {
    for text in ["hello\n", "<xml/>", "[limits\n", "a: b\n"] {
        let found = found(text);
        assert!(found.iter().all(|(rule, ..)| *rule == "syntax"), "{text}: {found:?}");
        assert!(!found.is_empty());
    }
}
