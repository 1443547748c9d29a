//! The laws hold for this repository.

use std::path::Path;

use copal_tidy::report::Report;
use copal_tidy::workspace::Workspace;

#[test]
fn the_four_laws_hold() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let workspace = Workspace::read(&root).expect("the sources of the repository");
    assert!(workspace.crates().len() > 5, "the crates are not where they are looked for");
    let report = Report::of(&workspace);
    println!("{report}");
    assert!(report.broken().is_empty(), "laws are broken:\n{report}");
}
