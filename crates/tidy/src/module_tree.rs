//! Which module stands in which file of a crate.

use std::collections::BTreeMap;

use syn::Item;

use crate::attributes;
use crate::source_file::SourceFile;

/// A module's path inside its crate; empty for the root.
pub type ModulePath = Vec<String>;

/// Which module stands in which file, from one root (`lib.rs`, or the `main.rs` of a program).
#[derive(Debug, Default)]
pub struct ModuleTree {
    files: BTreeMap<ModulePath, String>,
}

impl ModuleTree {
    /// Follows the `mod` lines from the file `root`.
    #[must_use]
    pub fn of(root: &str, files: &BTreeMap<String, SourceFile>) -> Self {
        let mut tree = Self::default();
        let folder = root.rsplit_once('/').map_or("", |(folder, _)| folder);
        tree.follow(root, folder, Vec::new(), files);
        tree
    }

    /// The modules with their files.
    pub fn modules(&self) -> impl Iterator<Item = (&ModulePath, &str)> {
        self.files.iter().map(|(module, file)| (module, file.as_str()))
    }

    /// The module and the file in which something with this path from the root is found: the
    /// longest part of the path that is a file.
    #[must_use]
    pub fn home_of(&self, path: &[String]) -> Option<(&ModulePath, &str)> {
        let prefixes = (0..=path.len()).rev().filter_map(|length| path.get(..length));
        let mut homes = prefixes.filter_map(|prefix| self.files.get_key_value(prefix));
        homes.next().map(|(module, file)| (module, file.as_str()))
    }

    fn follow(
        &mut self,
        path: &str,
        children: &str,
        module: ModulePath,
        files: &BTreeMap<String, SourceFile>,
    ) {
        let Some(file) = files.get(path) else { return };
        self.files.insert(module.clone(), path.to_owned());
        for name in child_files(&file.syntax.items) {
            let child = format!("{children}/{name}.rs");
            let folder = format!("{children}/{name}");
            let module = module.iter().cloned().chain([name]).collect();
            self.follow(&child, &folder, module, files);
        }
    }
}

/// The names in the `mod name;` lines that are not for tests.
fn child_files(items: &[Item]) -> Vec<String> {
    let modules = items.iter().filter_map(|item| match item {
        Item::Mod(module) if module.content.is_none() => Some(module),
        _ => None,
    });
    let real = modules.filter(|module| !attributes::only_in_tests(&module.attrs));
    real.map(|module| module.ident.to_string()).collect()
}
