//! What the binary `app-tier`, or one with applications of its own, does.

use std::process::ExitCode;

use copal_serve::process;

use crate::server::Server;

/// The command line of `app-tier`, with the applications that `mount` adds to the server:
/// `--config`, `--server`, `check`, logs as the file says, exit codes 0, 1 and 2.
///
/// ```no_run
/// use copal_app_tier::command;
///
/// fn main() -> std::process::ExitCode {
///     let shop = axum::Router::new().route("/", axum::routing::get(|| async { "hello\n" }));
///     command::run_with(|server| server.web_app("/shop", shop))
/// }
/// ```
#[must_use]
pub fn run_with(mount: impl FnOnce(Server) -> Server) -> ExitCode {
    process::run("app-tier", |start| {
        mount(Server::new(start.config, &start.server).source(start.source)).run()
    })
}
