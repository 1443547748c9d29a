//! The laws that are reported and do not fail.

use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{ImplItemFn, Item, ItemFn, ItemUse, Signature, TraitItemFn, UseTree, Visibility};

use crate::attributes;
use crate::finding::{Finding, Law};
use crate::source_file::SourceFile;

/// The most lines that a function may have, from its first line to its closing brace.
const MOST: usize = 60;

/// Names that say nothing about what is in a file.
const EMPTY_WORDS: [&str; 9] =
    ["util", "utils", "helper", "helpers", "common", "misc", "types", "manager", "mod"];

/// What the habits find in one file.
#[must_use]
pub fn check(file: &SourceFile) -> Vec<Finding> {
    let mut walk = Walk { file, findings: Vec::new() };
    if !file.opening.starts_with("//! ") {
        walk.find(Law::Opening, 1, file.opening.clone());
    }
    if file.stem().split('_').any(|word| EMPTY_WORDS.contains(&word)) {
        walk.find(Law::Name, 1, file.stem());
    }
    walk.visit_file(&file.syntax);
    walk.findings
}

struct Walk<'f> {
    file: &'f SourceFile,
    findings: Vec<Finding>,
}

impl Walk<'_> {
    fn find(&mut self, law: Law, line: usize, what: impl Into<String>) {
        self.findings.push(Finding::at(law, &self.file.path, line, what));
    }

    fn measure(&mut self, signature: &Signature, whole: proc_macro2::Span) {
        let first = signature.span().start().line;
        let lines = (whole.end().line + 1).saturating_sub(first);
        if lines > MOST {
            self.find(Law::FunctionLength, first, format!("{}: {lines} lines", signature.ident));
        }
    }
}

impl<'ast> Visit<'ast> for Walk<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if !attributes::only_in_tests(attributes::of(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let line = item.span().start().line;
        if !matches!(item.vis, Visibility::Inherited) {
            self.find(Law::ReExport, line, "a `use` that others see");
        }
        if let UseTree::Path(path) = &item.tree
            && path.ident == "super"
            && matches!(*path.tree, UseTree::Glob(_))
        {
            self.find(Law::Glob, line, "use super::*");
        }
    }

    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        self.measure(&function.sig, function.span());
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        self.measure(&function.sig, function.span());
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast TraitItemFn) {
        self.measure(&function.sig, function.span());
        visit::visit_trait_item_fn(self, function);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laws(path: &str, text: &str) -> Vec<Law> {
        let file = SourceFile::parse(path, text).expect("a file");
        check(&file).into_iter().map(|finding| finding.law).collect()
    }

    #[test]
    fn a_good_file_has_no_findings() {
        let tests = "#[cfg(test)]\nmod tests {\n    use super::*;\n}\n";
        assert_eq!(laws("crates/a/src/b.rs", &format!("//! A.\nuse crate::c::D;\n{tests}")), []);
    }

    #[test]
    fn each_habit_is_seen_to_be_broken() {
        let long = format!("//! A.\nfn a() {{\n{}}}\n", "// a line\n".repeat(59));
        let rows = [
            ("b.rs", "fn a() {}\n", Law::Opening),
            ("string_utils.rs", "//! A.\n", Law::Name),
            ("b.rs", "//! A.\nuse super::*;\n", Law::Glob),
            ("b.rs", "//! A.\npub use crate::c::D;\n", Law::ReExport),
            ("b.rs", "//! A.\npub(crate) use c::D;\n", Law::ReExport),
            ("b.rs", long.as_str(), Law::FunctionLength),
        ];
        for (name, text, law) in rows {
            assert_eq!(laws(&format!("crates/a/src/{name}"), text), [law], "{name}: {text}");
        }
    }
}
