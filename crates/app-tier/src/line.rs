//! A socket that can tell that its other end is gone, though nothing is read from it any more.

use std::os::fd::AsFd;
use std::pin::Pin;

use copal_tls::stream::Stream;
use tokio::io::Interest;
use tokio::net::TcpStream;

/// Ready when the connection was reset.
pub(crate) type Broken = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A socket that can tell that its other end is gone.
pub(crate) trait Line {
    /// Ready when the connection was reset. For one that has closed its sending half: reading says
    /// no more of it than that.
    fn broken(&self) -> Broken;
}

impl Line for Stream {
    fn broken(&self) -> Broken {
        match self.tcp() {
            Some(socket) => socket.broken(),
            None => Box::pin(std::future::pending()),
        }
    }
}

impl Line for TcpStream {
    fn broken(&self) -> Broken {
        // A handle of its own, because the socket itself is in use.
        let handle = self.as_fd().try_clone_to_owned().map(std::net::TcpStream::from);
        let handle = handle.and_then(Self::from_std);
        Box::pin(async move {
            match handle {
                Ok(handle) => drop(handle.ready(Interest::ERROR).await),
                // Then it is found out when the answer is written.
                Err(_) => std::future::pending().await,
            }
        })
    }
}
