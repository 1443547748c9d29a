//! Why a server did not start, or did not end well.

use std::io;
use std::path::PathBuf;

use copal_serve::error::ServeError;
use copal_serve::process::Ending;
use copal_session::ring::ring_error::RingError;
use copal_tls::tls_error::TlsError;

/// Why a server did not start, or did not end well. Nothing was started unless it says so.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No server of the file has this id.
    #[error("there is no server \"{id}\" in this configuration; app-tier servers are: {known}")]
    UnknownServer {
        /// The id that was asked for.
        id: String,
        /// The ids that would have been right.
        known: String,
    },
    /// The server belongs to the other binary.
    #[error(
        "\"{id}\" is a web-tier server: start it with `web-tier --server {id}`; app-tier servers \
         are: {known}"
    )]
    WebTierServer {
        /// The id that was asked for.
        id: String,
        /// The ids that would have been right.
        known: String,
    },
    /// A server of a cluster that runs somebody else's software.
    #[error("\"{id}\" is a server of a cluster with protocol = \"http\": it is not started by us")]
    ForeignServer {
        /// The id that was asked for.
        id: String,
    },
    /// The certificates of its cluster port cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The ring could not be started.
    #[error(transparent)]
    Ring(RingError),
    /// A server of a cluster with copies that others cannot reach, or name.
    #[error("\"{id}\" cannot be in a cluster whose servers keep copies: it has no cluster port")]
    RingMember {
        /// The id of the server.
        id: String,
    },
    /// A rule that an app-tier server cannot carry out.
    #[error(
        "line {line}: `load-balance` is a rule for web-tier clusters; an app-tier server answers \
         itself"
    )]
    LoadBalanceRule {
        /// The line of the file.
        line: usize,
    },
    /// A web-app names an application that is not in this binary.
    #[error("line {line}: there is no application \"{app}\" in this binary; it has {known}")]
    UnknownApp {
        /// The line of the file.
        line: usize,
        /// The name.
        app: String,
        /// The names that would have been right.
        known: String,
    },
    /// A context path that can never match.
    #[error("the path \"{path}\" of a web-app does not begin with `/`")]
    Path {
        /// The path.
        path: String,
    },
    /// The folder of a web-app's files cannot be opened.
    #[error("line {line}: cannot open the folder {}: {source}", path.display())]
    Root {
        /// The line of the file.
        line: usize,
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A listener or a thread could not be had.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The threads of the applications could not be had.
    #[error("cannot start the threads of the applications: {0}")]
    Runtime(#[source] io::Error),
    /// A worker thread panicked; the log says more. The server had been started.
    #[error("a worker thread failed; its panic is in the log")]
    WorkerFailed,
}

impl Ending for StartError {
    fn is_a_mistake(&self) -> bool {
        match self {
            Self::Serve(error) => error.is_a_mistake(),
            Self::Ring(error) => error.is_a_mistake(),
            Self::Root { .. } | Self::Runtime(_) | Self::WorkerFailed => false,
            _ => true,
        }
    }
}
