//! A Rust file, parsed.

use syn::Item;

use crate::attributes;
use crate::finding::{Finding, Law};

/// A Rust file, parsed.
pub struct SourceFile {
    /// Its path from the root of the repository.
    pub path: String,
    /// What is in it.
    pub syntax: syn::File,
    /// Its lines, inline test modules not counted.
    pub lines: usize,
    /// Its first line.
    pub opening: String,
}

impl SourceFile {
    /// Parses a file.
    ///
    /// # Errors
    /// A finding when it is not Rust.
    pub fn parse(path: &str, text: &str) -> Result<Self, Finding> {
        let syntax = syn::parse_file(text)
            .map_err(|error| Finding::new(Law::Unreachable, path, error.to_string()))?;
        let tests = syntax.items.iter().filter(|item| is_inline_tests(item));
        let test_lines = tests.map(|item| {
            let (first, last) = attributes::lines(item);
            (last + 1).saturating_sub(first)
        });
        let lines = text.lines().count().saturating_sub(test_lines.sum());
        let opening = text.lines().next().unwrap_or_default().to_owned();
        Ok(Self { path: path.to_owned(), syntax, lines, opening })
    }

    /// The name of the file without its ending.
    #[must_use]
    pub fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.strip_suffix(".rs").unwrap_or(name)
    }
}

fn is_inline_tests(item: &Item) -> bool {
    let inline = matches!(item, Item::Mod(module) if module.content.is_some());
    inline && attributes::only_in_tests(attributes::of(item))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_tests_are_not_counted() {
        let text = "//! A.\nfn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\n";
        let file = SourceFile::parse("crates/a/src/b.rs", text).map(|file| file.lines);
        assert_eq!(file, Ok(2));
        let file = SourceFile::parse("b.rs", "//! A.\n#[cfg(not(test))]\nmod m {\n}\n");
        assert_eq!(file.map(|file| file.lines), Ok(4));
    }

    #[test]
    fn what_is_not_rust_is_a_finding() {
        let error = SourceFile::parse("a.rs", "fn (").err().map(|finding| finding.law);
        assert_eq!(error, Some(Law::Unreachable));
    }
}
