//! The command `copal reload`.

use std::path::PathBuf;

use copal_config::config_file::{self, ConfigFile};
use copal_config::failure::Failure as NoConfiguration;
use copal_config::finding::Severity;
use copal_config::web_app::WebApp;

use crate::errand;
use crate::failure::Failure;
use crate::question::Question;
use crate::reloaded::Reloaded;
use crate::round;
use crate::terminal;

/// Has the server `id`, or every server of ours that runs, read its configuration again, and
/// prints what came of it. A file that is bad here is given to nobody.
///
/// # Errors
/// When the configuration is not usable or has no such server; when a server refused it; when
/// none runs.
pub fn run(id: Option<&str>, config: Option<PathBuf>) -> Result<(), Failure> {
    let path = ConfigFile::locate(config).required()?;
    let checked = config_file::read(&path, WebApp::BUILT_IN, Severity::Warning);
    let checked = checked.map_err(|failure| match failure {
        NoConfiguration::Reported(path) => Failure::NobodyReloaded(path),
        other => other.into(),
    })?;
    let doors = errand::readers(&checked.config, id)?;
    let answers = round::ask_all::<Reloaded>(&doors, &Question::Reload);
    let (mut running, mut refusals) = (0, 0);
    for (doors, answer) in doors.iter().zip(answers) {
        match answer {
            Ok(reloaded) => {
                running += 1;
                terminal::show(&reloaded.in_words(&doors.server));
            }
            Err(silence) => {
                if !silence.is_absence() {
                    running += 1;
                    refusals += 1;
                }
                terminal::complain(&format!("{}: {silence}", doors.server));
            }
        }
    }
    match (running, refusals) {
        (0, _) => Err(Failure::NoneRuns),
        (_, 0) => Ok(()),
        (asked, refusals) => Err(Failure::NotReloaded { refusals, asked }),
    }
}
