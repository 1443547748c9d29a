//! The command line of a server process, the same for both tiers.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use copal_config::config::Config;
use copal_config::config_path;
use copal_config::finding::Severity;
use copal_config::reader::{self, Checked};
use copal_config::report::Report;
use copal_config::summary::Summary;

use crate::log;

/// Runs one server of a Copal cluster.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    file: File,
    /// Which server of the file this process is
    #[arg(long, value_name = "ID")]
    server: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Checks the configuration file and prints what it means
    Check(File),
}

#[derive(Debug, Args)]
struct File {
    /// The configuration file [default: $COPAL_CONFIG, ./copal.toml, /etc/copal/copal.toml]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Why a server did not start, or ended.
pub trait Ending: Display {
    /// Whether the command line or the configuration is to blame, rather than this host.
    fn is_a_mistake(&self) -> bool;
}

/// It ran and failed.
const FAILED: u8 = 1;
/// The command line or the configuration is wrong; nothing was started.
const WRONG: u8 = 2;

/// Reads the command line of the binary `name` and does what it says. `serve` runs the server of
/// this id until it is told to stop.
#[must_use]
pub fn run<E: Ending>(
    name: &'static str,
    serve: impl FnOnce(Config, &str) -> Result<(), E>,
) -> ExitCode {
    let parsed = CommandLine::command().name(name).try_get_matches();
    let line = match parsed.and_then(|matches| CommandLine::from_arg_matches(&matches)) {
        Ok(line) => line,
        // Prints help and version to standard output, mistakes to standard error.
        Err(asked) => asked.exit(),
    };
    let code = match (line.command, line.server) {
        (Some(Command::Check(file)), _) => check(file.config),
        (None, Some(server)) => run_server(line.file.config, &server, serve),
        (None, None) => {
            say("which server is this? Name it with --server ID; the command `check` lists them");
            WRONG
        }
    };
    ExitCode::from(code)
}

fn run_server<E: Ending>(
    config: Option<PathBuf>,
    server: &str,
    serve: impl FnOnce(Config, &str) -> Result<(), E>,
) -> u8 {
    let Some(checked) = read(config, Severity::Warning) else { return WRONG };
    log::begin(checked.config.log);
    match serve(checked.config, server) {
        Ok(()) => {
            tracing::info!(server, "stopped");
            0
        }
        Err(error) => {
            tracing::error!(server, "{error}");
            if error.is_a_mistake() { WRONG } else { FAILED }
        }
    }
}

fn check(config: Option<PathBuf>) -> u8 {
    let Some(checked) = read(config, Severity::Note) else { return WRONG };
    let mut out = io::stdout().lock();
    match write!(out, "{}", Summary(&checked.config)).and_then(|()| out.flush()) {
        Ok(()) => 0,
        Err(error) => {
            say(&format!("cannot write the summary: {error}"));
            FAILED
        }
    }
}

/// Reads the file, and shows what was found when some of it weighs as much as `least`.
fn read(named: Option<PathBuf>, least: Severity) -> Option<Checked> {
    let variable = std::env::var_os(config_path::VARIABLE);
    let path = config_path::choose(named, variable, Path::is_file);
    match reader::read(&path) {
        Ok(checked) => {
            // The weightiest comes first in the order of severities.
            if checked.warnings.findings().iter().any(|finding| finding.severity <= least) {
                show(&checked.warnings);
            }
            Some(checked)
        }
        Err(copal_config::failure::Failure::Broken(report)) => {
            show(&report);
            None
        }
        Err(failure) => {
            say(&failure.to_string());
            None
        }
    }
}

fn show(report: &Report) {
    say(&if io::stderr().is_terminal() { format!("{report:#}") } else { report.to_string() });
}

/// To standard error, where an operator looks. When that is closed there is nobody to tell.
fn say(line: &str) {
    drop(writeln!(io::stderr(), "{}", line.trim_end()));
}
