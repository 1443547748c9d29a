//! The command line of a server process, the same for both tiers.

use std::fmt::Display;
use std::io::{self, Read as _, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use copal_config::config::Config;
use copal_config::config_file::{self, ConfigFile};
use copal_config::finding::Severity;
use copal_config::reader::Checked;
use copal_config::summary::Summary;
use copal_config::web_app::WebApp;
use rustix::process::{Signal, getpid, kill_process};

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
    /// Stop as after SIGTERM when standard input ends: whoever started this process has gone
    #[arg(long, hide = true)]
    stop_at_end_of_input: bool,
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
/// this id until it is told to stop. The file may name the built-in applications.
#[must_use]
pub fn run<E: Ending>(
    name: &'static str,
    serve: impl FnOnce(Config, &str) -> Result<(), E>,
) -> ExitCode {
    run_with(name, WebApp::BUILT_IN, serve)
}

/// The same for a binary with applications of its own: the file may name all `applications`.
#[must_use]
pub fn run_with<E: Ending>(
    name: &'static str,
    applications: &[&str],
    serve: impl FnOnce(Config, &str) -> Result<(), E>,
) -> ExitCode {
    let parsed = CommandLine::command().name(name).try_get_matches();
    let line = match parsed.and_then(|matches| CommandLine::from_arg_matches(&matches)) {
        Ok(line) => line,
        // Prints help and version to standard output, mistakes to standard error.
        Err(asked) => asked.exit(),
    };
    let code = match (line.command, line.server) {
        (Some(Command::Check(file)), _) => check(file.config, applications),
        (None, Some(server)) => {
            if line.stop_at_end_of_input {
                stop_at_end_of_input();
            }
            run_server(line.file.config, applications, &server, serve)
        }
        (None, None) => {
            say("which server is this? Name it with --server ID; the command `check` lists them");
            WRONG
        }
    };
    ExitCode::from(code)
}

fn run_server<E: Ending>(
    config: Option<PathBuf>,
    applications: &[&str],
    server: &str,
    serve: impl FnOnce(Config, &str) -> Result<(), E>,
) -> u8 {
    let Some(checked) = read(config, applications, Severity::Warning) else { return WRONG };
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

/// Stops this process as SIGTERM does, as soon as standard input ends: the system closes the other
/// end when the process that started this one has gone, however it ended.
fn stop_at_end_of_input() {
    let wait = || {
        let mut input = io::stdin().lock();
        let mut some = [0; 64];
        loop {
            match input.read(&mut some) {
                Ok(1..) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(0) | Err(_) => break,
            }
        }
        // It can only fail for a process that is not there.
        let _ = kill_process(getpid(), Signal::TERM);
    };
    // Without a thread this process only lives longer than the one that started it.
    drop(std::thread::Builder::new().name("parent".to_owned()).spawn(wait));
}

fn check(config: Option<PathBuf>, applications: &[&str]) -> u8 {
    let Some(checked) = read(config, applications, Severity::Note) else { return WRONG };
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
fn read(named: Option<PathBuf>, applications: &[&str], least: Severity) -> Option<Checked> {
    let path = ConfigFile::locate(named).required();
    match path.and_then(|path| config_file::read(&path, applications, least)) {
        Ok(checked) => Some(checked),
        Err(failure) => {
            say(&failure.to_string());
            None
        }
    }
}

/// To standard error, where an operator looks. When that is closed there is nobody to tell.
fn say(line: &str) {
    drop(writeln!(io::stderr(), "{}", line.trim_end()));
}
