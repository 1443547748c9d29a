//! Where the sessions of a cluster are kept beside the memory of their server.

use std::path::PathBuf;
use std::time::Duration;

/// Where the sessions of a cluster are kept beside the memory of their server.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum PersistentStore {
    /// Nowhere: a session ends with its server.
    #[default]
    None,
    /// On the disk of its server, which is the only one of the cluster.
    File(FileStore),
    /// With other servers of the cluster, and perhaps on disk.
    Cluster(ClusterStore),
}

/// The store of a cluster of one server that keeps its sessions on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileStore {
    /// The folder of the files, absolute or from the working folder. Those of the server are in a folder of
    /// its own in it, called by the server's id.
    pub path: PathBuf,
    /// When they are written through to the disk.
    pub disk_sync: DiskSync,
}

/// The store of a cluster whose servers keep copies of each other's sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterStore {
    /// The folder of the disk copies, absolute or from the working folder; `None`: none is kept.
    /// The disk copy of a server is in a folder of its own in it, called by the server's id.
    pub path: Option<PathBuf>,
    /// When the disk copy is written through to the disk.
    pub disk_sync: DiskSync,
    /// How long a server that has started waits for others that may have newer copies.
    pub recovery_wait: Duration,
    /// How long a server may be away and still come back with its disk copy.
    pub max_away: Duration,
}

/// When a disk copy is written through to the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskSync {
    /// Again and again, after this time.
    Every(Duration),
    /// After every change, before it is acknowledged.
    Always,
    /// When the system does it by itself.
    Never,
}

impl Default for DiskSync {
    fn default() -> Self {
        Self::Every(Duration::from_secs(1))
    }
}

impl Default for ClusterStore {
    fn default() -> Self {
        Self {
            path: None,
            disk_sync: DiskSync::default(),
            recovery_wait: Duration::from_secs(30),
            max_away: Duration::from_secs(7 * 24 * 60 * 60),
        }
    }
}
