//! How many bytes the kernel takes for a client that does not take them.

use socket2::SockRef;
use tokio::net::TcpStream;

/// From this size on, in bytes, a body is sent with [`bound`].
pub const LARGE: u64 = 256 << 10;

/// How many bytes wait in the kernel to be sent, at most.
const UNSENT: u32 = 128 << 10;

/// Has the kernel take no more than a little that it cannot send yet.
///
/// By itself it takes megabytes, and says that there is room again only when a third of them has
/// gone. A slow client would cost that much memory, and one that takes a little all the time would
/// look as if it took nothing for a minute.
pub fn bound(stream: &TcpStream) {
    if let Err(error) = SockRef::from(stream).set_tcp_notsent_lowat(UNSENT) {
        // The client has gone, which the next write will find out.
        tracing::debug!(%error, "the bytes that wait for a client are not bounded");
    }
}
