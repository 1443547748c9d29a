//! Asks the system about addresses by binding them for a moment.

use std::io;
use std::net::TcpListener;

use copal_config::network::Address;

/// Whether the address is this host's: only then can it be bound.
#[must_use]
pub fn is_here(address: &Address) -> bool {
    address.resolve(0).and_then(TcpListener::bind).is_ok()
}

/// Whether another process listens there. An address that cannot be bound for another reason
/// does not count: the server itself will say why.
#[must_use]
pub fn is_taken(address: &Address, port: u16) -> bool {
    let bound = address.resolve(port).and_then(TcpListener::bind);
    bound.is_err_and(|error| error.kind() == io::ErrorKind::AddrInUse)
}
