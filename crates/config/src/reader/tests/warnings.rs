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
    // One host's rules say nothing about another's.
    let host = "[[cluster.app.host]]\nname = \"h\"\n[[cluster.app.host.rewrite-dispatch]]\nforbidden = true\n";
    assert_eq!(found(&format!("{APP}{some}{host}")), []);
    let other = host.replace("\"h\"", "\"i\"");
    assert_eq!(found(&format!("{APP}{host}{other}")), []);
}

/// A named host with a rule and a web-app.
const HOST: &str = "\
[[cluster.app.host]]
name = \"h\"
[[cluster.app.host.rewrite-dispatch]]
regexp = '^/old'
forbidden = true
[[cluster.app.host.web-app]]
app = \"demo\"
";

fn default_rule(keys: &str) -> String {
    format!("[[cluster.app.rewrite-dispatch]]\n{keys}\n")
}

#[test]
fn hosts_behind_a_default_rule_that_takes_everything() {
    let some = default_rule("regexp = '^/x'\nforbidden = true");
    for action in ["redirect = \"https://${host}${path}\"", "forbidden = true"] {
        let all = default_rule(action);
        let text = format!("{APP}{some}{all}{HOST}");
        assert_eq!(found(&text), [("unreachable-host", 9, 1)]);
        let message = words(&text, "unreachable-host");
        assert!(message.contains("in line 7") && message.contains("a last host"), "{message}");
        // A host with nothing but web-apps, and a second one.
        let text = format!(
            "{APP}{all}[cluster.app]\nhost = [{{ name = \"i\", web-app = [{{ app = \"demo\" }}] }}, {{ name = \"k\" }}]\n"
        );
        assert_eq!(found(&text), [("unreachable-host", 7, 9), ("unreachable-host", 7, 55)]);
        // Nothing is wrong as soon as the rule has a regexp.
        assert_eq!(found(&format!("{APP}{some}{HOST}")), []);
        // The help can be followed.
        let last = format!(
            "[[cluster.app.host]]\nregexp = \".*\"\n[[cluster.app.host.rewrite-dispatch]]\n{action}\n"
        );
        assert_eq!(found(&format!("{APP}{HOST}{last}")), []);
    }
}

#[test]
fn what_the_default_host_dispatches_reaches_the_web_apps_of_named_hosts() {
    let web_app = "[[cluster.app.host]]\nname = \"h\"\nweb-app = [{ app = \"demo\" }]\n";
    for (rules, hint) in [
        (default_rule("dispatch = true"), "leave that rule out"),
        (default_rule("dispatch = \"/x\""), "a last host"),
        (
            default_rule("regexp = '^/s'\ndispatch = true") + &default_rule("not-found = true"),
            "a last host",
        ),
    ] {
        assert_eq!(found(&format!("{APP}{rules}{web_app}")), []);
        let text = format!("{APP}{rules}{HOST}");
        let line = 3 + rules.lines().count() + 3;
        assert_eq!(found(&text), [("unreachable-rule", line, 1)]);
        let message = words(&text, "unreachable-rule");
        assert!(message.contains("the default host's rule") && message.contains(hint), "{message}");
    }
    // A dispatch behind the rule that takes everything changes nothing.
    let behind = default_rule("not-found = true") + &default_rule("dispatch = true");
    assert_eq!(
        found(&format!("{APP}{behind}{web_app}")),
        [("unreachable-rule", 6, 1), ("unreachable-host", 8, 1)]
    );
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
