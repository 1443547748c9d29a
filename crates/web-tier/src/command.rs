//! What the binary `web-tier` does.

use std::process::ExitCode;

use copal_config::config::Config;
use copal_serve::drain::Drain;
use copal_serve::{process, signals};

use crate::assembly;
use crate::error::StartError;

/// Reads the command line and does what it says.
#[must_use]
pub fn run() -> ExitCode {
    process::run("web-tier", serve)
}

/// Runs one server until a signal stops it.
fn serve(config: Config, server: &str) -> Result<(), StartError> {
    let drain = Drain::default();
    signals::stop_on_termination(&drain, config.limits.drain_time)?;
    let workers = assembly::start(&config, server, &drain)?;
    if workers.wait() { Ok(()) } else { Err(StartError::Panicked) }
}
