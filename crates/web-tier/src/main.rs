//! The process of one web-tier server.

use std::process::ExitCode;

fn main() -> ExitCode {
    copal_web_tier::command::run()
}
