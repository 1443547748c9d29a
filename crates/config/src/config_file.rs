//! The configuration file of a running process: located, read and reported alike by every program.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use crate::config_path;
use crate::failure::Failure;
use crate::finding::Severity;
use crate::reader::{self, Checked};
use crate::report::Report;

/// Which file is meant.
#[derive(Debug)]
pub struct ConfigFile {
    /// The file.
    pub path: PathBuf,
    /// Whether the command line or the environment names it; else it is one of the usual places.
    pub is_named: bool,
}

impl ConfigFile {
    /// Which file is meant, when the command line names `option`.
    #[must_use]
    pub fn locate(option: Option<PathBuf>) -> Self {
        let variable = std::env::var_os(config_path::VARIABLE).filter(|name| !name.is_empty());
        let is_named = option.is_some() || variable.is_some();
        Self { path: config_path::choose(option, variable, Path::is_file), is_named }
    }

    /// The file, unless nothing names one and none stands in the usual places.
    ///
    /// # Errors
    /// [`Failure::NotFound`].
    pub fn required(self) -> Result<PathBuf, Failure> {
        if self.is_named || self.path.is_file() { Ok(self.path) } else { Err(Failure::NotFound) }
    }
}

/// Reads a file for a program that has `applications`. What was found goes to standard error when
/// some of it weighs as much as `least`.
///
/// # Errors
/// When nothing can be started with it. What is wrong inside it is reported: [`Failure::Reported`].
pub fn read(path: &Path, applications: &[&str], least: Severity) -> Result<Checked, Failure> {
    match reader::read_with(path, applications) {
        Ok(checked) => {
            // The weightiest comes first in the order of severities.
            if checked.warnings.findings().iter().any(|finding| finding.severity <= least) {
                show(&checked.warnings);
            }
            Ok(checked)
        }
        Err(Failure::Broken(errors)) => {
            show(&errors);
            Err(Failure::Reported(path.to_owned()))
        }
        Err(failure) => Err(failure),
    }
}

/// Whether standard error may have colours: it is a terminal, and `NO_COLOR` is not set.
#[must_use]
pub fn has_colours() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && std::io::stderr().is_terminal()
}

/// To standard error, where an operator looks. When that is closed there is nobody to tell.
fn show(report: &Report) {
    let text = if has_colours() { format!("{report:#}\n") } else { format!("{report}\n") };
    drop(std::io::stderr().lock().write_all(text.as_bytes()));
}
