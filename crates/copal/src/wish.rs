//! The commands `copal enable`, `drain`, `evict` and `maintenance`.

use std::path::PathBuf;

use copal_config::config_file::ConfigFile;
use copal_protocol::state::{State, Wish};
use copal_protocol::status::Status;

use crate::errand::Errand;
use crate::failure::Failure;
use crate::known::Known;
use crate::question::Question;
use crate::taken::{self, Hearing};
use crate::told::Told;
use crate::{last_one, round, terminal, witness};

/// What a server answers whose state, or whose opinion of another server, was changed.
#[derive(Debug, serde::Deserialize)]
struct Changed {
    state: State,
}

/// Changes the state of the server `id` and prints a line per change.
///
/// # Errors
/// When the configuration is not usable and no control socket is found either; when there is no
/// such server; when somebody did not take it.
pub fn run(id: &str, wish: Wish, config: Option<PathBuf>) -> Result<(), Failure> {
    let path = ConfigFile::locate(config).required()?;
    let known = Known::read(&path)?;
    if let Some(remark) = known.remark() {
        terminal::complain(remark);
    }
    let (errand, told) = match &known {
        Known::File(config) => {
            let errand = Errand::find(config, id)?;
            // What it means for others is of interest only when a server is taken out.
            (errand, if wish == Wish::Enable { Vec::new() } else { known.ask() })
        }
        Known::Sockets { doors, .. } => {
            let told = known.ask();
            (witness::errand(id, doors, &told)?, told)
        }
    };
    let question = Question::Wish { server: id.to_owned(), wish };
    let answers = round::ask_all::<Changed>(errand.doors(), &question);
    let mut refusals = 0;
    for (doors, answer) in errand.doors().iter().zip(&answers) {
        let asked = &doors.server;
        match answer {
            Ok(changed) => {
                let hearing = hearing(id, &errand, asked, &known);
                terminal::show(&format!("{}\n", taken::taken(id, changed.state, hearing)));
            }
            Err(silence) => {
                refusals += 1;
                terminal::complain(&taken::not_taken(asked, silence));
            }
        }
    }
    if refusals < answers.len() && wish != Wish::Enable {
        warn(id, wish, &told);
    }
    if refusals > 0 {
        return Err(Failure::NotTaken { wish, refusals, asked: answers.len() });
    }
    Ok(())
}

/// How web servers come to know what `asked` has taken.
fn hearing<'a>(id: &str, errand: &Errand, asked: &'a str, known: &Known) -> Hearing<'a> {
    match errand {
        Errand::EveryWebServer(_) => Hearing::KeptBy(asked),
        Errand::Itself(_) => {
            let server = known.config().and_then(|config| config.server(id));
            let is_off = server.is_some_and(|(_, own)| own.load_balance.health_check.is_none());
            if is_off { Hearing::Never } else { Hearing::NextCheck }
        }
    }
}

/// Says what it costs, by what was told before anything was changed. Servers that did not answer
/// have no say.
fn warn(id: &str, wish: Wish, told: &[Told]) {
    let statuses: Vec<&Status> = told.iter().filter_map(Told::status).collect();
    let last_for = last_one::last_for(id, &statuses);
    if !last_for.is_empty() {
        terminal::complain(&format!(
            "{id} is the last server of its cluster that takes requests, as {} sees it: it stays \
             in use until another one is ready",
            last_for.join(", ")
        ));
    } else if let Some(line) = taken::sessions(id, wish, told) {
        terminal::complain(&line);
    }
}
