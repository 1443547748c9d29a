//! What can go wrong with a session.

use std::time::Duration;

use crate::surroundings::NoRandom;

/// Why a session did not do what it was asked for. Nothing was changed then, unless it says so.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The application's fault: the client can no longer be told of a change.
    #[error(
        "the response head has left: change the session before the response is returned, or, if \
         there is one already, call `keep_open` and `save`"
    )]
    HeadSent,
    /// The application's fault: it keeps too much in the session.
    #[error("the session would hold {size} bytes; session-max-bytes of its web-app allows {limit}")]
    TooLarge {
        /// What the attributes of the web-app would come to, names included.
        size: usize,
        /// What is allowed.
        limit: usize,
    },
    /// The application's fault: this value has no JSON.
    #[error("the value for session attribute {name:?} cannot be written as JSON: {source}")]
    Serialize {
        /// The attribute.
        name: String,
        /// What serde says.
        source: serde_json::Error,
    },
    /// The application's fault: the attribute was set as something else.
    #[error("session attribute {name:?} is not the JSON of the type asked for: {source}")]
    Deserialize {
        /// The attribute.
        name: String,
        /// What serde says.
        source: serde_json::Error,
    },
    /// The application's fault: only whole numbers can be added to.
    #[error("session attribute {name:?} is not a whole number, so nothing can be added to it")]
    NotANumber {
        /// The attribute.
        name: String,
    },
    /// The application's fault: 64 bits are not enough for the sum.
    #[error("adding {by} to session attribute {name:?} goes beyond 64 bits")]
    Overflow {
        /// The attribute.
        name: String,
        /// What was to be added.
        by: i64,
    },
    /// Nobody's fault: another request of the same client changed the id. May be tried again with
    /// the new one.
    #[error("the session's id was changed by another request; this request holds the old one")]
    Rotated,
    /// Nobody's fault: the session was destroyed, expired or was pushed out while the request ran.
    /// May be tried again, without a session.
    #[error("the session ended while the request was running")]
    Ended,
    /// Nobody's fault: another server took the session over while the request ran, and a request
    /// there changed the same attribute. May be tried again.
    #[error(
        "session attribute {name:?} was changed by way of another server while the request was running"
    )]
    Changed {
        /// The attribute.
        name: String,
    },
    /// Nobody's fault: the session is not any more what [`save_if`](crate::session::Session::save_if)
    /// was told it is. May be tried again.
    #[error("the session was changed since the version that the request insists on")]
    NotAsExpected,
    /// The cluster's fault: there may be such a session, on a server that does not answer. As long as
    /// that may come back no other session takes its place. May be tried again.
    #[error("the session may be on a server that does not answer")]
    Unknown,
    /// The cluster's fault: no second server could take the change, or with `disk-sync = "always"` the
    /// disk could not, and `degraded = "refuse"` wants that. May be tried again.
    #[error(
        "no second server, or with disk-sync = \"always\" no disk, could take the change, and \
         degraded = \"refuse\" wants that"
    )]
    Unsaved,
    /// The machine's fault: as many sessions are in memory as may be, and the disk copy takes none of them,
    /// so there is no room for a new one. May be tried again.
    #[error(
        "there is no room for a new session: session-max = {limit} are in memory, and the disk copy takes \
         none of them"
    )]
    NoRoom {
        /// What is allowed.
        limit: usize,
    },
    /// The cluster's fault: nobody answered in time who could make the change. It may have been made or
    /// not. May be tried again.
    #[error(
        "no server that acts for the session answered in time; the change may have been made or not"
    )]
    Unreached,
    /// The machine's fault. May be tried again.
    #[error("no session id could be made: {0}")]
    NoRandom(#[from] NoRandom),
}

impl Error {
    /// How long a client that wants to try again should wait, for the answer's `Retry-After` field.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unknown | Self::Unsaved | Self::Unreached | Self::NoRoom { .. } => {
                Some(Duration::from_secs(1))
            }
            _ => None,
        }
    }

    /// Whether only other requests of the same client are the cause. A client can bring that about
    /// at will, so it is nothing that an operator has to hear of.
    #[must_use]
    pub const fn is_the_clients_own(&self) -> bool {
        matches!(self, Self::Rotated | Self::Ended | Self::Changed { .. } | Self::NotAsExpected)
    }

    /// Whether the same request may succeed when it is sent again. It is then not the
    /// application's fault.
    #[must_use]
    pub const fn may_be_tried_again(&self) -> bool {
        matches!(
            self,
            Self::Rotated
                | Self::Ended
                | Self::NoRandom(_)
                | Self::Changed { .. }
                | Self::NotAsExpected
                | Self::Unknown
                | Self::Unsaved
                | Self::Unreached
                | Self::NoRoom { .. }
        )
    }
}
