//! A cluster's place in the file.

/// A cluster's position in [`Config::clusters`](crate::config::Config::clusters).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClusterIndex(pub usize);
