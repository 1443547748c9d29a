//! Where something listens, and which networks are believed.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};

/// An address as the file names it: already an IP address, or a name to be looked up.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Address {
    /// An IP address.
    Ip(IpAddr),
    /// A host name; looked up by whoever binds or connects.
    Name(String),
}

impl Address {
    /// Whether only processes on this host can reach it, as far as the text tells.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self {
            Self::Ip(ip) => ip.is_loopback(),
            Self::Name(name) => name == "localhost",
        }
    }

    /// The address with a port, as people write it: `[::1]:80`, `app-1:6800`.
    #[must_use]
    pub fn with_port(&self, port: u16) -> String {
        match self {
            Self::Ip(ip) => SocketAddr::new(*ip, port).to_string(),
            Self::Name(name) => format!("{name}:{port}"),
        }
    }

    /// Where to bind or connect for this address and `port`; a name gives its first address.
    ///
    /// # Errors
    /// When a name cannot be looked up, or has no address.
    pub fn resolve(&self, port: u16) -> io::Result<SocketAddr> {
        match self {
            Self::Ip(ip) => Ok(SocketAddr::new(*ip, port)),
            Self::Name(name) => {
                let none = || io::Error::new(io::ErrorKind::NotFound, "the name has no address");
                (name.as_str(), port).to_socket_addrs()?.next().ok_or_else(none)
            }
        }
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ip(ip) => ip.fmt(f),
            Self::Name(name) => name.fmt(f),
        }
    }
}

/// A range of addresses, `10.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    /// Any address of the range.
    pub address: IpAddr,
    /// How many leading bits count.
    pub bits: u8,
}

impl Network {
    /// Whether `address` lies in the range. An IPv4 address mapped into IPv6 counts as IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address.to_canonical(), address.to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(other)) => {
                let shift = 32_u32.saturating_sub(u32::from(self.bits));
                ours.to_bits().checked_shr(shift) == other.to_bits().checked_shr(shift)
            }
            (IpAddr::V6(ours), IpAddr::V6(other)) => {
                let shift = 128_u32.saturating_sub(u32::from(self.bits));
                ours.to_bits().checked_shr(shift) == other.to_bits().checked_shr(shift)
            }
            _ => false,
        }
    }
}
