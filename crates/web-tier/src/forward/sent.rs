//! How much of an answer was sent.

use copal_serve::unsent;
use tokio::net::TcpStream;

/// How much of an answer was sent.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    bytes: u64,
    is_bounded: bool,
}

impl Sent {
    /// So many bytes are sent next, and `left` will come, if that is known. What turns out to be
    /// large must not wait in the kernel for a client that is slow.
    pub(crate) fn next(&mut self, bytes: usize, left: Option<u64>, to: Option<&TcpStream>) {
        self.bytes = self.bytes.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        let size = self.bytes.saturating_add(left.unwrap_or(0));
        if size >= unsent::LARGE && !self.is_bounded {
            self.is_bounded = true;
            to.into_iter().for_each(unsent::bound);
        }
    }
}
