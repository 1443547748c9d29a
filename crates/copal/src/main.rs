//! The program `copal`: hands its arguments over and turns the outcome into an exit code.

use std::process::ExitCode;

use clap::Parser as _;
use copal::arguments::{Arguments, Command};
use copal::{check, reload, session_id, status, up, wish};
use copal_protocol::state::Wish;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.command {
        Command::Up { demo, config } => up::run(demo, config),
        Command::Check { config, json } => check::run(config, json),
        Command::Status { watch, json, config } => status::run(config, watch, json),
        Command::Enable(one) => wish::run(&one.server, Wish::Enable, one.config),
        Command::Drain(one) => wish::run(&one.server, Wish::Drain, one.config),
        Command::Evict(one) => wish::run(&one.server, Wish::Evict, one.config),
        Command::Maintenance(one) => wish::run(&one.server, Wish::Maintenance, one.config),
        Command::Reload { server, config } => reload::run(server.as_deref(), config),
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
