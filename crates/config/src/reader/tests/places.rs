//! Servers that want the same index or the same port.

use super::{APP, found, words};

#[test]
fn indexes() {
    let server = |id: &str, port: usize, more: &str| {
        format!("[[cluster.app.server]]\nid = \"{id}\"\nport = {port}\n{more}")
    };
    let text =
        format!("{}{}", server("a", 1, "index = 1\nhttp = [{ port = 80 }]\n"), server("b", 2, ""));
    assert_eq!(found(&text), [("not-replicated", 1, 11), ("duplicate-index", 6, 1)]);
    let message = words(&text, "duplicate-index");
    assert!(
        message.contains(
            "the server \"a\" and the server \"b\" (by its position) both have the index 1"
        ),
        "{message}"
    );
    let text = format!(
        "{}{}",
        server("a", 1, "http = [{ port = 80 }]\nindex = 63\n"),
        server("b", 2, "index = 63\n")
    );
    assert_eq!(found(&text), [("not-replicated", 1, 11), ("duplicate-index", 9, 9)]);
    let many = |count: usize| -> String {
        let http = "http = [{ port = 80 }]\n";
        (0..count)
            .map(|at| server(&format!("s{at}"), at + 1000, if at == 0 { http } else { "" }))
            .collect()
    };
    assert_eq!(found(&many(64)), [("not-replicated", 1, 11)]);
    // The last server has no letter left, however its index is written.
    assert_eq!(found(&many(65)), [("not-replicated", 1, 11), ("too-many-servers", 194, 1)]);
}

const PORTS: &[(&str, &str, bool)] = &[
    ("port = 1", "port = 1", true),
    ("port = 1", "port = 2", false),
    ("port = 1", "port = 1\naddress = \"127.0.0.2\"", false),
    ("port = 1", "port = 1\naddress = \"::1\"", false),
    ("port = 1", "port = 1\naddress = \"10.0.0.1\"", false),
    ("port = 1\naddress = \"app-1\"", "port = 1\naddress = \"APP-1\"", true),
    ("port = 1\naddress = \"app-1\"", "port = 1\naddress = \"app-2\"", false),
    // A listener at every address of the host.
    ("port = 1\nhttp = [{ port = 9 }]", "port = 2\nhttp = [{ port = 9 }]", true),
    ("port = 1", "port = 2\nhttp = [{ port = 1 }]", true),
    ("port = 1\naddress = \"::1\"", "port = 2\nhttp = [{ port = 1 }]", false),
    ("port = 1\naddress = \"::1\"", "port = 2\nhttp = [{ port = 1, address = \"::\" }]", true),
    (
        "port = 1\naddress = \"localhost\"",
        "port = 2\nhttp = [{ port = 1, address = \"::\" }]",
        true,
    ),
    ("http = [{ port = 9 }, { port = 9 }]", "port = 2", true),
    ("admin = { port = 6801 }", "port = 6801", true),
    ("admin = { port = 9 }", "port = 6801\nadmin = { port = 9 }", true),
    ("admin = { port = 9 }\nhttp = [{ port = 9 }]", "port = 6801", true),
    ("admin = { port = 9, address = \"::1\" }", "port = 6801\nadmin = { port = 9 }", false),
    // Different hosts.
    (
        "admin = { port = 9 }\naddress = \"10.0.0.1\"",
        "admin = { port = 9 }\naddress = \"10.0.0.2\"",
        false,
    ),
    (
        "http = [{ port = 9 }]\naddress = \"10.0.0.1\"",
        "http = [{ port = 9 }]\naddress = \"10.0.0.2\"",
        false,
    ),
    (
        "http = [{ port = 9 }]\naddress = \"10.0.0.1\"",
        "http = [{ port = 9, address = \"10.0.0.1\" }]\naddress = \"10.0.0.2\"",
        true,
    ),
    (
        "http = [{ port = 9, address = \"127.0.0.1\" }]\naddress = \"10.0.0.1\"",
        "http = [{ port = 9, address = \"127.0.0.1\" }]\naddress = \"10.0.0.2\"",
        false,
    ),
    (
        "http = [{ port = 9, address = \"10.0.0.7\" }]\naddress = \"10.0.0.1\"",
        "http = [{ port = 9, address = \"10.0.0.7\" }]\naddress = \"10.0.0.2\"",
        true,
    ),
];

#[test]
fn ports_that_collide() {
    // address and port of `a`, listener of `a`, the same of `b`, whether they collide
    for (a, b, collide) in PORTS {
        let text = format!(
            "secret = \"0123456789abcdef\"\n[[cluster.app.server]]\nid = \"a\"\n{a}\n\
             [[cluster.app.server]]\nid = \"b\"\n{b}\n"
        );
        let collides = found(&text).iter().any(|(rule, ..)| *rule == "duplicate-port");
        assert_eq!(collides, *collide, "{text}");
    }
}

#[test]
fn colliding_ports_name_both_servers() {
    let text = "[[cluster.web-tier.server]]\nid = \"w\"\nhttp = [{ port = 6800 }]\n\
                [[cluster.app.server]]\nid = \"a\"\n";
    assert_eq!(found(text), [("duplicate-port", 4, 1)]);
    let message = words(text, "duplicate-port");
    for part in [
        "listener of the server \"w\" at 0.0.0.0:6800",
        "cluster port of the server \"a\" at 127.0.0.1:6800",
        "`address`",
    ] {
        assert!(message.contains(part), "{message}");
    }
    // Both inherit the port: the headers are shown, not the one line twice.
    let text = "[cluster.app]\nserver-default = { port = 7, http = [] }\n\
                [[cluster.app.server]]\nid = \"a\"\n[[cluster.app.server]]\nid = \"b\"\n";
    assert_eq!(
        found(text),
        [("no-listener", 1, 10), ("not-replicated", 1, 10), ("duplicate-port", 5, 1)]
    );
    // One foreign server may stand in two clusters; it may not be one of ours.
    let foreign = |name: &str, port: u16| {
        format!(
            "[cluster.{name}]\nprotocol = \"http\"\nserver = [{{ id = \"{name}\", port = {port} }}]\n"
        )
    };
    assert_eq!(found(&format!("{APP}{}{}", foreign("x", 7), foreign("y", 7))), []);
    assert_eq!(found(&format!("{APP}{}", foreign("x", 8080))), [("duplicate-port", 6, 30)]);
}
