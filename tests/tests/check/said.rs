//! What a program said before it ended.

use std::path::Path;

use copal_testkit::binary;

/// What a program said before it ended.
#[derive(Debug)]
pub(crate) struct Said {
    /// Its exit code.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) output: String,
    /// Standard error.
    pub(crate) errors: String,
}

/// Runs a program in `folder`.
pub(crate) fn run(folder: &Path, program: &str, arguments: &[&str]) -> Said {
    let output = binary::run_in(folder, program, arguments);
    Said {
        code: output.status.code(),
        output: String::from_utf8_lossy(&output.stdout).into_owned(),
        errors: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
