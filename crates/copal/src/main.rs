//! The program `copal`: hands its arguments over and turns the outcome into an exit code.

use std::process::ExitCode;

use clap::Parser as _;
use copal::arguments::{Arguments, Command};
use copal::{check, session_id, up};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.command {
        Command::Up { demo, config } => up::run(demo, config),
        Command::Check { config, json } => check::run(config, json),
        Command::SessionId { id, config } => session_id::run(&id, config),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            copal::terminal::complain(&failure.to_string());
            ExitCode::from(failure.exit_code())
        }
    }
}
