//! The way from a file to a checked configuration.

use std::path::Path;

use crate::bounds;
use crate::config::Config;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::finding::Severity;
use crate::findings::Findings;
use crate::meant;
use crate::meant::scope::World;
use crate::process_environment::ProcessEnvironment;
use crate::report::Report;
use crate::web_app::WebApp;
use crate::written;

#[cfg(test)]
mod tests;

/// A configuration, with what its author should know.
#[derive(Debug, Clone)]
pub struct Checked {
    /// What is meant.
    pub config: Config,
    /// Warnings and notes; no errors.
    pub warnings: Report,
}

/// Reads and checks the file at `path`. Of applications only the built-in ones are known.
///
/// # Errors
/// The file cannot be read, is not text, or breaks a rule; then every broken rule is reported.
pub fn read(path: &Path) -> Result<Checked, Failure> {
    read_with(path, WebApp::BUILT_IN)
}

/// The same for a program with `applications` of its own: all names that `app` may have.
///
/// # Errors
/// As of [`read`].
pub fn read_with(path: &Path, applications: &[&str]) -> Result<Checked, Failure> {
    let environment = ProcessEnvironment;
    let bytes = environment
        .file(path, bounds::FILE_BYTES)
        .map_err(|error| Failure::Unreadable { path: path.to_owned(), error })?;
    if bytes.len() > bounds::FILE_BYTES {
        return Err(Failure::TooLarge { path: path.to_owned(), limit: bounds::FILE_BYTES });
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let before = error.as_bytes().iter().take(error.utf8_error().valid_up_to());
        let line = before.filter(|byte| **byte == b'\n').count() + 1;
        Failure::NotText { path: path.to_owned(), line }
    })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let world = World { environment: &environment, applications: Some(applications) };
    read_in(&path.display().to_string(), folder, &text, world).map_err(Failure::Broken)
}

/// Reads and checks a text. `name` stands for it in messages, relative paths start at `folder`,
/// and an application may have any name.
///
/// # Errors
/// Every rule of the file that is broken, and the warnings too.
pub fn read_text(
    name: &str,
    folder: &Path,
    text: &str,
    environment: &dyn Environment,
) -> Result<Checked, Report> {
    read_in(name, folder, text, World { environment, applications: None })
}

fn read_in(name: &str, folder: &Path, text: &str, world: World<'_>) -> Result<Checked, Report> {
    let findings = Findings::new(text);
    let config = {
        let document = written::document::Document::parse(&findings);
        written::hidden::hide_read(&document.root(), &findings);
        let file = written::file::WrittenFile::read(&document.root(), &findings);
        let config = meant::config::config(&file, folder, world, &findings);
        document.forgive(&findings);
        config
    };
    let report = findings.into_report(name);
    if report.count_of(Severity::Error) > 0 {
        return Err(report);
    }
    Ok(Checked { config, warnings: report })
}
