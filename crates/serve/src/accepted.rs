//! A connection as a listener hands it on.

use std::net::SocketAddr;

use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;

/// Which of a server's listeners a connection came in at: a position in the list given to
/// [`run`](crate::workers::run).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DoorIndex(pub usize);

/// A connection as a listener hands it on.
#[derive(Debug)]
pub struct Accepted {
    /// The connection; `TCP_NODELAY` is set.
    pub stream: TcpStream,
    /// Who is at the other end.
    pub peer: SocketAddr,
    /// The address at which it came in.
    pub local: SocketAddr,
    /// The listener at which it came in.
    pub door: DoorIndex,
    /// Its place under the connection cap, given back when dropped.
    pub place: Option<OwnedSemaphorePermit>,
}
