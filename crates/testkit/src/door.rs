//! Where a server is knocked at.

use std::net::{Ipv4Addr, SocketAddr};

/// Where a server is knocked at: a port of this host, or an address elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Door(SocketAddr);

impl Door {
    /// The address.
    #[must_use]
    pub fn address(self) -> SocketAddr {
        self.0
    }
}

impl From<u16> for Door {
    fn from(port: u16) -> Self {
        Self((Ipv4Addr::LOCALHOST, port).into())
    }
}

impl From<SocketAddr> for Door {
    fn from(address: SocketAddr) -> Self {
        Self(address)
    }
}
