//! The folder of the control sockets that a file names which cannot be used as a whole.

use std::path::{Path, PathBuf};

use copal_config::environment::Environment as _;
use copal_config::process_environment::ProcessEnvironment;
use toml_edit::{Document, Item};

use crate::limits;

/// The folder of the control sockets that the file at `path` names, as far as it can be read; else
/// the usual one beside it.
#[must_use]
pub fn of_unusable(path: &Path) -> PathBuf {
    let bytes = ProcessEnvironment.file(path, limits::UNUSABLE_FILE).unwrap_or_default();
    let named = named(&String::from_utf8_lossy(&bytes));
    path.parent().unwrap_or(Path::new("")).join(named.as_deref().unwrap_or("run"))
}

/// The `run-dir` of a text: of the whole as TOML, else of the line that looks like it.
fn named(text: &str) -> Option<String> {
    let value = match Document::parse(text) {
        Ok(document) => run_dir(&document),
        Err(_) => text
            .lines()
            // It is a key of the top, which ends where the first section begins.
            .take_while(|line| !line.trim_start().starts_with('['))
            .filter(|line| line.contains("run-dir"))
            .find_map(|line| run_dir(&Document::parse(line).ok()?)),
    };
    value.filter(|folder| !folder.is_empty())
}

fn run_dir<S>(document: &Document<S>) -> Option<String> {
    document.get("run-dir").and_then(Item::as_str).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_file_still_says_where_the_sockets_are() {
        #[rustfmt::skip]
        let table = [
            // the file                                                  its run-dir
            ("run-dir = \"/run/copal\"\nworkers = \"many\"\n",           Some("/run/copal")),
            ("run-dir = \"/run/copal\"\n[cluster.x\n",                   Some("/run/copal")),
            ("workers =\n  run-dir = 'here' # sockets\nsecret = {",      Some("here")),
            ("\"run-dir\" = \"a\"\nx",                                   Some("a")),
            // The half-saved line itself.
            ("run-dir = \"/run/co",                                      None),
            ("run-dir = \"\"",                                           None),
            ("run-dir = 7",                                              None),
            ("# run-dir = \"a\"\nx",                                     None),
            ("x\n[log]\nrun-dir = \"not of the top\"",                   None),
            ("",                                                         None),
        ];
        for (text, expected) in table {
            assert_eq!(named(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn it_starts_at_the_folder_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("c.toml");
        assert_eq!(of_unusable(&file), folder.path().join("run"), "no file");
        std::fs::write(&file, b"# \xff\nrun-dir = \"sockets\"\n[").unwrap();
        assert_eq!(of_unusable(&file), folder.path().join("sockets"));
        assert_eq!(of_unusable(Path::new("c.toml")), Path::new("run"));
    }
}
