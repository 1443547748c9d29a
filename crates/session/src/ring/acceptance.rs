//! Connections of other servers that came in at the cluster port.

use bytes::Bytes;
use copal_tls::parked::Parked;
use tokio::sync::mpsc::UnboundedSender;

use crate::ring::line::LinkKind;

/// A connection of another server, after it was told that it may speak the ring's protocol.
#[derive(Debug)]
pub struct Guest {
    /// The connection.
    pub stream: Parked,
    /// What was read from it already.
    pub read: Bytes,
    /// What it is for.
    pub kind: LinkKind,
}

/// Where such connections are handed over. Clones lead to the same place.
#[derive(Debug, Clone)]
pub struct Reception {
    pub(crate) sessions: UnboundedSender<Guest>,
    pub(crate) pulse: UnboundedSender<Guest>,
}

impl Reception {
    /// Hands a connection over. When the ring has ended it is closed.
    pub fn welcome(&self, guest: Guest) {
        let door = match guest.kind {
            LinkKind::Sessions => &self.sessions,
            LinkKind::Pulse => &self.pulse,
        };
        // A ring that has ended wants no connection.
        drop(door.send(guest));
    }
}
