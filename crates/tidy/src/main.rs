//! Prints how the code base keeps its laws.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use copal_tidy::report::Report;
use copal_tidy::workspace::Workspace;

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let workspace = match Workspace::read(&root) {
        Ok(workspace) => workspace,
        Err(error) => {
            // Nobody is left to tell when standard error is closed.
            drop(writeln!(std::io::stderr(), "the sources cannot be read: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let report = Report::of(&workspace);
    if write!(std::io::stdout(), "{report}").is_err() || !report.broken().is_empty() {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
