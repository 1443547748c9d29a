//! What the binary `app-tier` does.

use std::process::ExitCode;

use copal_serve::process;

use crate::server::Server;

/// Reads the command line and does what it says. A binary with applications of its own does the
/// same with its own [`Server`].
#[must_use]
pub fn run() -> ExitCode {
    process::run("app-tier", |config, server| Server::new(config, server).run())
}
