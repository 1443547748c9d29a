//! Why a server could not begin to listen.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use copal_config::network::Address;

/// Why a server could not begin to listen, or could not go on.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Somebody else listens there already. Nothing was started.
    #[error("{address} is taken: another process listens there; stop it or choose another port")]
    Taken {
        /// Where.
        address: SocketAddr,
    },
    /// The system refused the listener. Nothing was started.
    #[error("cannot listen on {address}: {source}{}", hint(source))]
    Bind {
        /// Where.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// A host name of the configuration has no address. Nothing was started.
    #[error("cannot look up the address \"{name}\": {source}")]
    LookUp {
        /// The name.
        name: Address,
        /// What the resolver said.
        source: io::Error,
    },
    /// The system refused a thread or its runtime.
    #[error("cannot start a thread: {0}")]
    Thread(#[source] io::Error),
    /// The server runs already. Nothing was started.
    #[error("server {server} already runs (its control socket {} answers)", path.display())]
    Runs {
        /// The server.
        server: String,
        /// Its control socket.
        path: PathBuf,
    },
    /// The control socket would have a path that is too long. Nothing was started.
    #[error(
        "the path of the control socket, {}, has {length} bytes, and the system allows {most}: \
         choose a shorter `run-dir`",
        path.display()
    )]
    LongPath {
        /// The control socket.
        path: PathBuf,
        /// The bytes of its path.
        length: usize,
        /// The most bytes that there may be.
        most: usize,
    },
    /// Something else stands where the control socket should. Nothing was started.
    #[error(
        "{} is where the control socket should be, and it is not a socket: remove it or choose \
         another `run-dir`",
        .path.display()
    )]
    NotASocket {
        /// The control socket.
        path: PathBuf,
    },
    /// The folder of the control sockets cannot be used. Nothing was started.
    #[error("cannot use the folder of the control sockets, {} (`run-dir`): {source}", path.display())]
    RunDir {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system refused the control socket. Nothing was started.
    #[error("cannot open the control socket {} (in `run-dir`): {source}", path.display())]
    Socket {
        /// The control socket.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system refused to tell of signals.
    #[error("cannot watch for signals: {0}")]
    Signals(#[source] io::Error),
}

impl ServeError {
    /// Whether the configuration is to blame, rather than this host.
    #[must_use]
    pub fn is_a_mistake(&self) -> bool {
        match self {
            Self::LongPath { .. } | Self::NotASocket { .. } => true,
            Self::RunDir { source, .. } => {
                matches!(source.kind(), io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists)
            }
            _ => false,
        }
    }

    /// [`ServeError::Runs`], for the server that this control socket is named for.
    pub(crate) fn runs(socket: &Path) -> Self {
        let server = socket.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Self::Runs { server, path: socket.to_owned() }
    }
}

/// What to do about the bind errors that operators meet.
fn hint(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::PermissionDenied => {
            " (ports below 1024 need root or the capability CAP_NET_BIND_SERVICE)"
        }
        io::ErrorKind::AddrNotAvailable => " (this address is not one of this host's)",
        _ => "",
    }
}
