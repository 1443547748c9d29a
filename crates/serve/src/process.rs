//! The command line of a server process, the same for both tiers.

use std::fmt::Display;
use std::io::{self, Read as _, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use copal_config::config::Config;
use copal_config::config_file::{self, ConfigFile};
use copal_config::finding::Severity;
use copal_config::reader::{self, Checked};
use copal_config::summary::Summary;
use copal_config::web_app::WebApp;
use rustix::process::{Signal, getpid, kill_process};

use crate::{log, signals};

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

/// What a server process starts from.
#[derive(Debug)]
pub struct Start {
    /// The configuration, checked.
    pub config: Config,
    /// Which server of it this process is; perhaps there is none of this id.
    pub server: String,
    /// Where the configuration can be read again.
    pub source: Source,
}

/// Where the configuration of a running server comes from.
#[derive(Debug, Clone)]
pub struct Source {
    /// The file.
    pub path: PathBuf,
    /// All names that `app` may have in it.
    pub applications: Arc<[String]>,
}

impl Source {
    /// Reads and checks the file again. Its warnings go to the log.
    ///
    /// # Errors
    /// Everything that is wrong with the file, as it is shown at the start, without colours.
    pub fn read(&self) -> Result<Config, String> {
        let applications: Vec<&str> = self.applications.iter().map(String::as_str).collect();
        let checked =
            reader::read_with(&self.path, &applications).map_err(|failure| failure.to_string())?;
        if checked.warnings.count_of(Severity::Warning) > 0 {
            tracing::warn!("{}", checked.warnings);
        }
        Ok(checked.config)
    }
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
pub fn run<E: Ending>(name: &'static str, serve: impl FnOnce(Start) -> Result<(), E>) -> ExitCode {
    run_with(name, WebApp::BUILT_IN, serve)
}

/// The same for a binary with applications of its own: the file may name all `applications`.
#[must_use]
pub fn run_with<E: Ending>(
    name: &'static str,
    applications: &[&str],
    serve: impl FnOnce(Start) -> Result<(), E>,
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
            run_server(line.file.config, applications, server, serve)
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
    server: String,
    serve: impl FnOnce(Start) -> Result<(), E>,
) -> u8 {
    if let Err(error) = signals::survive_hang_up() {
        say(&format!("SIGHUP ends this process until it listens: {error}"));
    }
    let Some((path, checked)) = read(config, applications, Severity::Warning) else {
        return WRONG;
    };
    log::begin(checked.config.log);
    let applications = applications.iter().map(|name| (*name).to_owned()).collect();
    let source = Source { path, applications };
    match serve(Start { config: checked.config, server: server.clone(), source }) {
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
    let Some((_, checked)) = read(config, applications, Severity::Note) else { return WRONG };
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
fn read(
    named: Option<PathBuf>,
    applications: &[&str],
    least: Severity,
) -> Option<(PathBuf, Checked)> {
    let read = ConfigFile::locate(named).required().and_then(|path| {
        let checked = config_file::read(&path, applications, least)?;
        Ok((path, checked))
    });
    match read {
        Ok(read) => Some(read),
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

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
[[cluster.app-tier.server]]
id = "app-a"

[[cluster.app-tier.web-app]]
app = "shop"
"#;

    fn source(text: &str) -> (tempfile::TempDir, Source) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("copal.toml");
        std::fs::write(&path, text).unwrap();
        (folder, Source { path, applications: Arc::from(["shop".to_owned()]) })
    }

    #[test]
    fn the_file_is_read_again_with_the_applications_of_this_binary() {
        let (_folder, source) = source(GOOD);
        assert!(source.read().unwrap().server("app-a").is_some());
        let other = Source { applications: Arc::from([]), ..source };
        assert!(other.read().unwrap_err().contains("shop"));
    }

    #[test]
    fn everything_that_is_wrong_is_told_without_colours() {
        let (_folder, source) = source("workers = 0\nwrokers = 1\n");
        let report = source.read().unwrap_err();
        for part in ["copal.toml:1:", "copal.toml:2:", "wrokers", "3 errors"] {
            assert!(report.contains(part), "{part} is not in: {report}");
        }
        assert!(!report.contains('\u{1b}'), "{report}");
        std::fs::remove_file(&source.path).unwrap();
        assert!(source.read().unwrap_err().contains("cannot read the configuration file"));
    }
}
