//! What the operator sees of this command: results on standard output, remarks on standard
//! error.

use std::io::Write as _;

/// Writes a result to standard output. A reader that has gone away is no error of ours.
pub fn show(text: &str) {
    let mut out = std::io::stdout().lock();
    // Nobody is left to whom a failure could be told.
    drop(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
}

/// Writes a remark to standard error, with the name of this command before it.
pub fn complain(text: &str) {
    raw(format!("copal: {text}\n").as_bytes());
}

/// Writes lines to standard error as they are, in one piece.
pub fn raw(lines: &[u8]) {
    drop(std::io::stderr().lock().write_all(lines));
}
