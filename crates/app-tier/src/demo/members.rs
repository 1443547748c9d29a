//! The servers of a cluster by name, to show who keeps a session.

use copal_config::cluster::Cluster;
use copal_config::server::Server;
use copal_protocol::server_index::ServerIndex;

/// The servers of a cluster by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Members {
    own: String,
    all: Vec<(ServerIndex, String)>,
}

impl Members {
    /// The servers of `cluster`, as `own` sees them.
    #[must_use]
    pub fn of(cluster: &Cluster, own: &Server) -> Self {
        let all = cluster.servers.iter();
        Self {
            own: own.id.clone(),
            all: all.map(|server| (server.index, server.id.clone())).collect(),
        }
    }

    /// The id of this server.
    #[must_use]
    pub fn own(&self) -> &str {
        &self.own
    }

    /// The id of another; `None` when there is no server for this letter.
    #[must_use]
    pub fn name(&self, index: ServerIndex) -> Option<&str> {
        let found = self.all.iter().find(|(other, _)| *other == index);
        found.map(|(_, id)| id.as_str())
    }
}
