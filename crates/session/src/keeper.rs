//! Where sessions are kept.

use copal_protocol::server_index::ServerIndex;

use crate::loaded::Loaded;
use crate::ring_keeper::RingKeeper;
use crate::table::Table;

/// Where sessions are kept.
#[derive(Debug)]
pub(crate) enum Keeper {
    /// In the memory of this process only.
    Memory(Box<Table>),
    /// On several servers.
    Ring(RingKeeper),
}

impl Keeper {
    /// Those of these servers that may be named in new ids: everybody can follow them there.
    pub(crate) fn nameable(&self, listed: &[ServerIndex]) -> Vec<ServerIndex> {
        match self {
            Self::Memory(_) => listed.to_vec(),
            Self::Ring(ring) => ring.nameable(listed),
        }
    }

    /// A web-app, with how many of its sessions may be in memory.
    pub(crate) fn allow(&self, path: &str, most: usize) {
        match self {
            // It asks the web-app.
            Self::Memory(_) => {}
            Self::Ring(ring) => ring.allow(path, most),
        }
    }

    /// Those of these servers that take new sessions, as far as that is known.
    pub(crate) fn ready(&self, listed: &[ServerIndex]) -> Vec<ServerIndex> {
        match self {
            Self::Memory(_) => listed.to_vec(),
            Self::Ring(ring) => ring.ready(listed),
        }
    }

    /// Whether a session is not even read while it may be on a server that does not answer.
    pub(crate) fn refuses(&self) -> bool {
        match self {
            Self::Memory(_) => false,
            Self::Ring(ring) => ring.refuses(),
        }
    }

    /// The servers that have all of a session and are there, the one that acts first, as far as that is
    /// known of what was `loaded`. `own` is this server.
    pub(crate) fn present_holders(&self, own: ServerIndex, loaded: &Loaded) -> Vec<ServerIndex> {
        match self {
            Self::Memory(_) => vec![own],
            Self::Ring(ring) => ring.present_holders(loaded),
        }
    }

    /// Ends at most `limit` sessions whose time is over, and says how many. The ring does that by
    /// itself.
    pub(crate) fn sweep(&self, now: std::time::Duration, limit: usize) -> usize {
        match self {
            Self::Memory(table) => table.sweep(now, limit),
            Self::Ring(_) => 0,
        }
    }

    /// How many sessions there are for which this server acts.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Memory(table) => table.len(),
            Self::Ring(ring) => ring.len(),
        }
    }
}
