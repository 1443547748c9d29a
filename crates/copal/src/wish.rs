//! The commands `copal enable`, `drain`, `evict` and `maintenance`.

use std::path::PathBuf;

use copal_config::config::Config;
use copal_config::config_file::{self, ConfigFile};
use copal_config::finding::Severity;
use copal_config::web_app::WebApp;
use copal_protocol::state::{State, Wish};
use copal_protocol::status::Status;

use crate::doors::Doors;
use crate::errand::Errand;
use crate::failure::Failure;
use crate::last_one;
use crate::question::Question;
use crate::round;
use crate::terminal;

/// What a server answers whose state, or whose opinion of another server, was changed.
#[derive(Debug, serde::Deserialize)]
struct Changed {
    state: State,
}

/// Changes the state of the server `id` and prints a line per change.
///
/// # Errors
/// When the configuration is not usable or has no such server; when somebody did not take it.
pub fn run(id: &str, wish: Wish, config: Option<PathBuf>) -> Result<(), Failure> {
    let path = ConfigFile::locate(config).required()?;
    let config = config_file::read(&path, WebApp::BUILT_IN, Severity::Error)?.config;
    let errand = Errand::find(&config, id)?;
    let last_for = if wish == Wish::Enable { Vec::new() } else { last_for(id, &config) };
    let question = Question::Wish { server: id.to_owned(), wish };
    let answers = round::ask_all::<Changed>(errand.doors(), &question);
    let mut refusals = 0;
    for (doors, answer) in errand.doors().iter().zip(&answers) {
        let asked = &doors.server;
        match (answer, &errand) {
            (Ok(changed), Errand::Itself(_)) => {
                terminal::show(&format!("{id}: {}\n", changed.state))
            }
            (Ok(changed), Errand::EveryWebServer(_)) => {
                terminal::show(&format!("{id}: {} at {asked}\n", changed.state));
            }
            (Err(silence), _) => {
                refusals += 1;
                terminal::complain(&format!("{asked}: {silence}"));
            }
        }
    }
    if refusals < answers.len() && !last_for.is_empty() {
        terminal::complain(&warning(id, &last_for));
    }
    if refusals > 0 {
        return Err(Failure::NotTaken { wish, refusals, asked: answers.len() });
    }
    Ok(())
}

/// The web servers for which it is the last one, before anything is changed. Servers that do not
/// answer have no say.
fn last_for(id: &str, config: &Config) -> Vec<String> {
    let answers = round::ask_all::<Status>(&Doors::all(config), &Question::Status);
    let told: Vec<&Status> = answers.iter().filter_map(|answer| answer.as_ref().ok()).collect();
    last_one::last_for(id, &told).into_iter().map(str::to_owned).collect()
}

fn warning(id: &str, web_servers: &[String]) -> String {
    format!(
        "{id} is the last server of its cluster that takes requests, as {} sees it: it stays in \
         use until another one is ready",
        web_servers.join(", ")
    )
}
