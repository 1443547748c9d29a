//! Applications and folders that are named: whether they are there.

use std::path::Path;

use super::APP;
use crate::failure::Failure;
use crate::reader::{Checked, read, read_with};

fn write(folder: &Path, web_app: &str) -> std::path::PathBuf {
    let path = folder.join("copal.toml");
    std::fs::write(&path, format!("{APP}[[cluster.app.web-app]]\n{web_app}\n")).unwrap();
    path
}

/// The rule, message and hint of each finding.
fn found(result: Result<Checked, Failure>) -> Vec<(&'static str, String)> {
    let report = match result {
        Ok(checked) => checked.warnings,
        Err(Failure::Broken(report)) => report,
        Err(other) => panic!("{other}"),
    };
    let words = report.findings().iter().map(|finding| {
        let hint = finding.hint.clone().unwrap_or_default();
        (finding.rule.word(), format!("{} | {hint}", finding.message))
    });
    words.collect()
}

#[test]
fn an_application_that_is_not_compiled_in_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    for (app, hint) in [("nosuch", "this program has \"demo\""), ("dmeo", "did you mean \"demo\"?")]
    {
        let path = write(folder.path(), &format!("app = \"{app}\""));
        let result = read(&path);
        assert!(result.is_err(), "{app}");
        let found = found(result);
        let [(rule, words)] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(*rule, "unknown-app");
        assert!(words.contains(app) && words.contains(hint), "{words}");
    }
    assert!(read(&write(folder.path(), "app = \"demo\"")).is_ok());
}

#[test]
fn a_program_may_have_applications_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "app = \"shop\"");
    assert!(read(&path).is_err());
    assert!(read_with(&path, &["demo", "shop"]).is_ok());
}

#[test]
fn a_root_that_is_no_folder_of_this_host_is_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("files")).unwrap();
    for (root, warned) in [("nowhere", true), ("copal.toml", true), ("files", false)] {
        let result = read(&write(folder.path(), &format!("root = \"{root}\"")));
        assert!(result.is_ok(), "{root}");
        let found = found(result);
        let rules: Vec<_> = found.iter().map(|(rule, _)| *rule).collect();
        assert_eq!(rules == ["missing-root"], warned, "{root}: {found:?}");
        assert_eq!(rules.is_empty(), !warned, "{root}: {found:?}");
    }
}
