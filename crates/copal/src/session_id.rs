//! The command `copal session-id`.

use std::path::PathBuf;

use copal_config::config_file::{self, ConfigFile};
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
        reader::read(&path).ok()
    };
    let config = checked.as_ref().map(|checked| &checked.config);
    terminal::show(&decoded_id::describe(id, config).ok_or(Failure::NoSessionId)?);
    Ok(())
}
