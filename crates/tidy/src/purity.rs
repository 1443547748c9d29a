//! The law that the crates that decide have no runtime.

use std::collections::BTreeSet;

use toml::{Table, Value};

use crate::finding::{Finding, Law};
use crate::workspace::Workspace;

/// The crates that decide: no runtime, not even through another crate of ours.
const PURE: [&str; 5] = ["protocol", "config", "http1", "route", "replica"];

/// One finding for each pure crate that a runtime reaches.
#[must_use]
pub fn check(workspace: &Workspace) -> Vec<Finding> {
    let pure = PURE.iter().map(|name| format!("crates/{name}"));
    let present = pure.filter(|folder| workspace.crates().contains(folder.as_str()));
    present.filter_map(|folder| check_crate(workspace, &folder)).collect()
}

fn check_crate(workspace: &Workspace, folder: &str) -> Option<Finding> {
    let mut seen = BTreeSet::new();
    let mut open = vec![vec![folder.to_owned()]];
    while let Some(way) = open.pop() {
        let Some(here) = way.last() else { continue };
        if !seen.insert(here.clone()) {
            continue;
        }
        for (name, path) in dependencies(workspace, here) {
            if name == "tokio" || name.starts_with("tokio-") {
                let place = format!("{folder}/Cargo.toml");
                let what = format!("{} -> {name}", way.join(" -> "));
                return Some(Finding::new(Law::PureCrate, &place, what));
            }
            if let Some(path) = path {
                open.push(way.iter().cloned().chain([path]).collect());
            }
        }
    }
    None
}

/// The normal dependencies of a crate: package names, and the folders of those that are ours.
fn dependencies(workspace: &Workspace, folder: &str) -> Vec<(String, Option<String>)> {
    let Some(manifest) = manifest(workspace, &format!("{folder}/Cargo.toml")) else {
        return Vec::new();
    };
    let shared = manifest_table(workspace);
    let per_target = manifest.get("target").and_then(Value::as_table);
    let per_target = per_target.into_iter().flatten().filter_map(|(_, target)| target.as_table());
    let tables = per_target.chain([&manifest]).filter_map(|table| table.get("dependencies"));
    let entries = tables.filter_map(Value::as_table).flatten();
    entries.map(|(key, written)| resolve(key, written, folder, &shared)).collect()
}

fn resolve(key: &str, written: &Value, folder: &str, shared: &Table) -> (String, Option<String>) {
    let inherited = written.get("workspace").and_then(Value::as_bool) == Some(true);
    let (meant, from) = match shared.get(key) {
        Some(meant) if inherited => (meant, ""),
        _ => (written, folder),
    };
    let name = meant.get("package").and_then(Value::as_str).unwrap_or(key);
    let path = meant.get("path").and_then(Value::as_str);
    (name.to_owned(), path.map(|path| join(from, path)))
}

fn manifest_table(workspace: &Workspace) -> Table {
    let root = manifest(workspace, "Cargo.toml").unwrap_or_default();
    let shared = root.get("workspace").and_then(|table| table.get("dependencies"));
    shared.and_then(Value::as_table).cloned().unwrap_or_default()
}

fn manifest(workspace: &Workspace, path: &str) -> Option<Table> {
    workspace.text(path)?.parse().ok()
}

/// `crates/a` and `../b` are `crates/b`.
fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." | "" => {}
            name => parts.push(name),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(manifests: &[(&str, &str)]) -> Vec<String> {
        let mut workspace = Workspace::default();
        for (path, text) in manifests {
            workspace.add(path, text);
        }
        check(&workspace).into_iter().map(|finding| finding.what).collect()
    }

    const ROOT: (&str, &str) = (
        "Cargo.toml",
        "[workspace.dependencies]\ntokio = '1'\nserve = { path = 'crates/serve' }\n",
    );

    #[test]
    fn a_runtime_in_a_pure_crate_is_found() {
        let named = ("crates/http1/Cargo.toml", "[dependencies]\ntokio.workspace = true\n");
        assert_eq!(findings(&[ROOT, named]), ["crates/http1 -> tokio"]);
        let renamed =
            ("crates/route/Cargo.toml", "[dependencies]\nrt = { package = 'tokio-util' }\n");
        assert_eq!(findings(&[ROOT, renamed]), ["crates/route -> tokio-util"]);
        let on_unix =
            ("crates/config/Cargo.toml", "[target.'cfg(unix)'.dependencies]\ntokio = '1'\n");
        assert_eq!(findings(&[ROOT, on_unix]), ["crates/config -> tokio"]);
    }

    #[test]
    fn a_runtime_behind_another_crate_is_found() {
        let pure = ("crates/route/Cargo.toml", "[dependencies]\nserve.workspace = true\n");
        let other = ("crates/serve/Cargo.toml", "[dependencies]\nx = { path = '../x' }\n");
        let last = ("crates/x/Cargo.toml", "[dependencies]\ntokio = '1'\n");
        let way = "crates/route -> crates/serve -> crates/x -> tokio";
        assert_eq!(findings(&[ROOT, pure, other, last]), [way]);
    }

    #[test]
    fn tests_may_have_a_runtime_and_so_may_other_crates() {
        let pure = ("crates/route/Cargo.toml", "[dev-dependencies]\ntokio = '1'\n");
        let other = ("crates/serve/Cargo.toml", "[dependencies]\ntokio = '1'\n");
        assert_eq!(findings(&[ROOT, pure, other]), Vec::<String>::new());
    }
}
