//! What is not wrong and should be known.

use super::{APP, BOTH, found, good, words};

#[test]
fn extensions_that_are_not_anchored() {
    let rule = |regexp: &str| {
        format!("{APP}[[cluster.app.rewrite-dispatch]]\nregexp = '{regexp}'\ndispatch = true\n")
    };
    let text = rule("(\\.png|\\.gif|\\.jpg)");
    assert_eq!(found(&text), [("unanchored-extension", 5, 10)]);
    let message = words(&text, "unanchored-extension");
    assert!(message.contains("'(\\.png|\\.gif|\\.jpg)$'"), "{message}");
    assert!(good(&text).warnings.count() == 1);
    for quiet in ["(\\.png|\\.gif|\\.jpg)$", "^/static/.*\\.png", "^/foo", "/foo"] {
        assert_eq!(found(&rule(quiet)), [], "{quiet}");
    }
}

#[test]
fn rules_that_are_never_reached() {
    let all = "[[cluster.app.rewrite-dispatch]]\ndispatch = true\n";
    let some = "[[cluster.app.rewrite-dispatch]]\nregexp = '^/x'\nforbidden = true\n";
    assert_eq!(found(&format!("{APP}{some}{all}")), []);
    assert_eq!(found(&format!("{APP}{all}{some}")), [("unreachable-rule", 6, 1)]);
    // The rules of the default host are tried before those of a named one.
    let host = "[[cluster.app.host]]\nname = \"h\"\n[[cluster.app.host.rewrite-dispatch]]\nforbidden = true\n";
    assert_eq!(found(&format!("{APP}{some}{host}")), []);
    assert_eq!(found(&format!("{APP}{all}{host}")), [("unreachable-rule", 8, 1)]);
    assert!(words(&format!("{APP}{all}{host}"), "unreachable-rule").contains("in line 4"));
    // One host's rules say nothing about another's.
    let other = host.replace("\"h\"", "\"i\"");
    assert_eq!(found(&format!("{APP}{host}{other}")), []);
}

#[test]
fn nobody_listens() {
    let text = BOTH.replace("http = [{ port = 8080 }]\n", "");
    assert_eq!(found(&text), [("no-listener", 1, 11)]);
    assert!(words(&text, "no-listener").contains("no web-tier server"));
    let text = BOTH.replace("{ port = 8080 }", "");
    assert_eq!(found(&text), [("no-listener", 1, 11)]);
    // One web-tier server is enough, and without a web tier one app server.
    let more = "[[cluster.web-tier.server]]\nid = \"w2\"\n";
    assert_eq!(found(&format!("{BOTH}{more}")), []);
    let text = APP.replace("http = [{ port = 8080 }]\n", "");
    assert_eq!(found(&text), [("no-listener", 1, 11)]);
}

#[test]
fn sessions_that_end_with_their_server() {
    let text = format!("{APP}[[cluster.app.server]]\nid = \"b\"\nport = 6801\n");
    assert_eq!(found(&text), [("not-replicated", 1, 11)]);
    let warnings = good(&text).warnings;
    assert_eq!(warnings.count_of(crate::finding::Severity::Note), 1);
    assert_eq!(warnings.count_of(crate::finding::Severity::Warning), 0);
}

#[test]
fn words_of_resin_that_allow_session_fixation() {
    for value in ["true", "\"cookie\"", "\"all\""] {
        let text =
            format!("{APP}[cluster.app]\nsession-config = {{ reuse-session-id = {value} }}\n");
        assert_eq!(found(&text), [("session-fixation", 5, 39)]);
        let message = words(&text, "session-fixation");
        assert!(
            message.contains(&format!("`reuse-session-id = {value}` is read as \"live\"")),
            "{message}"
        );
        good(&text);
    }
}

#[test]
fn keys_without_effect() {
    let keys =
        "keepalive-timeout = \"9s\"\nsocket-timeout = \"9s\"\nload-balance-idle-time = \"9s\"\n";
    let text = BOTH.replace("id = \"w\"\n", &format!("id = \"w\"\n{keys}"));
    assert_eq!(
        found(&text),
        [("without-effect", 3, 21), ("without-effect", 4, 18), ("without-effect", 5, 26)]
    );
    let foreign = "[cluster.f]\nprotocol = \"http\"\ntier = \"app\"\nserver = [{ id = \"f\", port = 1, socket-timeout = \"1s\" }]\n";
    assert_eq!(
        found(&format!("{APP}{foreign}")),
        [("without-effect", 6, 1), ("without-effect", 7, 50)]
    );
}

#[test]
fn an_address_to_which_nobody_can_connect() {
    let text = format!("secret = \"0123456789abcdef\"\n{APP}address = \"0.0.0.0\"\n");
    assert_eq!(found(&text), [("unspecified-address", 5, 11)]);
}
