//! Why a try at one server did not end with a complete answer.

use copal_http1::refusal::Refusal;

/// Why a try at one server did not end with a complete answer: whose fault it is, and whether
/// another server may be tried.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The server was not reached. Nothing was sent, so any request may go to another server.
    #[error("not reached: {0}")]
    Unreached(String),
    /// The request was sent, not one byte came back, and the connection broke. Whether the
    /// server did anything is unknown.
    #[error("the connection broke before a byte of the answer")]
    NoAnswer,
    /// The server sent something that is no complete and unambiguous head.
    #[error("bad answer: {0}")]
    BadAnswer(String),
    /// The server was silent for longer than `load-balance-socket-timeout`.
    #[error("silent for longer than load-balance-socket-timeout")]
    Silence,
    /// The client's body breaks a rule. The server's connection is cut.
    #[error("the request's body is refused: {0}")]
    BadBody(Refusal),
    /// The client's body is larger than `max-body`.
    #[error("the request's body is larger than max-body")]
    LargeBody,
    /// The client stopped sending its body for longer than `body-timeout`.
    #[error("the client was silent inside its body for longer than body-timeout")]
    SlowBody,
    /// The client went away. That says nothing about the server.
    #[error("the client went away")]
    ClientGone,
    /// The answer's head has left already, and the rest cannot follow: the client's connection is
    /// broken off too, because a clean end would make half an answer look whole.
    #[error("the answer broke off: {0}")]
    Cut(String),
}

impl Failure {
    /// The answer that the client gets, if it can get one.
    pub(crate) fn status(&self) -> Option<u16> {
        match self {
            Self::Unreached(_) => Some(503),
            Self::NoAnswer | Self::BadAnswer(_) => Some(502),
            Self::Silence => Some(504),
            Self::BadBody(refusal) => Some(refusal.status()),
            Self::LargeBody => Some(413),
            Self::SlowBody => Some(408),
            Self::ClientGone | Self::Cut(_) => None,
        }
    }

    /// Whether the server is to blame, rather than the client.
    pub(crate) fn is_of_server(&self) -> bool {
        matches!(
            self,
            Self::Unreached(_) | Self::NoAnswer | Self::BadAnswer(_) | Self::Silence | Self::Cut(_)
        )
    }
}
