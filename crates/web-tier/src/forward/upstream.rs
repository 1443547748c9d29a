//! A connection to a server.

use std::io;
use std::mem::MaybeUninit;
use std::task::{Context, Poll, Waker};

use copal_protocol::hello::Proof;
use copal_serve::buffer::Buffer;
use copal_tls::stream::Stream;
use socket2::SockRef;

/// A connection to a server: free, or carrying one exchange.
#[derive(Debug)]
pub(crate) struct Upstream {
    pub(crate) stream: Stream,
    /// What the server sent and nobody used yet.
    pub(crate) inbox: Buffer,
    /// Our proof, due with the first request after the hello.
    pub(crate) proof: Option<Proof>,
    /// Whether the server is believed when it says that it had not begun with a request.
    pub(crate) believed: bool,
}

impl Upstream {
    /// Whether a connection that waited in the pool can carry a request. A server has nothing
    /// to say between two exchanges: if the socket is readable, it was closed or is out of step.
    ///
    /// The runtime knows what the kernel told it last, which costs no system call. A request that
    /// cannot be sent twice is worth one: `certainly` asks the kernel itself.
    pub(crate) fn is_alive(&self, certainly: bool) -> bool {
        let Some(socket) = self.stream.tcp() else { return false };
        let mut context = Context::from_waker(Waker::noop());
        match socket.poll_read_ready(&mut context) {
            Poll::Pending if !certainly => true,
            Poll::Pending => {
                let peeked = SockRef::from(socket).peek(&mut [MaybeUninit::uninit()]);
                matches!(peeked, Err(error) if error.kind() == io::ErrorKind::WouldBlock)
            }
            // Readable as far as the runtime knows; only the kernel can say whether it still is.
            Poll::Ready(Ok(())) => {
                let read = socket.try_read(&mut [0]);
                matches!(read, Err(error) if error.kind() == io::ErrorKind::WouldBlock)
            }
            Poll::Ready(Err(_)) => false,
        }
    }
}
