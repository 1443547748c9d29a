//! A place where a law is broken.

use std::fmt;

/// A law of the code base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Law {
    /// Files of a crate import each other in a circle.
    ImportCycle,
    /// A pure crate depends on a runtime.
    PureCrate,
    /// A file is longer than 400 lines, tests not counted.
    FileLength,
    /// The code map and the files differ.
    CodeMap,
    /// A file is not Rust, or no `mod` line leads to it.
    Unreachable,
    /// A file does not begin with `//!` and a sentence.
    Opening,
    /// A file has a name that says nothing.
    Name,
    /// `use super::*` outside tests.
    Glob,
    /// A re-export inside a crate.
    ReExport,
    /// A child imports its parent.
    ChildImportsParent,
    /// A function is longer than 60 lines.
    FunctionLength,
}

impl Law {
    /// Whether a finding fails the tests.
    #[must_use]
    pub fn fails(self) -> bool {
        matches!(self, Self::ImportCycle | Self::PureCrate | Self::FileLength | Self::CodeMap)
    }

    fn words(self) -> &'static str {
        match self {
            Self::ImportCycle => "import cycle",
            Self::PureCrate => "runtime in a pure crate",
            Self::FileLength => "file too long",
            Self::CodeMap => "code map",
            Self::Unreachable => "unreachable file",
            Self::Opening => "no opening sentence",
            Self::Name => "name that says nothing",
            Self::Glob => "use super::*",
            Self::ReExport => "re-export",
            Self::ChildImportsParent => "child imports parent",
            Self::FunctionLength => "function too long",
        }
    }
}

/// A place where a law is broken.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The law.
    pub law: Law,
    /// The file, and the line where there is one.
    pub place: String,
    /// What is there.
    pub what: String,
}

impl Finding {
    /// A finding about a whole file.
    #[must_use]
    pub fn new(law: Law, place: &str, what: impl Into<String>) -> Self {
        Self { law, place: place.to_owned(), what: what.into() }
    }

    /// A finding about a line, counted from 1.
    #[must_use]
    pub fn at(law: Law, path: &str, line: usize, what: impl Into<String>) -> Self {
        Self { law, place: format!("{path}:{line}"), what: what.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.law.words(), self.place, self.what)
    }
}
