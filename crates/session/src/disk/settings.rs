//! What the disk copy is told at the start.

use std::path::PathBuf;
use std::time::Duration;

use copal_protocol::server_index::ServerIndex;

/// What the disk copy is told at the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiskSettings {
    /// The folder that belongs to this server alone. It is made when it is not there.
    pub folder: PathBuf,
    /// When what was put is safe.
    pub sync: DiskSync,
    /// The id of this server.
    pub server_id: String,
    /// The index of this server.
    pub server_index: ServerIndex,
}

/// When what was put is safe: `disk-sync`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskSync {
    /// What was put within this time is written and synced together.
    Every(Duration),
    /// At once; what is put while the disk is busy is written and synced together.
    Always,
    /// When the operating system likes it. It survives the end of the process and no power cut.
    Never,
}
