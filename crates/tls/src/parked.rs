//! A connection on its way from one thread to another.

use std::io;
use std::net;

use tokio::net::TcpStream;

use crate::encrypted::Encrypted;
use crate::stream::Stream;

/// A connection that no runtime waits for.
#[derive(Debug)]
pub struct Parked {
    socket: net::TcpStream,
    encrypted: Option<Box<Encrypted>>,
}

impl Stream {
    /// Takes it away from the runtime of this thread.
    ///
    /// # Errors
    /// What the system says.
    pub fn park(self) -> io::Result<Parked> {
        match self {
            Self::Plain(stream) => Ok(Parked { socket: stream.into_std()?, encrypted: None }),
            Self::Tls(mut encrypted) => {
                let socket = encrypted.0.get_mut().0.take().ok_or(io::ErrorKind::NotConnected)?;
                Ok(Parked { socket: socket.into_std()?, encrypted: Some(encrypted) })
            }
        }
    }
}

impl Parked {
    /// Gives it to the runtime of this thread.
    ///
    /// # Errors
    /// What the system says.
    pub fn unpark(self) -> io::Result<Stream> {
        let stream = TcpStream::from_std(self.socket)?;
        Ok(match self.encrypted {
            None => Stream::Plain(stream),
            Some(mut encrypted) => {
                encrypted.0.get_mut().0.put(stream);
                Stream::Tls(encrypted)
            }
        })
    }
}
