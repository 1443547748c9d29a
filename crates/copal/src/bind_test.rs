//! Asks the system about addresses by binding them for a moment.

use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs as _};

use copal_config::network::Address;

/// What stands in the file as an address to connect or bind to; a name gives its first address.
///
/// # Errors
/// When a name cannot be looked up.
pub fn resolve(address: &Address, port: u16) -> io::Result<SocketAddr> {
    match address {
        Address::Ip(ip) => Ok(SocketAddr::new(*ip, port)),
        Address::Name(name) => (name.as_str(), port).to_socket_addrs()?.next().ok_or_else(|| {
            io::Error::new(io::ErrorKind::NotFound, format!("{name} has no address"))
        }),
    }
}

/// Whether the address is this host's: only then can it be bound.
#[must_use]
pub fn is_here(address: &Address) -> bool {
    resolve(address, 0).and_then(TcpListener::bind).is_ok()
}

/// Whether another process listens there. An address that cannot be bound for another reason
/// does not count: the server itself will say why.
#[must_use]
pub fn is_taken(address: &Address, port: u16) -> bool {
    let bound = resolve(address, port).and_then(TcpListener::bind);
    bound.is_err_and(|error| error.kind() == io::ErrorKind::AddrInUse)
}
