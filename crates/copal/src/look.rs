//! One look at the whole cluster.

use std::path::PathBuf;

use copal_config::config::Config;
use copal_config::reader;
use copal_protocol::status::Status;

use crate::doors::Doors;
use crate::question::Question;
use crate::told::{self, Told};
use crate::{picture, round};

/// How looks at the cluster are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For people.
    Text {
        /// Whether states have colours.
        has_colours: bool,
    },
    /// One object in many lines.
    Object,
    /// One object in one line.
    Line,
}

/// What is looked at: the servers of a file.
#[derive(Debug)]
pub struct Look {
    path: PathBuf,
    config: Config,
    is_stale: bool,
}

impl Look {
    /// At the servers of `config`, which was read from `path`.
    #[must_use]
    pub const fn new(path: PathBuf, config: Config) -> Self {
        Self { path, config, is_stale: false }
    }

    /// Reads the file again, which an operator may be editing. While it is not usable, what it
    /// said before is looked at.
    pub fn refresh(&mut self) {
        let read = reader::read(&self.path);
        self.is_stale = read.is_err();
        if let Ok(checked) = read {
            self.config = checked.config;
        }
    }

    /// Asks every server of ours how it is.
    #[must_use]
    pub fn ask(&self) -> Vec<Told> {
        let doors = Doors::all(&self.config);
        let answers = round::ask_all::<Status>(&doors, &Question::Status);
        doors.iter().zip(answers).map(|(doors, answer)| Told::new(doors, answer)).collect()
    }

    /// What they told, as text that ends with a line.
    #[must_use]
    pub fn show(&self, told: &[Told], form: Form) -> String {
        match form {
            Form::Object => format!("{:#}\n", told::object(told)),
            Form::Line => format!("{}\n", told::object(told)),
            Form::Text { has_colours } => {
                let mut text = picture::draw(&self.config, told, has_colours);
                if self.is_stale {
                    let path = self.path.display();
                    text.push_str(&format!("\n{path} is not usable as it is now: `copal check`\n"));
                }
                text
            }
        }
    }
}
