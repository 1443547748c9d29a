//! How much was said to the others.

use std::sync::atomic::{AtomicU64, Ordering};

use copal_protocol::link_frame;

/// How much was said to the others about sessions, since this server was started.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    frames: AtomicU64,
    bytes: AtomicU64,
    writes: AtomicU64,
}

/// The same at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Said {
    /// Frames.
    pub frames: u64,
    /// Their bytes, heads included.
    pub bytes: u64,
    /// Writes to connections: what is said while one is under way leaves with the next.
    pub writes: u64,
}

impl Traffic {
    /// One frame more, with so many bytes in it.
    pub(crate) fn add(&self, content: usize) {
        let bytes = u64::try_from(link_frame::HEAD + content).unwrap_or(u64::MAX);
        self.frames.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// What waited on a connection is written.
    pub(crate) fn write(&self) {
        self.writes.fetch_add(1, Ordering::Relaxed);
    }

    /// How much it is by now.
    pub(crate) fn read(&self) -> Said {
        let [frames, bytes, writes] =
            [&self.frames, &self.bytes, &self.writes].map(|count| count.load(Ordering::Relaxed));
        Said { frames, bytes, writes }
    }
}
