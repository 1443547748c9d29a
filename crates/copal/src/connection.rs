//! A connection to a server, over a socket file of this host or over the network.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};

use crate::limits;

/// A connection to a server.
#[derive(Debug)]
pub enum Connection {
    /// Over a socket file.
    Unix(UnixStream),
    /// Over the network.
    Tcp(TcpStream),
}

impl Connection {
    /// Over the socket file at `path`.
    ///
    /// # Errors
    /// When nobody listens there, this user may not, or nobody accepts in time.
    pub fn to_socket(path: &Path) -> io::Result<Self> {
        let address = SocketAddrUnix::new(path)?;
        let socket =
            socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
        // It bounds the connect too, which waits as long as the queue of a listener is full.
        set_socket_timeout(&socket, Timeout::Send, Some(limits::CONNECT_TIME))?;
        rustix::io::retry_on_intr(|| connect(&socket, &address))?;
        Ok(Self::Unix(UnixStream::from(socket)))
    }

    /// Over the network.
    ///
    /// # Errors
    /// When nobody listens there, or does not in time.
    pub fn to_address(address: SocketAddr) -> io::Result<Self> {
        TcpStream::connect_timeout(&address, limits::CONNECT_TIME).map(Self::Tcp)
    }

    /// From now on a read or a write that takes longer fails.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn allow(&self, time: Duration) -> io::Result<()> {
        // Zero would mean no bound at all.
        let time = Some(time.max(Duration::from_millis(1)));
        match self {
            Self::Unix(stream) => {
                stream.set_read_timeout(time).and_then(|()| stream.set_write_timeout(time))
            }
            Self::Tcp(stream) => {
                stream.set_read_timeout(time).and_then(|()| stream.set_write_timeout(time))
            }
        }
    }
}

impl Read for Connection {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Unix(stream) => stream.read(buffer),
            Self::Tcp(stream) => stream.read(buffer),
        }
    }
}

impl Write for Connection {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Unix(stream) => stream.write(bytes),
            Self::Tcp(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
