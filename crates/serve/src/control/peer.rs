//! Who asks a server for something.

use std::fmt::{Display, Formatter, Result};
use std::net::SocketAddr;

use tokio::net::unix::UCred;

/// Who asks; for the log.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Peer {
    /// A process of this host, over the control socket.
    Process {
        /// Its user.
        uid: u32,
        /// Its number, if the system tells.
        pid: Option<i32>,
    },
    /// Somebody at the admin listener.
    Address(SocketAddr),
    /// Whoever may send signals to this process.
    Signal,
}

impl From<UCred> for Peer {
    fn from(of: UCred) -> Self {
        Self::Process { uid: of.uid(), pid: of.pid() }
    }
}

impl Display for Peer {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Process { uid, pid: Some(pid) } => {
                write!(f, "control socket, user {uid}, process {pid}")
            }
            Self::Process { uid, pid: None } => write!(f, "control socket, user {uid}"),
            Self::Address(address) => write!(f, "admin listener, {address}"),
            Self::Signal => f.write_str("SIGHUP"),
        }
    }
}
