//! Why a command failed, in words for the operator.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

use copal_config::network::Address;
use copal_protocol::state::Wish;

use crate::errand::NoErrand;
use crate::moved_file::NotMoved;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] copal_config::failure::Failure),
    /// Nothing in a session id can be used.
    #[error(
        "not a session id, and not a route either: it must have 3 to 64 characters and begin with \
         three of a-z A-Z 0-9 _ -"
    )]
    NoSessionId,
    /// The server that was named cannot be asked for this.
    #[error(transparent)]
    NoErrand(#[from] NoErrand),
    /// A file that is wrong, so that nobody was asked to read it; its report stands above.
    #[error("{} is not usable; no server was asked to read it", .0.display())]
    NobodyReloaded(PathBuf),
    /// The file cannot be used, and no server of this host is known otherwise.
    #[error(
        "{why}; and no control socket stands in {folder}, so there is nobody to ask; \
         `copal check` shows all that is wrong with the file",
        folder = folder.display()
    )]
    NoSockets {
        /// Why the file cannot be used, in one line.
        why: String,
        /// Where control sockets would stand.
        folder: PathBuf,
    },
    /// The file cannot be used, and this user may not see who runs.
    #[error("{why}; and the folder of the control sockets, {folder}, cannot be read: {error}", folder = folder.display())]
    NoFolderOfSockets {
        /// Why the file cannot be used, in one line.
        why: String,
        /// Where control sockets would stand.
        folder: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// Servers that refused the file, or did not say.
    #[error("{refusals} of {} did not take the configuration", servers(*asked))]
    NotReloaded {
        /// How many did not.
        refusals: usize,
        /// How many run.
        asked: usize,
    },
    /// Nobody is there to read the file.
    #[error("no server was reached that could read its configuration again")]
    NoneRuns,
    /// Servers that did not answer.
    #[error("{silent} of {} gave no answer", servers(*asked))]
    Silent {
        /// How many did not.
        silent: usize,
        /// How many were asked.
        asked: usize,
    },
    /// Servers that did not change a state.
    #[error("{refusals} of {} did not take `{}`", servers(*asked), wish.as_str())]
    NotTaken {
        /// What was wished.
        wish: Wish,
        /// How many did not take it.
        refusals: usize,
        /// How many were asked.
        asked: usize,
    },
    /// All servers of the file belong elsewhere.
    #[error("{}: no server of ours has an address of this host", .0.display())]
    NothingHere(PathBuf),
    /// A program is missing.
    #[error(
        "the program {0} stands neither beside copal nor in PATH; in the source folder, \
         `cargo build --profile demo --bins` builds it"
    )]
    NoProgram(&'static str),
    /// A port belongs to another process.
    #[error("{address}:{port}, a port of {server}, is taken by another process")]
    PortTaken {
        /// The id of the server.
        server: String,
        /// The address that would be bound.
        address: Address,
        /// The port that is taken.
        port: u16,
    },
    /// A program was found and could not be started.
    #[error("{server} could not be started: {error}")]
    NotStarted {
        /// The id of the server.
        server: String,
        /// What the system says.
        error: io::Error,
    },
    /// A server runs and does not listen.
    #[error("{server} did not listen at {address} in time")]
    NotListening {
        /// The id of the server.
        server: String,
        /// Where it should.
        address: String,
    },
    /// A server ended that should run.
    #[error("{server} ended with {}", in_words(status))]
    Ended {
        /// The id of the server.
        server: String,
        /// How it ended.
        status: io::Result<ExitStatus>,
    },
    /// Something else stands where the demo's folder belongs.
    #[error(
        "{folder} here is not a folder, and `copal up --demo` keeps its files in a folder of this \
         name: move it away, or start the demo in another folder",
        folder = .0.display()
    )]
    NoFolder(PathBuf),
    /// Every name for a copy of the demo's file is in use.
    #[error(
        "too many demos run in {folder}: stop some, or start this one in another folder",
        folder = .0.display()
    )]
    TooManyDemos(PathBuf),
    /// A file of the demo cannot be read or written.
    #[error("{}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The demo's ports cannot be moved.
    #[error("{}: {error}", path.display())]
    NotMoved {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: NotMoved,
    },
    /// The system refuses what every command needs.
    #[error("the system refuses: {0}")]
    System(#[from] io::Error),
}

impl Failure {
    /// What the process ends with: 2 when the command line or the configuration is wrong, 1 when
    /// it ran and failed.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Config(_)
            | Self::NoSessionId
            | Self::NoErrand(_)
            | Self::NobodyReloaded(_)
            | Self::NoSockets { .. }
            | Self::NoFolderOfSockets { .. } => 2,
            _ => 1,
        }
    }
}

fn servers(count: usize) -> String {
    if count == 1 { "1 server".to_owned() } else { format!("{count} servers") }
}

/// How a process ended: `code 1`, `signal 9`.
#[must_use]
pub fn in_words(status: &io::Result<ExitStatus>) -> String {
    use std::os::unix::process::ExitStatusExt as _;
    match status {
        Ok(status) => match (status.code(), status.signal()) {
            (Some(code), _) => format!("code {code}"),
            (None, Some(signal)) => format!("signal {signal}"),
            (None, None) => status.to_string(),
        },
        Err(error) => format!("an unknown status: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_server_is_no_servers() {
        let wish = Wish::Drain;
        #[rustfmt::skip]
        let table = [
            // failure                                            words
            (Failure::NotTaken { wish, refusals: 1, asked: 1 },   "1 of 1 server did not take `drain`"),
            (Failure::NotTaken { wish, refusals: 1, asked: 2 },   "1 of 2 servers did not take `drain`"),
            (Failure::Silent { silent: 1, asked: 1 },             "1 of 1 server gave no answer"),
            (Failure::Silent { silent: 3, asked: 3 },             "3 of 3 servers gave no answer"),
            (Failure::NotReloaded { refusals: 1, asked: 1 },      "1 of 1 server did not take the configuration"),
        ];
        for (failure, words) in table {
            assert_eq!(failure.to_string(), words);
            assert_eq!(failure.exit_code(), 1);
        }
    }
}
