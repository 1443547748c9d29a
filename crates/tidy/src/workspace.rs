//! The texts of the code base, by path.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

/// The texts of the code base, by path from the root, with `/` between folders.
#[derive(Debug, Clone, Default)]
pub struct Workspace {
    texts: BTreeMap<String, String>,
}

impl Workspace {
    /// Reads manifests, Rust files and the code map below `root`.
    ///
    /// # Errors
    /// What the system says about a folder or a file.
    pub fn read(root: &Path) -> io::Result<Self> {
        let mut workspace = Self::default();
        for file in ["Cargo.toml", "docs/architecture.md"] {
            if root.join(file).is_file() {
                workspace.add(file, &std::fs::read_to_string(root.join(file))?);
            }
        }
        for folder in ["crates", "tests", "benches"] {
            if root.join(folder).is_dir() {
                workspace.read_folder(root, folder)?;
            }
        }
        Ok(workspace)
    }

    /// Puts a text in.
    pub fn add(&mut self, path: &str, text: &str) {
        self.texts.insert(path.to_owned(), text.to_owned());
    }

    /// The text at `path`.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(String::as_str)
    }

    /// The folders of the crates, `crates/NAME`, that have a manifest.
    #[must_use]
    pub fn crates(&self) -> BTreeSet<&str> {
        let manifests = self.texts.keys().filter(|path| path.starts_with("crates/"));
        manifests.filter_map(|path| path.strip_suffix("/Cargo.toml")).collect()
    }

    /// Paths and texts of the Rust files of a crate, tests left out.
    pub fn sources<'w>(&'w self, folder: &str) -> impl Iterator<Item = (&'w str, &'w str)> {
        let source = format!("{folder}/src/");
        let texts = self.texts.iter().filter(move |(path, _)| path.starts_with(&source));
        texts.filter(|(path, _)| is_source(path)).map(|(path, text)| (path.as_str(), text.as_str()))
    }

    fn read_folder(&mut self, root: &Path, folder: &str) -> io::Result<()> {
        for entry in std::fs::read_dir(root.join(folder))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{folder}/{name}");
            if entry.file_type()?.is_dir() {
                if !["target", "corpus", "artifacts"].contains(&name.as_str()) {
                    self.read_folder(root, &path)?;
                }
            } else if name == "Cargo.toml" || name.ends_with(".rs") {
                self.add(&path, &std::fs::read_to_string(entry.path())?);
            }
        }
        Ok(())
    }
}

/// Whether a Rust file below `src` is something else than tests.
fn is_source(path: &str) -> bool {
    path.ends_with(".rs") && !path.ends_with("/tests.rs") && !path.contains("/tests/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_read_and_tests_left_out() {
        let root = tempfile::tempdir().expect("a folder");
        let source = root.path().join("crates/a/src/b");
        std::fs::create_dir_all(&source).expect("folders");
        std::fs::write(root.path().join("crates/a/Cargo.toml"), "").expect("a manifest");
        std::fs::write(source.join("c.rs"), "//! C.").expect("a file");
        std::fs::write(source.join("tests.rs"), "").expect("a file");
        let workspace = Workspace::read(root.path()).expect("the folder");
        assert_eq!(workspace.crates(), BTreeSet::from(["crates/a"]));
        let sources: Vec<_> = workspace.sources("crates/a").collect();
        assert_eq!(sources, [("crates/a/src/b/c.rs", "//! C.")]);
    }
}
