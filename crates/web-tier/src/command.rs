//! What the binary `web-tier` does.

use std::process::ExitCode;

use copal_serve::drain::Drain;
use copal_serve::process::{self, Start};
use copal_serve::signals;

use crate::assembly;
use crate::error::StartError;

/// Reads the command line and does what it says.
#[must_use]
pub fn run() -> ExitCode {
    process::run("web-tier", serve)
}

/// Runs one server until a signal stops it.
fn serve(start: Start) -> Result<(), StartError> {
    let drain = Drain::default();
    signals::stop_on_termination(&drain, start.config.limits.drain_time)?;
    let running = assembly::start(start, &drain)?;
    if running.wait() { Ok(()) } else { Err(StartError::Panicked) }
}
