//! A connection between two servers: plain, or encrypted.

use std::cell::RefCell;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsStream;

use crate::encrypted::Encrypted;
use crate::halves::{Reader, Writer};
use crate::peer::Peer;
use crate::refused::{Refused, words};

/// A connection: plain, or encrypted. What was written to an encrypted one has left only after a flush.
#[derive(Debug)]
pub enum Stream {
    /// What is written is what the network carries.
    Plain(TcpStream),
    /// TLS, with a certificate of the other side that was checked.
    Tls(Box<Encrypted>),
}

impl Stream {
    /// The socket under it, to look at or to set options of.
    #[must_use]
    pub fn tcp(&self) -> Option<&TcpStream> {
        match self {
            Self::Plain(stream) => Some(stream),
            Self::Tls(stream) => stream.0.get_ref().0.tcp(),
        }
    }

    /// The socket, when what is read and written here is what it carries.
    #[must_use]
    pub const fn plain(&self) -> Option<&TcpStream> {
        match self {
            Self::Plain(stream) => Some(stream),
            Self::Tls(_) => None,
        }
    }

    /// Whether the other side is this server, as far as its certificate tells; a plain connection has
    /// none, and who is at its other end is proved in another way.
    ///
    /// # Errors
    /// Why it is not.
    pub fn check(&self, peer: &Peer) -> Result<(), Refused> {
        let Self::Tls(stream) = self else { return Ok(()) };
        let certificates = stream.0.get_ref().1.peer_certificates();
        let Some(certificate) = certificates.and_then(<[_]>::first) else {
            return Err(Refused::Because("it shows no certificate".to_owned()));
        };
        peer.check(certificate).map_err(|error| Refused::Because(words(&error)))
    }

    /// Whether something was decrypted that nobody has read.
    pub fn has_unread(&mut self) -> bool {
        let Self::Tls(stream) = self else { return false };
        let state = match &mut stream.0 {
            TlsStream::Client(stream) => stream.get_mut().1.process_new_packets(),
            TlsStream::Server(stream) => stream.get_mut().1.process_new_packets(),
        };
        state.is_ok_and(|state| state.plaintext_bytes_to_read() > 0)
    }

    /// Both directions, to be used by one task.
    pub fn split(&mut self) -> (Reader<'_>, Writer<'_>) {
        match self {
            Self::Plain(stream) => {
                let (reading, writing) = stream.split();
                (Reader::Plain(reading), Writer::Plain(writing))
            }
            Self::Tls(stream) => {
                let shared = Rc::new(RefCell::new(&mut **stream));
                (Reader::Tls(Rc::clone(&shared)), Writer::Tls(shared))
            }
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(&mut stream.0).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(&mut stream.0).poll_write(context, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write_vectored(context, pieces),
            Self::Tls(stream) => Pin::new(&mut stream.0).poll_write_vectored(context, pieces),
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(&mut stream.0).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(&mut stream.0).poll_shutdown(context),
        }
    }
}
