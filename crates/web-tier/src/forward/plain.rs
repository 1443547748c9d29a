//! Whether a stream is a socket as the kernel has it, with nothing in between.

use copal_tls::halves::{Reader, Writer};
use copal_tls::stream::Stream;
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};

/// A stream that may be a plain socket: then the kernel can move bytes by itself.
pub(crate) trait Plain {
    /// The socket, when what is read or written here is what the socket carries.
    fn socket(&self) -> Option<&TcpStream>;
}

impl Plain for TcpStream {
    fn socket(&self) -> Option<&TcpStream> {
        Some(self)
    }
}

impl Plain for Stream {
    fn socket(&self) -> Option<&TcpStream> {
        self.plain()
    }
}

impl Plain for Reader<'_> {
    fn socket(&self) -> Option<&TcpStream> {
        self.plain()
    }
}

impl Plain for Writer<'_> {
    fn socket(&self) -> Option<&TcpStream> {
        self.plain()
    }
}

impl Plain for ReadHalf<'_> {
    fn socket(&self) -> Option<&TcpStream> {
        Some(self.as_ref())
    }
}

impl Plain for WriteHalf<'_> {
    fn socket(&self) -> Option<&TcpStream> {
        Some(self.as_ref())
    }
}
