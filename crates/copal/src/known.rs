//! The servers that a command can ask.

use std::path::Path;

use copal_config::config::Config;
use copal_config::reader;
use copal_protocol::status::Status;

use crate::doors::Doors;
use crate::failure::Failure;
use crate::question::Question;
use crate::told::{self, Told};
use crate::{round, run_dir, sockets, unusable};

/// The servers that a command can ask. A mistake in the file must not take eyes and hands from an
/// operator whose cluster runs.
#[derive(Debug)]
pub enum Known {
    /// Those of the file.
    File(Box<Config>),
    /// The file cannot be used: those of this host, by their control sockets.
    Sockets {
        /// Their doors.
        doors: Vec<Doors>,
        /// Why only these, for the operator.
        remark: String,
    },
}

impl Known {
    /// The servers of the file at `path`. While it cannot be used, those whose control sockets
    /// stand in the folder that it names.
    ///
    /// # Errors
    /// When there is no socket either.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let why = match reader::read(path) {
            Ok(checked) => return Ok(Self::File(Box::new(checked.config))),
            Err(failure) => unusable::in_one_line(path, &failure),
        };
        let folder = run_dir::of_unusable(path);
        let doors = match sockets::in_folder(&folder) {
            Ok(doors) if doors.is_empty() => return Err(Failure::NoSockets { why, folder }),
            Ok(doors) => doors,
            Err(error) => return Err(Failure::NoFolderOfSockets { why, folder, error }),
        };
        let remark = format!(
            "the configuration cannot be used: {why}; `copal check` shows all. Only servers of \
             this host are asked, by the control sockets in {}",
            folder.display()
        );
        Ok(Self::Sockets { doors, remark })
    }

    /// The file, when it can be used.
    #[must_use]
    pub fn config(&self) -> Option<&Config> {
        match self {
            Self::File(config) => Some(config),
            Self::Sockets { .. } => None,
        }
    }

    /// Why only servers of this host are known, when that is so.
    #[must_use]
    pub fn remark(&self) -> Option<&str> {
        match self {
            Self::File(_) => None,
            Self::Sockets { remark, .. } => Some(remark),
        }
    }

    /// Asks every server of ours how it is.
    #[must_use]
    pub fn ask(&self) -> Vec<Told> {
        let doors = match self {
            Self::File(config) => Doors::all(config),
            Self::Sockets { doors, .. } => doors.clone(),
        };
        let answers = round::ask_all::<Status>(&doors, &Question::Status);
        let told = doors.into_iter().zip(answers);
        let mut told: Vec<Told> = told.map(|(doors, answer)| Told::new(doors, answer)).collect();
        told::place(&mut told);
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const FILE: &str = "[[cluster.web-tier.server]]\nid = \"web-a\"\nhttp = [{ port = 8080 }]\n\
        [[cluster.web-tier.rewrite-dispatch]]\nload-balance = \"app-tier\"\n\
        [[cluster.app-tier.server]]\nid = \"app-a\"\n\
        [[cluster.app-tier.web-app]]\napp = \"demo\"\n";

    #[test]
    fn a_file_that_cannot_be_used_takes_nobodys_eyes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.toml");
        fs::create_dir(folder.path().join("s")).unwrap();
        for name in ["app-a.sock", "web-a.sock"] {
            fs::write(folder.path().join("s").join(name), "").unwrap();
        }
        let no_secret =
            format!("secret = {{ env = \"COPAL_NOWHERE_SET\" }}\nrun-dir = \"s\"\n{FILE}");
        #[rustfmt::skip]
        let table = [
            // the file                                    the remark
            (format!("run-dir = \"s\"\n{FILE}"),           None),
            (format!("run-dir = \"s\"\n{FILE}[clus"),      Some("cannot be used: ")),
            (no_secret,                                    Some("COPAL_NOWHERE_SET")),
        ];
        for (text, remark) in table {
            fs::write(&path, &text).unwrap();
            let known = Known::read(&path).unwrap();
            assert_eq!(known.remark().is_some(), remark.is_some(), "{known:?}");
            assert_eq!(known.config().is_some(), remark.is_none());
            if let (Known::Sockets { doors, .. }, Some(part)) = (&known, remark) {
                let ids: Vec<&str> = doors.iter().map(|doors| doors.server.as_str()).collect();
                assert_eq!(ids, ["app-a", "web-a"]);
                let said = known.remark().unwrap();
                assert!(said.contains(part) && said.contains("`copal check`"), "{said}");
                assert!(!said.contains('\n'), "{said}");
            }
        }
    }

    #[test]
    fn without_sockets_the_mistake_of_the_file_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.toml");
        fs::write(&path, "workers = 0.5\n").unwrap();
        let failure = Known::read(&path).unwrap_err();
        assert_eq!(failure.exit_code(), 2);
        let said = failure.to_string();
        assert!(said.contains("c.toml:1: ") && said.contains("no control socket"), "{said}");
        fs::write(folder.path().join("run"), "").unwrap();
        let failure = Known::read(&path).unwrap_err();
        assert!(matches!(failure, Failure::NoFolderOfSockets { .. }), "{failure}");
        assert_eq!(failure.exit_code(), 2);
    }
}
