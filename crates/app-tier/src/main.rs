//! The process of one app-tier server with the built-in applications.

use std::process::ExitCode;

fn main() -> ExitCode {
    copal_app_tier::command::run_with(|server| server)
}
