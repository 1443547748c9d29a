//! Broken web-apps, session-configs or hosts: what is found, at which place.

use super::{APP, found, good, words};

/// What is written, and what is found as rule, line, column.
type Row = (&'static str, &'static [(&'static str, usize, usize)]);

const WEB_APPS: &[Row] = &[
    ("app = \"demo\"", &[]),
    ("root = \"files\"", &[]),
    ("path = \"/a\"\nroot = \"files\"\napp = \"demo\"", &[]),
    ("", &[("empty-web-app", 4, 1)]),
    ("path = \"/a\"", &[("empty-web-app", 4, 1)]),
    ("app = \"de mo\"", &[("invalid-app-name", 5, 7)]),
    ("root = \"\"", &[("invalid-file", 5, 8)]),
    ("root = \"a\\u0000\"", &[("invalid-file", 5, 8)]),
    ("upstream = \"http://127.0.0.1:3000\"", &[("empty-web-app", 4, 1), ("unknown-key", 5, 1)]),
    ("app = \"demo\"\npath = \"/a/../b\"", &[("invalid-path", 6, 8)]),
    ("app = \"demo\"\npath = \"/a;b\"", &[("invalid-path", 6, 11)]),
    ("app = \"demo\"\npath = \"/a?b\"", &[("invalid-path", 6, 11)]),
    ("app = \"demo\"\n[[cluster.app.web-app]]\nroot = \"r\"", &[("duplicate-path", 6, 1)]),
    (
        "app = \"demo\"\npath = \"/a\"\n[[cluster.app.web-app]]\napp = \"demo\"\npath = \"/a\"",
        &[("duplicate-path", 9, 8)],
    ),
];

#[test]
fn web_apps() {
    let web_app = "[[cluster.app.web-app]]\n";
    for (written, expected) in WEB_APPS {
        let text = format!("{APP}{web_app}{written}\n");
        assert_eq!(found(&text), *expected, "\n{text}");
    }
    let two_hosts = "[[cluster.app.web-app]]\napp = \"demo\"\n[[cluster.app.host]]\nname = \"h\"\nweb-app = [{ app = \"demo\" }]";
    assert_eq!(found(&format!("{APP}{two_hosts}")), []);
}

#[test]
fn an_application_in_code_may_have_its_session_config_in_the_file() {
    let text = format!(
        "{APP}[[cluster.app.web-app]]\npath = \"/shop\"\nsession-config = {{ session-max = 7 }}\n"
    );
    let checked = good(&text);
    assert_eq!(checked.warnings.count_of(crate::finding::Severity::Warning), 1);
    let message = words(&text, "empty-web-app");
    assert!(message.contains("mounted at this path in code"), "{message}");
    let web_apps = &checked.config.clusters[0].hosts.default.web_apps;
    assert_eq!(web_apps[0].session.session_max, 7);
}

const SESSION_CONFIGS: &[Row] = &[
    ("cookie-same-site = \"none\"\ncookie-secure = true", &[]),
    ("cookie-same-site = \"none\"", &[("cookie-same-site", 7, 20)]),
    ("cookie-same-site = \"none\"\ncookie-secure = false", &[("cookie-same-site", 7, 20)]),
    ("enable-cookies = false", &[]),
    ("enable-cookies = false\nenable-url-rewriting = false", &[("no-session-tracking", 8, 24)]),
    ("cookie-same-site = \"Lax\"", &[("unknown-value", 7, 20)]),
    ("cookie-domain = \"a:80\"", &[("invalid-cookie", 7, 17)]),
    ("cookie-path = \"a\"", &[("invalid-cookie", 7, 15)]),
    ("reuse-session-id = false", &[]),
    ("reuse-session-id = \"live\"", &[]),
    ("reuse-session-id = \"never\"", &[("unknown-value", 7, 20)]),
    ("reuse-session-id = 1", &[("wrong-type", 7, 20)]),
    ("save-mode = \"after-request\"", &[]),
    ("save-mode = \"on-shutdown\"", &[("without-effect", 7, 13)]),
    ("save-mode = \"after\"", &[("unknown-value", 7, 13)]),
    ("always-load-session = true", &[("unknown-key", 7, 1)]),
];

#[test]
fn session_configs() {
    let config = "[[cluster.app.web-app]]\napp = \"demo\"\n[cluster.app.web-app.session-config]\n";
    for (written, expected) in SESSION_CONFIGS {
        let text = format!("{APP}{config}{written}\n");
        assert_eq!(found(&text), *expected, "\n{text}");
    }
    // What contradicts itself only together with the cluster's.
    let both = "[cluster.app]\nsession-config = { enable-cookies = false }\n[[cluster.app.web-app]]\napp = \"demo\"\nsession-config = { enable-url-rewriting = false }";
    assert_eq!(found(&format!("{APP}{both}")), [("no-session-tracking", 8, 43)]);
    // The cluster's own mistake is found once, web-apps or not.
    let own = "[cluster.app]\nsession-config = { cookie-same-site = \"none\" }\nweb-app = [{ app = \"a\" }, { app = \"b\", path = \"/b\" }]";
    assert_eq!(found(&format!("{APP}{own}")), [("cookie-same-site", 5, 39)]);
    // Without web-apps in the file, applications in code inherit it.
    let own = "[cluster.app]\nsession-config = { cookie-same-site = \"none\" }";
    assert_eq!(found(&format!("{APP}{own}")), [("cookie-same-site", 5, 39)]);
    // What every web-app completes is no mistake.
    let own = format!(
        "{own}\nweb-app = [{{ app = \"a\", session-config = {{ cookie-secure = true }} }}]"
    );
    assert_eq!(found(&format!("{APP}{own}")), []);
}

const HOSTS: &[Row] = &[
    ("name = \"a.example.com\"\nalias = [\"b\", \"*.c\"]\nregexp = 'd[0-9]+'", &[]),
    ("alias = [\"a\"]", &[]),
    ("regexp = 'a'", &[]),
    ("", &[("missing-key", 4, 1)]),
    ("alias = []", &[("missing-key", 4, 1)]),
    ("name = \"a:80\"", &[("invalid-host-name", 5, 8)]),
    ("name = \"a\"\nalias = \"b\"", &[("wrong-type", 6, 9)]),
    ("name = \"a\"\nalias = [\"b c\"]", &[("invalid-host-name", 6, 10)]),
    ("name = \"a\"\nalias = [\"A\"]", &[("duplicate-host", 6, 10)]),
    ("name = \"*.a\"\n[[cluster.app.host]]\nname = \"*.a\"", &[("duplicate-host", 7, 8)]),
    ("regexp = '('", &[("invalid-regexp", 5, 11)]),
    ("name = \"a\"\nserver = 1", &[("unknown-key", 6, 1)]),
    // Code mounts its applications in the default host only.
    ("name = \"a\"\nweb-app = [{}]", &[("missing-key", 6, 12)]),
    ("name = \"a\"\nrewrite-dispatch = [{}]", &[("missing-action", 6, 21)]),
];

#[test]
fn hosts() {
    let host = "[[cluster.app.host]]\n";
    for (written, expected) in HOSTS {
        let text = format!("{APP}{host}{written}\n");
        assert_eq!(found(&text), *expected, "\n{text}");
    }
}
