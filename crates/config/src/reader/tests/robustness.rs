//! Any text at all: it is read or refused, and the report can be printed.

use super::{APP, BOTH, check, report};

/// Pieces of which files are made, right and wrong.
const PIECES: &[&str] = &[
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "=",
    ",",
    ".",
    "\n",
    "\n",
    "\n",
    " ",
    "\"",
    "'",
    "'''",
    "\"\"\"",
    "#",
    "\\",
    "\\.",
    "$1",
    "${host}",
    "ä",
    "\u{0}",
    "\r\n",
    "0",
    "1",
    "-1",
    "1e9",
    "true",
    "false",
    "\"15s\"",
    "\"64K\"",
    "'^/(a)'",
    "'('",
    "\"/$1\"",
    "\"app\"",
    "\"web-tier\"",
    "cluster",
    "[[cluster.app.server]]\n",
    "[cluster.app]\n",
    "[[cluster.app.rewrite-dispatch]]\n",
    "[[cluster.app.host]]\n",
    "[[cluster.app.web-app]]\n",
    "[cluster.app.session-config]\n",
    "[cluster.app.persistent-store]\n",
    "type = \"cluster\"\n",
    "disk-sync = ",
    "max-away = ",
    "copies = ",
    "acknowledge = \"all\"\n",
    "degraded = \"refuse\"\n",
    "save-mode = ",
    "[limits]\n",
    "[log]\n",
    "id = ",
    "port = ",
    "index = ",
    "address = ",
    "http = [{ port = ",
    "regexp = ",
    "dispatch = ",
    "load-balance = ",
    "redirect = ",
    "secret = ",
    "secret = \"0123456789abcdef\"\n",
    "env = ",
    "name = ",
    "alias = [",
    "path = ",
    "root = ",
    "cookie-length = ",
    "session-timeout = ",
    "tier = ",
    "protocol = \"http\"\n",
    "server-default = { ",
    "health-check = ",
    "[cluster.app.server-default.health-check]\n",
    "interval = ",
    "admin = { port = ",
    "token = ",
    "weight = ",
    "backup = true\n",
    "run-dir = ",
];

/// Whatever is found can be shown, and stands in the file.
fn survives(text: &str) {
    let report = report(text);
    let _ = format!("{report}{report:#}");
    for finding in report.findings() {
        assert!(
            finding.place.start <= text.len() && finding.place.end <= text.len(),
            "{finding:?}"
        );
        assert!(finding.place.start <= finding.place.end, "{finding:?}");
    }
    if let Ok(checked) = check(text) {
        let _ = crate::summary::Summary(&checked.config).to_string();
    }
}

#[test]
fn every_beginning_of_a_file() {
    let text = format!(
        "secret = \"0123456789abcdef\"\n{BOTH}[cluster.app]\nrewrite-dispatch = [{{ regexp = \"\\.a\", redirect = '/ä' }}]\n"
    );
    for (at, _) in text.char_indices() {
        let (before, after) = text.split_at(at);
        survives(before);
        survives(after);
    }
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { failure_persistence: None, ..Default::default() })]

    #[test]
    fn pieces_in_any_order(pieces in proptest::collection::vec(0..PIECES.len(), 0..40)) {
        let text: String = pieces.iter().map(|piece| PIECES[*piece]).collect();
        survives(&text);
    }

    #[test]
    fn pieces_in_a_good_file(at in 0..BOTH.len(), pieces in proptest::collection::vec(0..PIECES.len(), 1..4)) {
        let mut text = BOTH.to_owned();
        text.insert_str(at, &pieces.iter().map(|piece| PIECES[*piece]).collect::<String>());
        survives(&text);
    }

    #[test]
    fn any_value_of_any_key(key in "[a-z-]{1,12}", value in "\\PC{0,20}") {
        survives(&format!("{key} = {value}\n{APP}{key} = '{value}'\n"));
    }

    #[test]
    fn any_text(text in "\\PC{0,80}") {
        survives(&text);
    }
}
