//! Why a connection to another server ended.

use std::io;

use copal_protocol::judgement::Refusal;
use copal_protocol::link_decoder::BadLink;
use copal_protocol::link_frame::Channel;
use copal_protocol::name::Name;
use copal_protocol::ring_hello_code::BadHello;
use copal_replica::reader::Malformed;
use copal_tls::refused::Refused;

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LinkError {
    /// The network's, or the other server's end.
    #[error("the connection broke: {0}")]
    Broken(#[from] io::Error),
    /// The other server says what cannot be read.
    #[error("another server says what cannot be read: {0}")]
    Malformed(#[from] Malformed),
    /// Its frames cannot be told apart.
    #[error("another server says what cannot be read: {0}")]
    Unreadable(#[from] BadLink),
    /// Its hello is none.
    #[error("another server does not say who it is: {0}")]
    BadHello(#[from] BadHello),
    /// It says something that has no place there.
    #[error("another server says something in the wrong place, on channel {0:?}")]
    Misplaced(Channel),
    /// The two do not belong together.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// The other server thinks so.
    #[error("it says: {0}")]
    RefusedThere(String),
    /// It says that it is a server whose certificate it has not got.
    #[error("it says that it is {0}: {1}")]
    Impostor(Name, Refused),
    /// It belongs to the cluster, and this server does not know it.
    #[error(
        "{0} is not in the server table of this server: reload this server's file, if the other one \
         has a newer one"
    )]
    Stranger(Name),
}
