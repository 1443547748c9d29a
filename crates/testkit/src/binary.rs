//! The programs of the product, as they were built beside the test that runs.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The path of a program of the product.
///
/// It is looked for in `COPAL_BIN_DIR`, else in the folder into which Cargo built the test.
///
/// # Panics
/// When it is not there.
#[must_use]
pub fn path(name: &str) -> PathBuf {
    let folder = match std::env::var_os("COPAL_BIN_DIR") {
        Some(folder) => PathBuf::from(folder),
        None => beside_the_test(),
    };
    let path = folder.join(name);
    assert!(
        path.is_file(),
        "{} is missing: run `cargo build --workspace --bins` first, or set COPAL_BIN_DIR",
        path.display()
    );
    path
}

/// `target/debug` of a test at `target/debug/deps/name-0123`.
fn beside_the_test() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    let folder = test.ancestors().nth(2).unwrap_or(Path::new("."));
    folder.to_path_buf()
}

/// Runs a program to its end and returns what it printed.
///
/// # Panics
/// When it cannot be started.
#[must_use]
pub fn run(name: &str, arguments: &[&str]) -> Output {
    run_in(Path::new("."), name, arguments)
}

/// The same in a folder of its own choice.
///
/// # Panics
/// When it cannot be started.
#[must_use]
pub fn run_in(folder: &Path, name: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(path(name));
    command.args(arguments).current_dir(folder).stdin(Stdio::null()).env_remove("COPAL_CONFIG");
    command.output().unwrap_or_else(|error| panic!("{name} cannot be started: {error}"))
}
