//! A connection to a server.

use std::task::{Context, Poll, Waker};

use copal_protocol::hello::Proof;
use copal_serve::buffer::Buffer;
use tokio::net::TcpStream;

/// A connection to a server: free, or carrying one exchange.
#[derive(Debug)]
pub(crate) struct Upstream {
    pub(crate) stream: TcpStream,
    /// What the server sent and nobody used yet.
    pub(crate) inbox: Buffer,
    /// Our proof, due with the first request after the hello.
    pub(crate) proof: Option<Proof>,
    /// It carried an exchange before.
    pub(crate) used: bool,
}

impl Upstream {
    /// Whether a connection that waited in the pool can carry a request. A server has nothing
    /// to say between two exchanges: if the socket is readable, it was closed or is out of step.
    ///
    /// Costs no system call: the runtime knows what the kernel told it last.
    pub(crate) fn is_alive(&self) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        match self.stream.poll_read_ready(&mut context) {
            Poll::Pending => true,
            // Readable as far as the runtime knows; only the kernel can say whether it still is.
            Poll::Ready(Ok(())) => {
                let read = self.stream.try_read(&mut [0]);
                matches!(read, Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
            }
            Poll::Ready(Err(_)) => false,
        }
    }
}
