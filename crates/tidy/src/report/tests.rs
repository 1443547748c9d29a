//! Whole small code bases with planted violations.

use super::*;

/// The findings about a crate `a` with these files, the code map left aside.
fn findings(files: &[(&str, &str)]) -> Vec<String> {
    let mut workspace = Workspace::default();
    workspace.add("crates/a/Cargo.toml", "");
    let mut map = String::new();
    for (name, text) in files {
        let path = format!("crates/a/src/{name}");
        workspace.add(&path, &format!("//! A room.\n{text}"));
        map.push_str(&format!("- `{path}`: a room.\n"));
    }
    workspace.add("docs/architecture.md", &map);
    let report = Report::of(&workspace);
    let all = report.findings.iter().map(|f| f.to_string().replace("crates/a/src/", ""));
    all.collect()
}

const DOOR: (&str, &str) = ("lib.rs", "pub mod b;\npub mod c;\n");

#[test]
fn a_crate_that_keeps_the_laws_has_no_findings() {
    let b = ("b.rs", "mod d;\nuse crate::c::C;\npub struct B(C, d::D);\n");
    let c = ("c.rs", "pub(crate) struct C;\nimpl C { pub(crate) fn c(self) -> Self { self } }\n");
    assert_eq!(
        findings(&[DOOR, b, c, ("b/d.rs", "use crate::c;\npub struct D(c::C);\n")]),
        [""; 0]
    );
}

#[test]
fn every_way_to_import_closes_a_circle() {
    let ways = [
        "use crate::b::B;",
        "use crate::b;",
        "use crate::{b::{self, B}, c};",
        "use crate::b::*;",
        "use crate::b as other;",
        "use super::b::B;",
        "fn f() -> crate::b::B { todo!() }",
        "fn f() { let _ = super::b::B; }",
        "fn f() { assert_eq!(crate::b::B, 1); }",
        "mod inner { use super::super::b::B; }",
        "impl crate::b::Trait for C {}",
    ];
    for way in ways {
        let found = findings(&[DOOR, ("b.rs", "use crate::c::C;\n"), ("c.rs", way)]);
        assert_eq!(found, ["import cycle: b.rs:2: b.rs -> c.rs -> b.rs"], "{way}");
    }
}

#[test]
fn tests_comments_and_visibility_close_no_circle() {
    let ways = [
        "#[cfg(test)]\nmod tests { use crate::b::B; }",
        "#[cfg(test)]\nuse crate::b::B;",
        "/// See [`crate::b::B`].\npub(crate) fn f() {}",
        "// use crate::b::B;",
        "use ::b::B;",
        "use other::b::B;",
    ];
    for way in ways {
        let found = findings(&[DOOR, ("b.rs", "use crate::c::C;\n"), ("c.rs", way)]);
        assert_eq!(found, [""; 0], "{way}");
    }
}

#[test]
fn a_parent_that_uses_a_child_that_uses_its_parent_is_a_circle() {
    let found = findings(&[
        ("lib.rs", "pub mod b;\n"),
        ("b.rs", "mod d;\npub struct B;\nfn f() { d::g(); }\n"),
        ("b/d.rs", "use super::B;\npub fn g() {}\n"),
    ]);
    let circle = "import cycle: b.rs:4: b.rs -> b/d.rs -> b.rs";
    assert_eq!(found, [circle, "child imports parent: b/d.rs:2: b::B"]);
}

#[test]
fn types_in_the_door_are_imported_from_a_parent() {
    let found = findings(&[("lib.rs", "pub mod b;\npub struct A;\n"), ("b.rs", "use crate::A;\n")]);
    assert_eq!(found, ["child imports parent: b.rs:2: A"]);
}

#[test]
fn a_file_without_a_mod_line_is_found() {
    let found = findings(&[("lib.rs", ""), ("b.rs", "")]);
    assert_eq!(found, ["unreachable file: b.rs: no `mod` line leads here"]);
}

#[test]
fn the_table_counts_files_and_lines() {
    let mut workspace = Workspace::default();
    workspace.add("crates/a/Cargo.toml", "");
    workspace.add("crates/a/src/lib.rs", "//! A.\n\npub mod b;\n");
    let table = Report::of(&workspace).to_string();
    assert!(table.contains("a                 1       3       3        3\n"), "{table}");
    assert!(table.contains("broken: 1\n  code map: docs/architecture.md"), "{table}");
}
