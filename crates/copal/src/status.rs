//! The command `copal status`.

use std::path::PathBuf;

use copal_config::config_file::ConfigFile;

use crate::failure::Failure;
use crate::known::Known;
use crate::look::{Form, Look};
use crate::{terminal, watch};

/// Asks all servers of ours how they are and prints it: once, or every second until Ctrl-C.
///
/// # Errors
/// When the configuration is not usable and no control socket is found either; when it was to be printed once and somebody did not
/// answer.
pub fn run(config: Option<PathBuf>, is_watch: bool, json: bool) -> Result<(), Failure> {
    let path = ConfigFile::locate(config).required()?;
    let known = Known::read(&path)?;
    if let Some(remark) = known.remark() {
        terminal::complain(remark);
    }
    let look = Look::new(path, known);
    let text = Form::Text { has_colours: terminal::has_colours() };
    if is_watch {
        return watch::run(look, if json { Form::Line } else { text });
    }
    let told = look.ask();
    terminal::show(&look.show(&told, if json { Form::Object } else { text }));
    let silent = told.iter().filter(|one| one.outcome.is_err()).count();
    if silent > 0 {
        return Err(Failure::Silent { silent, asked: told.len() });
    }
    Ok(())
}
