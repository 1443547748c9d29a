//! The reader as a whole: a text goes in, findings or a configuration come out.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::environment::Environment;
use crate::reader::{Checked, read_text};
use crate::report::Report;

mod admin;
mod applications;
mod balanced;
mod boundaries;
mod errors;
mod places;
mod rules;
mod stores;
mod tls;
mod web_apps;
mod tiers;
mod meaning;
mod reports;
mod robustness;
mod syntax;
mod warnings;

/// A world without a process: what variables and files there are is written down.
#[derive(Default)]
struct World {
    variables: HashMap<&'static str, &'static str>,
    files: HashMap<PathBuf, Vec<u8>>,
}

impl Environment for World {
    fn variable(&self, name: &str) -> Option<Vec<u8>> {
        self.variables.get(name).map(|value| value.as_bytes().to_vec())
    }

    fn file(&self, path: &Path, most: usize) -> std::io::Result<Vec<u8>> {
        let bytes = self.files.get(path).ok_or(std::io::ErrorKind::NotFound)?;
        Ok(bytes.iter().copied().take(most + 1).collect())
    }
}

fn world() -> World {
    World {
        variables: HashMap::from([("KEY", "0123456789abcdef"), ("SHORT", "0123456789abcde")]),
        files: HashMap::from([
            (PathBuf::from("/etc/copal/key"), b"0123456789abcdef\r\n".to_vec()),
            (PathBuf::from("/run/key"), vec![0xff; 16]),
            (PathBuf::from("/etc/copal/long"), vec![b'x'; 4097]),
            (PathBuf::from("/etc/copal/longest"), vec![b'x'; 4096]),
        ]),
    }
}

fn check(text: &str) -> Result<Checked, Report> {
    read_text("cluster.toml", Path::new("/etc/copal"), text, &world())
}

/// The configuration of a text in which nothing is wrong.
fn good(text: &str) -> Checked {
    check(text).unwrap_or_else(|report| panic!("{text}\n{report}"))
}

/// Everything that is found, errors or not.
fn report(text: &str) -> Report {
    match check(text) {
        Ok(checked) => checked.warnings,
        Err(report) => report,
    }
}

/// Everything that is found as rule, line and column.
fn found(text: &str) -> Vec<(&'static str, usize, usize)> {
    let report = report(text);
    let place = |finding: &crate::finding::Finding| {
        let position = report.position(finding.place);
        (finding.rule.word(), position.line, position.column)
    };
    report.findings().iter().map(place).collect()
}

/// The message and hint of the first finding of a rule.
fn words(text: &str, rule: &str) -> String {
    let report = report(text);
    let finding = report.findings().iter().find(|finding| finding.rule.word() == rule);
    let finding = finding.unwrap_or_else(|| panic!("no {rule} in\n{text}\n{report}"));
    format!("{} | {}", finding.message, finding.hint.clone().unwrap_or_default())
}

/// Three lines that make a file complete.
const APP: &str = "[[cluster.app.server]]\nid = \"a\"\nhttp = [{ port = 8080 }]\n";

/// Seven lines: a web tier that balances to one app server.
const BOTH: &str = "\
[[cluster.web-tier.server]]
id = \"w\"
http = [{ port = 8080 }]
[[cluster.app.server]]
id = \"a\"
[[cluster.web-tier.rewrite-dispatch]]
load-balance = \"app\"
";
