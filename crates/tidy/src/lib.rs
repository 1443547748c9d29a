//! The laws of the code base, read from its source files.
//!
//! Four laws fail the tests: no import cycle between the files of a crate, no runtime in a pure
//! crate, no file above 400 lines, no file that the code map leaves out. The others are habits:
//! [`report`] shows them as a table.

pub mod finding;
pub mod workspace;
pub mod attributes;
pub mod source_file;
pub mod module_tree;
pub mod imports;
pub mod cycles;
pub mod purity;
pub mod length;
pub mod code_map;
pub mod habits;
pub mod report;
