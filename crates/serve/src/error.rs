//! Why a server could not begin to listen.

use std::io;
use std::net::SocketAddr;

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
    #[error("cannot start a worker thread: {0}")]
    Thread(#[source] io::Error),
    /// The system refused to tell of signals.
    #[error("cannot watch for signals: {0}")]
    Signals(#[source] io::Error),
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
