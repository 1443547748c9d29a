//! All laws over the whole code base.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::cycles::{self, Imports};
use crate::finding::{Finding, Law};
use crate::module_tree::ModuleTree;
use crate::source_file::SourceFile;
use crate::workspace::Workspace;
use crate::{code_map, habits, imports, length, purity};

/// One line of the table: a crate in figures.
struct Row {
    name: String,
    lines: Vec<usize>,
}

/// All laws over the whole code base; displays as a table and a list of findings.
pub struct Report {
    rows: Vec<Row>,
    findings: Vec<Finding>,
}

impl Report {
    /// Reads the laws against the files.
    #[must_use]
    pub fn of(workspace: &Workspace) -> Self {
        let mut report = Self { rows: Vec::new(), findings: Vec::new() };
        report.findings.extend(purity::check(workspace));
        report.findings.extend(code_map::check(workspace));
        for folder in workspace.crates() {
            report.read_crate(workspace, folder);
        }
        report.findings.sort();
        report
    }

    /// The findings that fail the tests.
    #[must_use]
    pub fn broken(&self) -> Vec<&Finding> {
        self.findings.iter().filter(|finding| finding.law.fails()).collect()
    }

    /// The findings that are only shown.
    #[must_use]
    pub fn shown(&self) -> Vec<&Finding> {
        self.findings.iter().filter(|finding| !finding.law.fails()).collect()
    }

    fn read_crate(&mut self, workspace: &Workspace, folder: &str) {
        let mut files = BTreeMap::new();
        for (path, text) in workspace.sources(folder) {
            match SourceFile::parse(path, text) {
                Ok(file) => drop(files.insert(path.to_owned(), file)),
                Err(finding) => self.findings.push(finding),
            }
        }
        self.findings.extend(length::check(files.values()));
        self.findings.extend(files.values().flat_map(habits::check));
        self.check_imports(folder, &files);
        let name = folder.rsplit('/').next().unwrap_or(folder).to_owned();
        self.rows.push(Row { name, lines: files.values().map(|file| file.lines).collect() });
    }

    fn check_imports(&mut self, folder: &str, files: &BTreeMap<String, SourceFile>) {
        let mut graph = Imports::new();
        let mut reached = BTreeSet::new();
        let roots = files.keys().filter(|path| is_root(path, folder));
        let trees: Vec<ModuleTree> = roots.map(|root| ModuleTree::of(root, files)).collect();
        for tree in &trees {
            for (module, path) in tree.modules() {
                reached.insert(path);
                let Some(file) = files.get(path) else {
                    continue;
                };
                for import in imports::of(file, module, tree) {
                    let Some((home, target)) = tree.home_of(&import.path) else {
                        continue;
                    };
                    if target == path {
                        continue;
                    }
                    graph.entry(path).or_default().entry(target).or_insert(import.line);
                    if module.starts_with(home) {
                        let what = import.path.join("::");
                        let law = Law::ChildImportsParent;
                        self.findings.push(Finding::at(law, path, import.line, what));
                    }
                }
            }
        }
        self.findings.extend(cycles::check(&graph));
        let lost = files.keys().filter(|path| !reached.contains(path.as_str()));
        let what = "no `mod` line leads here";
        self.findings.extend(lost.map(|path| Finding::new(Law::Unreachable, path, what)));
    }
}

/// `src/lib.rs`, `src/main.rs` and the files of `src/bin`.
fn is_root(path: &str, folder: &str) -> bool {
    let Some(path) = path.strip_prefix(folder).and_then(|path| path.strip_prefix("/src/")) else {
        return false;
    };
    let program = path.strip_prefix("bin/").is_some_and(|name| !name.contains('/'));
    path == "lib.rs" || path == "main.rs" || program
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<12} {:>6} {:>7} {:>7} {:>8}",
            "crate", "files", "lines", "median", "longest"
        )?;
        let everything = Row {
            name: "all".to_owned(),
            lines: self.rows.iter().flat_map(|row| row.lines.clone()).collect(),
        };
        for row in self.rows.iter().chain([&everything]) {
            let (files, sum) = (row.lines.len(), row.lines.iter().sum::<usize>());
            let longest = row.lines.iter().max().copied().unwrap_or(0);
            let median = length::median(row.lines.clone());
            writeln!(f, "{:<12} {files:>6} {sum:>7} {median:>7} {longest:>8}", row.name)?;
        }
        for (title, findings) in [("broken", self.broken()), ("to look at", self.shown())] {
            writeln!(f, "\n{title}: {}", findings.len())?;
            for finding in findings {
                writeln!(f, "  {finding}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
