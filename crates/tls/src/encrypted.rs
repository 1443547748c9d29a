//! A connection on which TLS is spoken.

use tokio_rustls::TlsStream;

use crate::socket::Socket;

/// A connection on which TLS is spoken.
#[derive(Debug)]
pub struct Encrypted(pub(crate) TlsStream<Socket>);
