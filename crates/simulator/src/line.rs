//! Prints lines.

use std::io::Write;

/// Prints a line. Whoever closed the other end does not want any more.
pub(crate) fn print(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
