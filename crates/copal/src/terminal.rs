//! What the operator sees of this command: results on standard output, remarks on standard
//! error.

use std::io::{self, IsTerminal as _, Write as _};

/// Writes a result to standard output. A reader that has gone away is no error of ours.
pub fn show(text: &str) {
    // Nobody is left to whom a failure could be told.
    drop(try_show(text));
}

/// Writes a result to standard output.
///
/// # Errors
/// When nobody reads it any more.
pub fn try_show(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush())
}

/// Whether somebody looks at standard output as it is written.
#[must_use]
pub fn is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Whether results may have colours: they go to a terminal, and `NO_COLOR` is not set.
#[must_use]
pub fn has_colours() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()) && is_terminal()
}

/// Writes a remark to standard error, with the name of this command before it.
pub fn complain(text: &str) {
    raw(format!("copal: {text}\n").as_bytes());
}

/// Writes lines to standard error as they are, in one piece.
pub fn raw(lines: &[u8]) {
    drop(io::stderr().lock().write_all(lines));
}
