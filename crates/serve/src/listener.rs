//! A listening socket for each worker, all on one address.

use std::io;
use std::net::{SocketAddr, TcpListener};

use copal_config::network::Address;
use socket2::{Domain, Protocol, Socket, Type};

use crate::error::ServeError;

/// Connections that the kernel holds for us while we are busy.
const BACKLOG: i32 = 4096;

/// The socket address that a configuration's address and port stand for.
///
/// # Errors
/// [`ServeError::LookUp`] when a host name has no address.
pub fn resolve(address: &Address, port: u16) -> Result<SocketAddr, ServeError> {
    address.resolve(port).map_err(|source| ServeError::LookUp { name: address.clone(), source })
}

/// `count` listening sockets on one address; the kernel spreads new connections over them.
///
/// # Errors
/// [`ServeError::Taken`] when another process listens there, [`ServeError::Bind`] for all else.
pub fn bind(address: SocketAddr, count: usize) -> Result<Vec<TcpListener>, ServeError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::AddrInUse => ServeError::Taken { address },
        _ => ServeError::Bind { address, source },
    };
    // SO_REUSEPORT would let a second process of the same user in beside us without a word, and
    // it would get a part of our connections. A bind without it tells.
    let probe = open(address, false).map_err(failed)?;
    drop(probe);
    (0..count)
        .map(|_| {
            let socket = open(address, true)?;
            socket.listen(BACKLOG)?;
            Ok(TcpListener::from(socket))
        })
        .collect::<io::Result<Vec<_>>>()
        .map_err(failed)
}

fn open(address: SocketAddr, shared: bool) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        // "::" takes IPv4 connections too, wherever the system's default stands.
        socket.set_only_v6(false)?;
    }
    // A restart must not wait for the connections of its predecessor to leave TIME_WAIT.
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(shared)?;
    // Without it, the small packets of keep-alive connections wait for acknowledgements. Those
    // that are accepted inherit it, which saves each of them a system call.
    socket.set_tcp_nodelay(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn free_port() -> SocketAddr {
        let probe = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        probe.local_addr().unwrap()
    }

    #[test]
    fn several_sockets_share_a_port() {
        let sockets = bind(free_port(), 3).unwrap();
        assert_eq!(sockets.len(), 3);
    }

    #[test]
    fn accepted_connections_send_small_packets_at_once() {
        let address = free_port();
        let listener = bind(address, 1).unwrap().remove(0);
        listener.set_nonblocking(false).unwrap();
        let _client = std::net::TcpStream::connect(address).unwrap();
        assert!(listener.accept().unwrap().0.nodelay().unwrap());
    }

    #[test]
    fn a_port_that_another_server_shares_is_still_taken() {
        let address = free_port();
        let _first = bind(address, 2).unwrap();
        let error = bind(address, 2).unwrap_err();
        assert!(matches!(error, ServeError::Taken { .. }), "{error}");
    }

    #[test]
    fn an_address_of_another_host_is_explained() {
        let error = bind("192.0.2.1:8080".parse().unwrap(), 1).unwrap_err();
        assert!(error.to_string().contains("not one of this host's"), "{error}");
    }
}
