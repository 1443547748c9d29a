//! What was found when the disk copy was opened.

use std::path::PathBuf;

/// What was found when the disk copy was opened.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Opened {
    /// There was nothing: this is the first start in this folder.
    pub new: bool,
    /// How many records there are.
    pub records: usize,
    /// How many bytes at the end were not written to their end and were cut off. That is usual
    /// after a power cut. Nothing that was synced is among them.
    pub cut: u64,
    /// Something is damaged, now or at an earlier start, or the log has failed. Every record may be an
    /// older one, and a key without a record may have had one: compare all with the peers before
    /// use, then call [`all_compared`](crate::disk::Disk::all_compared).
    pub to_be_compared: bool,
    /// What is damaged, for the operator; empty if it was found at an earlier start.
    pub damage: Vec<String>,
    /// What was set aside, if anything.
    pub set_aside: Option<SetAside>,
}

/// Files that were set aside. They are never deleted by us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// Where they are now.
    pub folder: PathBuf,
    /// Why.
    pub why: Why,
}

/// Why files were set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// They are of another version of the format: 0, if that cannot be told.
    UnknownVersion(u32),
    /// They are damaged. What could be read of the records was kept.
    Damaged,
    /// Nothing says whose they are.
    NoIdentity,
}
