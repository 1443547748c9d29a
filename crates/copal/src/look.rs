//! One look at the whole cluster.

use std::path::PathBuf;

use crate::known::Known;
use crate::picture;
use crate::told::{self, Told};

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

/// What is looked at: the servers of a file, or of this host.
#[derive(Debug)]
pub struct Look {
    path: PathBuf,
    known: Known,
    is_stale: bool,
}

impl Look {
    /// At the servers that are `known` of the file at `path`.
    #[must_use]
    pub const fn new(path: PathBuf, known: Known) -> Self {
        Self { path, known, is_stale: false }
    }

    /// Reads the file again, which an operator may be editing. While it is not usable, what it
    /// said before is looked at.
    pub fn refresh(&mut self) {
        let read = Known::read(&self.path);
        self.is_stale = !matches!(read, Ok(Known::File(_)));
        if let Ok(known) = read
            && (known.config().is_some() || self.known.config().is_none())
        {
            self.known = known;
        }
    }

    /// Asks every server of ours how it is.
    #[must_use]
    pub fn ask(&self) -> Vec<Told> {
        self.known.ask()
    }

    /// What they told, as text that ends with a line.
    #[must_use]
    pub fn show(&self, told: &[Told], form: Form) -> String {
        match form {
            Form::Object => format!("{:#}\n", told::object(told)),
            Form::Line => format!("{}\n", told::object(told)),
            Form::Text { has_colours } => {
                let mut text = picture::draw(self.known.config(), told, has_colours);
                if self.is_stale {
                    let usual = || {
                        let path = self.path.display();
                        format!("{path} is not usable as it is now: `copal check`")
                    };
                    let remark = self.known.remark().map_or_else(usual, str::to_owned);
                    text.push_str(&format!("\n{remark}\n"));
                }
                text
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn an_edit_that_is_half_saved_changes_nothing_that_is_looked_at() {
        const GOOD: &str = "[[cluster.web-tier.server]]\nid = \"web-a\"\n\
            http = [{ port = 8080 }]\n[[cluster.web-tier.rewrite-dispatch]]\n\
            load-balance = \"app-tier\"\n[[cluster.app-tier.server]]\nid = \"app-a\"\n\
            [[cluster.app-tier.web-app]]\napp = \"demo\"\n";
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.toml");
        fs::create_dir(folder.path().join("run")).unwrap();
        fs::write(folder.path().join("run/web-a.sock"), "").unwrap();
        fs::write(&path, "[clus").unwrap();
        let mut look = Look::new(path.clone(), Known::read(&path).unwrap());
        #[rustfmt::skip]
        let table = [
            // the file    by the file?   what stands below
            ("[clus",      false,         Some("Only servers of this host are asked")),
            (GOOD,         true,          None),
            ("[clus",      true,          Some("is not usable as it is now: `copal check`\n")),
            (GOOD,         true,          None),
        ];
        for (text, by_file, remark) in table {
            fs::write(&path, text).unwrap();
            look.refresh();
            assert_eq!(look.known.config().is_some(), by_file, "{text}");
            let shown = look.show(&[], Form::Text { has_colours: false });
            assert_eq!(shown.contains("c.toml"), remark.is_some(), "{shown}");
            assert!(shown.contains(remark.unwrap_or_default()), "{shown}");
        }
    }
}
