//! Finds the configuration file, reads it, and reports what is wrong with it.

use std::path::{Path, PathBuf};

use copal_config::config_path;
use copal_config::failure::Failure as NoConfiguration;
use copal_config::finding::Severity;
use copal_config::reader::{self, Checked};
use copal_config::report::Report;

use crate::failure::Failure;
use crate::terminal;

/// Which file is meant.
#[derive(Debug)]
pub struct Located {
    /// The file.
    pub path: PathBuf,
    /// Whether the command line or the environment names it; else it is one of the usual places.
    pub is_named: bool,
}

/// Which file is meant, with the environment and the file system of this process.
#[must_use]
pub fn locate(option: Option<PathBuf>) -> Located {
    let variable = std::env::var_os(config_path::VARIABLE).filter(|name| !name.is_empty());
    let is_named = option.is_some() || variable.is_some();
    Located { path: config_path::choose(option, variable, Path::is_file), is_named }
}

/// The file that is meant, when there is one.
///
/// # Errors
/// When nothing names a file and none stands in the usual places.
pub fn required(option: Option<PathBuf>) -> Result<PathBuf, Failure> {
    let Located { path, is_named } = locate(option);
    if is_named || path.is_file() { Ok(path) } else { Err(Failure::NoConfig) }
}

/// Reads a file. What was found goes to standard error when some of it weighs as much as `least`.
///
/// # Errors
/// When nothing can be started with it.
pub fn read(path: &Path, least: Severity) -> Result<Checked, Failure> {
    match reader::read(path) {
        Ok(checked) => {
            // The weightiest comes first in the order of severities.
            if checked.warnings.findings().iter().any(|finding| finding.severity <= least) {
                report(&checked.warnings);
            }
            Ok(checked)
        }
        Err(NoConfiguration::Broken(errors)) => {
            report(&errors);
            Err(Failure::Reported(path.to_owned()))
        }
        Err(failure) => Err(failure.into()),
    }
}

fn report(report: &Report) {
    let text =
        if terminal::has_colours() { format!("{report:#}\n") } else { format!("{report}\n") };
    terminal::raw(text.as_bytes());
}
