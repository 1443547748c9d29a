//! The command `copal session-id`.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use copal_config::config_file::{self, ConfigFile};
use copal_config::failure::Failure as NoConfiguration;
use copal_config::finding::Severity;
use copal_config::reader;
use copal_config::web_app::WebApp;

use crate::decoded_id;
use crate::failure::Failure;
use crate::terminal;

/// Prints what a session id says, with the names of the servers when there is a configuration.
///
/// # Errors
/// When nothing in the id can be used, or the configuration that was named is not usable.
pub fn run(id: &str, config: Option<PathBuf>) -> Result<(), Failure> {
    let ConfigFile { path, is_named } = ConfigFile::locate(config);
    let checked = if is_named {
        Some(config_file::read(&path, WebApp::BUILT_IN, Severity::Error)?)
    } else {
        // Nobody asked for this file: it may be missing, and a mistake in it must not stand in
        // the way.
        match reader::read(&path) {
            Ok(checked) => Some(checked),
            Err(failure) => {
                terminal::complain(&only_letters(&path, &failure));
                None
            }
        }
    };
    let config = checked.as_ref().map(|checked| &checked.config);
    terminal::show(&decoded_id::describe(id, config).ok_or(Failure::NoSessionId)?);
    Ok(())
}

/// Why the servers have no names.
fn only_letters(path: &Path, failure: &NoConfiguration) -> String {
    let why = match failure {
        NoConfiguration::Unreadable { error, .. } if error.kind() == ErrorKind::NotFound => {
            "no configuration was found".to_owned()
        }
        NoConfiguration::Broken(_) => {
            format!("{} is not usable (`copal check` tells why)", path.display())
        }
        other => other.to_string(),
    };
    format!("{why}, so servers are shown by their letters only; --config FILE names them")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_is_no_mistake_and_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("copal.toml");
        let said = || only_letters(&path, &reader::read(&path).unwrap_err());
        assert!(said().starts_with("no configuration was found, so servers"), "{}", said());
        std::fs::write(&path, "nonsense = 1\n").unwrap();
        assert!(
            said().contains("copal.toml is not usable (`copal check` tells why)"),
            "{}",
            said()
        );
    }
}
