//! Why a web-tier server does not start, or ended.

use std::io;
use std::path::PathBuf;

use copal_serve::error::ServeError;
use copal_serve::process::Ending;
use copal_tls::tls_error::TlsError;

/// Why a web-tier server does not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The certificates for a cluster cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The file has no such server.
    #[error("the configuration has no server \"{id}\"; its web-tier servers are: {known}")]
    UnknownServer {
        /// The name that was asked for.
        id: String,
        /// The names that there are.
        known: String,
    },
    /// The server belongs to the other tier.
    #[error("server \"{id}\" is of cluster \"{cluster}\": {how}")]
    OtherTier {
        /// The server.
        id: String,
        /// Its cluster.
        cluster: String,
        /// What runs it.
        how: &'static str,
    },
    /// The server has nothing to listen on.
    #[error("server \"{id}\" has no listener: add `http = [{{ port = 8080 }}]` to its [[…server]]")]
    NoListener {
        /// The server.
        id: String,
    },
    /// A folder of files cannot be opened.
    #[error("cannot open the folder {} of a web-app: {source}", path.display())]
    Root {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system has no randomness for us.
    #[error("the system's random source failed: {0}")]
    Random(#[from] getrandom::Error),
    /// A bug: a worker thread ended by itself.
    #[error("a worker thread ended by itself; this is a bug, and the lines above say where")]
    Panicked,
    /// A listener or a thread was refused.
    #[error(transparent)]
    Serve(#[from] ServeError),
}

impl Ending for StartError {
    fn is_a_mistake(&self) -> bool {
        match self {
            Self::UnknownServer { .. } | Self::OtherTier { .. } | Self::NoListener { .. } => true,
            Self::Serve(error) => error.is_a_mistake(),
            Self::Tls(_) | Self::Root { .. } | Self::Random(_) | Self::Panicked => false,
        }
    }
}
