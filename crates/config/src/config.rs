//! The whole file, checked: what every process of the cluster starts from.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use crate::cluster::Cluster;
use crate::cluster_index::ClusterIndex;
use crate::limits::Limits;
use crate::log::Log;
use crate::secret::Secret;
use crate::server::Server;

/// A configuration in which nothing is left to check.
#[derive(Debug, Clone)]
pub struct Config {
    /// The key by which servers prove to each other who they are; at least 16 bytes.
    pub secret: Option<Secret>,
    /// Worker threads of a web-tier server, threads of the application runtime of an app-tier
    /// one; `None` is the number of cores.
    pub workers: Option<NonZeroUsize>,
    /// The folder of the control sockets; a relative one starts at the file's folder.
    pub run_dir: PathBuf,
    /// What is logged, and how.
    pub log: Log,
    /// Times and sizes that bound every connection and request.
    pub limits: Limits,
    /// The clusters in the order of the file; a [`ClusterIndex`] is a position in this list.
    pub clusters: Vec<Cluster>,
}

impl Config {
    /// The cluster at `index`; an index is only ever made by the reader of this same file.
    #[must_use]
    pub fn cluster(&self, index: ClusterIndex) -> Option<&Cluster> {
        self.clusters.get(index.0)
    }

    /// The server with this id, together with the cluster that it belongs to.
    #[must_use]
    pub fn server(&self, id: &str) -> Option<(&Cluster, &Server)> {
        self.clusters.iter().find_map(|cluster| {
            let server = cluster.servers.iter().find(|server| server.id == id)?;
            Some((cluster, server))
        })
    }
}
