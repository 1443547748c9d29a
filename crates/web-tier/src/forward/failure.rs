//! Why a try at one server did not end with a complete answer.

use copal_http1::refusal::Refusal;

use crate::tally::{Again, Fault, Unanswered};

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
    /// The request was sent, not one byte came back, and the server was declared down.
    #[error("the server was declared down before a byte of the answer")]
    Down,
    /// A server of ours says that it never called the application.
    #[error("it had not begun with the request")]
    NotBegun,
    /// A server of somebody else answered 503, and another one may be asked.
    #[error("it answered 503")]
    Unavailable,
    /// There was no place on a server within `load-balance-queue-timeout`.
    #[error("no place within load-balance-queue-timeout")]
    Crowded,
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
            Self::Unreached(_) | Self::NotBegun | Self::Unavailable | Self::Crowded => Some(503),
            Self::NoAnswer | Self::BadAnswer(_) => Some(502),
            Self::Silence | Self::Down => Some(504),
            Self::BadBody(refusal) => Some(refusal.status()),
            Self::LargeBody => Some(413),
            Self::SlowBody => Some(408),
            Self::ClientGone | Self::Cut(_) => None,
        }
    }

    /// What the server did wrong; `None` when it is not to blame, but the client or the crowd.
    pub(crate) fn fault(&self) -> Option<Fault> {
        match self {
            Self::Unreached(_) => Some(Fault::Unreached),
            Self::NoAnswer | Self::BadAnswer(_) => Some(Fault::Broken),
            Self::Silence | Self::Down => Some(Fault::Silent),
            Self::Cut(_) => Some(Fault::Cut),
            Self::NotBegun | Self::Unavailable => Some(Fault::Unavailable),
            Self::Crowded
            | Self::BadBody(_)
            | Self::LargeBody
            | Self::SlowBody
            | Self::ClientGone => None,
        }
    }

    /// Why no server answered, when this was the gravest failure.
    pub(crate) fn unanswered(&self) -> Unanswered {
        match self {
            Self::Unreached(_) | Self::NotBegun | Self::Unavailable => Unanswered::NoServer,
            Self::Crowded => Unanswered::Queue,
            Self::NoAnswer | Self::BadAnswer(_) => Unanswered::Broken,
            Self::Silence | Self::Down => Unanswered::Silent,
            Self::Cut(_) => Unanswered::Cut,
            Self::BadBody(_) | Self::LargeBody | Self::SlowBody => Unanswered::Request,
            Self::ClientGone => Unanswered::Client,
        }
    }

    /// Why the request would be sent again, if it may be.
    pub(crate) fn reason(&self) -> Option<Again> {
        match self {
            Self::Unreached(_) => Some(Again::Unreached),
            Self::NoAnswer => Some(Again::NoAnswer),
            Self::Down => Some(Again::Down),
            Self::NotBegun => Some(Again::NotBegun),
            Self::Unavailable => Some(Again::Unavailable),
            _ => None,
        }
    }
}
