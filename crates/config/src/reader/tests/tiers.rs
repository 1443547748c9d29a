//! What is asked of servers that cannot do it.

use super::{APP, BOTH, found, words};

#[test]
fn what_a_web_tier_cannot_do() {
    for (written, expected) in [
        ("web-app = [{ root = \"files\" }]", vec![]),
        ("web-app = [{ root = \"files\", app = \"demo\" }]", vec![("wrong-tier", 9, 36)]),
        (
            "web-app = [{ session-config = {} }]",
            vec![("missing-key", 9, 12), ("wrong-tier", 9, 31)],
        ),
        ("session-config = {}", vec![("wrong-tier", 9, 1)]),
        ("persistent-store = { type = \"none\" }", vec![("wrong-tier", 9, 1)]),
        ("server-default = { port = 1 }", vec![("wrong-tier", 9, 27)]),
    ] {
        let text = format!("{BOTH}[cluster.web-tier]\n{written}\n");
        assert_eq!(found(&text), expected, "\n{text}");
    }
    let text = BOTH.replace("id = \"w\"\n", "id = \"w\"\nport = 6800\n");
    assert_eq!(found(&text), [("wrong-tier", 3, 8)]);
    assert!(words(&text, "wrong-tier").contains("http = [{ port = … }]"));
}

#[test]
fn a_web_tier_server_is_not_balanced_to() {
    let keys = "weight = 1\nbackup = true\nload-balance-warmup-time = \"1s\"\n\
                load-balance-max-requests = 1\nload-balance-queue-timeout = \"1s\"\n\
                load-balance-busy-recover-time = \"1s\"\nhealth-check = false\n";
    let text = BOTH.replace("id = \"w\"\n", &format!("id = \"w\"\n{keys}"));
    let found: Vec<_> = found(&text).into_iter().map(|(rule, line, _)| (rule, line)).collect();
    assert_eq!(found, [3, 4, 5, 6, 7, 8, 9].map(|line| ("without-effect", line)));
    let message = words(&text, "without-effect");
    assert!(message.contains("`weight` has no effect here"), "{message}");
    assert!(message.contains("the app-tier cluster"), "{message}");
}

#[test]
fn what_foreign_servers_cannot_do() {
    let cluster = "[cluster.f]\nprotocol = \"http\"\n";
    for (written, expected) in [
        ("server = [{ id = \"f\", port = 1 }]", vec![]),
        ("server = [{ id = \"f\" }]", vec![("missing-key", 6, 11)]),
        ("server = [{ id = \"f\", port = \"1\" }]", vec![("wrong-type", 6, 30)]),
        (
            "server = [{ id = \"f\", port = 1, http = [{ port = 2 }] }]",
            vec![("foreign-servers", 6, 40)],
        ),
        (
            "server = [{ id = \"f\", port = 1, admin = { port = 2 } }]",
            vec![("foreign-servers", 6, 41)],
        ),
        (
            "server = [{ id = \"f\", port = 1, weight = 0, health-check = {} }, { id = \"g\", port = 2 }]",
            vec![],
        ),
        (
            "server = [{ id = \"f\", port = 1 }]\nsession-config = {}\nhost = []\nweb-app = []\nrewrite-dispatch = []\npersistent-store = { type = \"none\" }",
            vec![
                ("foreign-servers", 7, 1),
                ("foreign-servers", 8, 1),
                ("foreign-servers", 9, 1),
                ("foreign-servers", 10, 1),
                ("foreign-servers", 11, 1),
            ],
        ),
        // The keepalive-timeout of a foreign server is not known.
        ("server = [{ id = \"f\", port = 1, load-balance-idle-time = \"1h\" }]", vec![]),
    ] {
        let text = format!("{APP}{cluster}{written}\n");
        assert_eq!(found(&text), expected, "\n{text}");
    }
}
