//! The last change of a session, as a token by which a request can insist on it.

use std::fmt;

use copal_protocol::session_key::SessionKey;
use copal_replica::version::Version as RingVersion;

/// The last change of a session. [`Session::version`](crate::session::Session::version) tells it, and
/// [`Session::save_if`](crate::session::Session::save_if) insists on it. Two that are equal are of the
/// same session, in which nothing was changed in between; nothing else can be said of them.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Version {
    key: SessionKey,
    change: Change,
}

/// Which change it was.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Change {
    InMemory(u64),
    OfRing(RingVersion),
}

impl Version {
    /// Of a session that only this process has.
    pub(crate) const fn in_memory(key: SessionKey, sequence: u64) -> Self {
        Self { key, change: Change::InMemory(sequence) }
    }

    /// Of a session that several servers have.
    pub(crate) const fn of_ring(key: SessionKey, version: RingVersion) -> Self {
        Self { key, change: Change::OfRing(version) }
    }

    /// Which change of the session of this key it is; `None` when it is another one's.
    pub(crate) fn in_ring(&self, key: SessionKey) -> Option<RingVersion> {
        match self.change {
            Change::OfRing(version) if self.key == key => Some(version),
            Change::OfRing(_) | Change::InMemory(_) => None,
        }
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Version(..)")
    }
}
