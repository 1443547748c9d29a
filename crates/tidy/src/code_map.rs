//! The law that the code map names every file, with a sentence.

use std::collections::BTreeSet;

use crate::finding::{Finding, Law};
use crate::workspace::Workspace;

const MAP: &str = "docs/architecture.md";

/// One finding for each source file that the map leaves out, and for each line of the map that
/// is wrong. A line of the map is ``- `crates/x/src/y.rs`: one sentence``.
#[must_use]
pub fn check(workspace: &Workspace) -> Vec<Finding> {
    let Some(map) = workspace.text(MAP) else {
        return vec![Finding::new(Law::CodeMap, MAP, "the code map is missing")];
    };
    let mut findings = Vec::new();
    let mut named = BTreeSet::new();
    for (number, line) in (1..).zip(map.lines()) {
        let Some((path, sentence)) = entry(line) else {
            continue;
        };
        if workspace.text(path).is_none() {
            findings.push(Finding::at(Law::CodeMap, MAP, number, format!("no such file: {path}")));
        }
        if !named.insert(path) {
            findings.push(Finding::at(Law::CodeMap, MAP, number, format!("{path} stands twice")));
        }
        if sentence.is_empty() {
            let what = format!("{path} has no sentence");
            findings.push(Finding::at(Law::CodeMap, MAP, number, what));
        }
    }
    for folder in workspace.crates() {
        for (path, _) in workspace.sources(folder) {
            if !named.contains(path) {
                let what = format!("the file is not in the map {MAP}");
                findings.push(Finding::new(Law::CodeMap, path, what));
            }
        }
    }
    findings
}

/// Path and sentence of a line of the map.
fn entry(line: &str) -> Option<(&str, &str)> {
    let (path, rest) = line.trim_start().strip_prefix("- `")?.split_once('`')?;
    let sentence = rest.strip_prefix(':').unwrap_or_default().trim();
    path.ends_with(".rs").then_some((path, sentence))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(map: &str) -> Vec<String> {
        let mut workspace = Workspace::default();
        workspace.add("crates/a/Cargo.toml", "");
        workspace.add("crates/a/src/b.rs", "");
        workspace.add("crates/a/src/b/tests.rs", "");
        workspace.add(MAP, map);
        check(&workspace).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_map_with_every_file_is_right() {
        assert_eq!(findings("# Map\n- `crates/a/src/b.rs`: the b.\n- `cargo`: no file\n"), [""; 0]);
    }

    #[test]
    fn each_kind_of_mistake_is_found() {
        let left_out = "code map: crates/a/src/b.rs: the file is not in the map";
        assert!(findings("# Map\n").first().is_some_and(|f| f.starts_with(left_out)));
        let line = "- `crates/a/src/b.rs`: the b.\n";
        let wrong = [
            (format!("{line}- `crates/a/src/c.rs`: gone.\n"), "no such file: crates/a/src/c.rs"),
            (format!("{line}{line}"), "crates/a/src/b.rs stands twice"),
            ("- `crates/a/src/b.rs`\n".to_owned(), "crates/a/src/b.rs has no sentence"),
        ];
        for (map, what) in wrong {
            let findings = findings(&map);
            assert!(matches!(&findings[..], [one] if one.ends_with(what)), "{findings:?}");
        }
        assert_eq!(check(&Workspace::default()).len(), 1);
    }
}
