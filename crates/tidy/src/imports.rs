//! What a file takes from other files of its crate.

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{ImplItemFn, Item, ItemMod, ItemUse, Macro, Path, UseTree, VisRestricted};

use crate::attributes;
use crate::module_tree::{ModulePath, ModuleTree};
use crate::source_file::SourceFile;

/// Something that a file takes from its crate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Import {
    /// The path from the root of the crate.
    pub path: Vec<String>,
    /// The line where it stands, from 1.
    pub line: usize,
}

/// What the file of `module` takes from its own crate outside its tests. That a parent declares
/// a child is no import.
#[must_use]
pub fn of(file: &SourceFile, module: &ModulePath, tree: &ModuleTree) -> Vec<Import> {
    let mut collector = Collector { module: module.clone(), tree, imports: Vec::new() };
    collector.visit_file(&file.syntax);
    collector.imports
}

struct Collector<'t> {
    module: ModulePath,
    tree: &'t ModuleTree,
    imports: Vec<Import>,
}

impl Collector<'_> {
    fn note(&mut self, names: &[String], line: usize) {
        if let Some(path) = self.absolute(names) {
            self.imports.push(Import { path, line });
        }
    }

    /// The path as it is from the root of the crate; `None` for what is not of this crate.
    fn absolute(&self, names: &[String]) -> Option<Vec<String>> {
        let (first, mut rest) = names.split_first()?;
        let mut path = match first.as_str() {
            "crate" => Vec::new(),
            "self" => self.module.clone(),
            "super" => self.parent_of(&self.module)?,
            child => {
                let mut path = self.module.clone();
                path.push(child.to_owned());
                let is_child = self.tree.home_of(&path).is_some_and(|(home, _)| *home == path);
                return is_child.then(|| path.into_iter().chain(rest.iter().cloned()).collect());
            }
        };
        while let Some((name, more)) = rest.split_first() {
            if name != "super" {
                break;
            }
            path = self.parent_of(&path)?;
            rest = more;
        }
        path.extend(rest.iter().cloned());
        Some(path)
    }

    fn parent_of(&self, module: &[String]) -> Option<Vec<String>> {
        module.split_last().map(|(_, parent)| parent.to_vec())
    }

    fn note_tree(&mut self, tree: &UseTree, prefix: &[String]) {
        let with = |name: String| prefix.iter().cloned().chain([name]).collect::<Vec<_>>();
        match tree {
            UseTree::Path(path) => self.note_tree(&path.tree, &with(path.ident.to_string())),
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.note_tree(tree, prefix);
                }
            }
            UseTree::Glob(glob) => self.note(prefix, glob.span().start().line),
            UseTree::Name(name) if name.ident == "self" => {
                self.note(prefix, name.span().start().line);
            }
            UseTree::Name(name) => {
                self.note(&with(name.ident.to_string()), name.span().start().line);
            }
            UseTree::Rename(name) => {
                self.note(&with(name.ident.to_string()), name.span().start().line);
            }
        }
    }

    /// Paths in the arguments of a macro, which are no syntax yet: `crate::…`, `super::…`.
    fn note_tokens(&mut self, tokens: TokenStream) {
        let mut names: Vec<String> = Vec::new();
        let mut colons = 0;
        let mut line = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) if !names.is_empty() && colons == 2 => {
                    names.push(ident.to_string());
                }
                TokenTree::Ident(ident) => {
                    self.note_words(&names, line);
                    line = ident.span().start().line;
                    names = vec![ident.to_string()];
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => {
                    colons += 1;
                    continue;
                }
                TokenTree::Group(group) => {
                    self.note_words(&names, line);
                    names.clear();
                    self.note_tokens(group.stream());
                }
                _ => {
                    self.note_words(&names, line);
                    names.clear();
                }
            }
            colons = 0;
        }
        self.note_words(&names, line);
    }

    fn note_words(&mut self, names: &[String], line: usize) {
        if names.len() > 1 {
            self.note(names, line);
        }
    }
}

impl<'ast> Visit<'ast> for Collector<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if !attributes::only_in_tests(attributes::of(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        if !attributes::only_in_tests(&function.attrs) {
            visit::visit_impl_item_fn(self, function);
        }
    }

    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        self.module.push(module.ident.to_string());
        visit::visit_item_mod(self, module);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if item.leading_colon.is_none() {
            self.note_tree(&item.tree, &[]);
        }
    }

    fn visit_path(&mut self, path: &'ast Path) {
        let names: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        if path.leading_colon.is_none() {
            self.note_words(&names, path.span().start().line);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.visit_path(&call.path);
        self.note_tokens(call.tokens.clone());
    }

    /// `pub(crate)` and `pub(in path)` say who may look, not what is taken.
    fn visit_vis_restricted(&mut self, _: &'ast VisRestricted) {}

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
}
