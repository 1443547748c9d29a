//! The two directions of a connection, used by one task.

use std::cell::RefCell;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};

use crate::encrypted::Encrypted;

type Shared<'s> = Rc<RefCell<&'s mut Encrypted>>;

/// What comes in.
#[derive(Debug)]
pub enum Reader<'s> {
    /// As the network carries it.
    Plain(ReadHalf<'s>),
    /// Decrypted.
    Tls(Shared<'s>),
}

/// What goes out. What was written to an encrypted one has left only after a flush.
#[derive(Debug)]
pub enum Writer<'s> {
    /// As the network carries it.
    Plain(WriteHalf<'s>),
    /// To be encrypted.
    Tls(Shared<'s>),
}

impl Reader<'_> {
    /// The socket, when what is read here is what it carries.
    #[must_use]
    pub fn plain(&self) -> Option<&TcpStream> {
        match self {
            Self::Plain(half) => Some(half.as_ref()),
            Self::Tls(_) => None,
        }
    }
}

impl Writer<'_> {
    /// The socket, when what is written here is what it carries.
    #[must_use]
    pub fn plain(&self) -> Option<&TcpStream> {
        match self {
            Self::Plain(half) => Some(half.as_ref()),
            Self::Tls(_) => None,
        }
    }
}

/// Does something with the stream that both halves share. Neither is ever used inside of the other.
fn with<T>(
    shared: &Shared<'_>,
    what: impl FnOnce(Pin<&mut tokio_rustls::TlsStream<crate::socket::Socket>>) -> Poll<io::Result<T>>,
) -> Poll<io::Result<T>> {
    match shared.try_borrow_mut() {
        Ok(mut stream) => what(Pin::new(&mut stream.0)),
        Err(error) => Poll::Ready(Err(io::Error::other(error))),
    }
}

impl AsyncRead for Reader<'_> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(half) => Pin::new(half).poll_read(context, buffer),
            Self::Tls(shared) => with(shared, |stream| stream.poll_read(context, buffer)),
        }
    }
}

impl AsyncWrite for Writer<'_> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(half) => Pin::new(half).poll_write(context, bytes),
            Self::Tls(shared) => with(shared, |stream| stream.poll_write(context, bytes)),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(half) => Pin::new(half).poll_write_vectored(context, pieces),
            Self::Tls(shared) => with(shared, |stream| stream.poll_write_vectored(context, pieces)),
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(half) => Pin::new(half).poll_flush(context),
            Self::Tls(shared) => with(shared, |stream| stream.poll_flush(context)),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(half) => Pin::new(half).poll_shutdown(context),
            Self::Tls(shared) => with(shared, |stream| stream.poll_shutdown(context)),
        }
    }
}
