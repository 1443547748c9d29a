//! Why a server gave no answer that can be used.

use std::io::{self, ErrorKind};

use crate::answer::BadAnswer;

/// Why a server gave no answer that can be used.
#[derive(Debug, thiserror::Error)]
pub enum Silence {
    /// Nobody listens there.
    #[error("not running: nobody listens at {0}")]
    NotRunning(String),
    /// There is no way to it from here.
    #[error("on another host, and it has no `admin` listener by which it could be asked")]
    Elsewhere,
    /// The mode of the socket file is the guard.
    #[error("{0} may be used by the user of the server and by root only")]
    NotAllowed(String),
    /// Nothing came in time.
    #[error("timed out: no answer from {0}")]
    TimedOut(String),
    /// The token of the configuration cannot be sent.
    #[error("the token of its `admin` listener has characters that no header may have")]
    BadToken,
    /// The system, or the network, has another objection.
    #[error("{at}: {error}")]
    System {
        /// Where it was asked.
        at: String,
        /// What the system says.
        error: io::Error,
    },
    /// What answers is not a server of ours.
    #[error("what answers at {at} is not this server: {why}")]
    Stranger {
        /// Where it was asked.
        at: String,
        /// What is wrong with the answer.
        why: String,
    },
    /// It answered, and does not want to.
    #[error("refused: {0}")]
    Refused(String),
}

impl Silence {
    /// What an error of a connection to `at` means.
    #[must_use]
    pub fn of(at: String, error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::NotFound | ErrorKind::ConnectionRefused => Self::NotRunning(at),
            ErrorKind::PermissionDenied => Self::NotAllowed(at),
            // A socket with a timeout says either.
            ErrorKind::TimedOut | ErrorKind::WouldBlock => Self::TimedOut(at),
            _ => Self::System { at, error },
        }
    }

    /// The answer that came from `at` cannot be read.
    #[must_use]
    pub fn bad(at: String, bad: &BadAnswer) -> Self {
        Self::Stranger { at, why: bad.to_string() }
    }

    /// Whether the server is not there at all, as far as can be seen from here.
    #[must_use]
    pub const fn is_absence(&self) -> bool {
        matches!(self, Self::NotRunning(_) | Self::Elsewhere)
    }
}
