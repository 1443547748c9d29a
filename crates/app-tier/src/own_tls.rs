//! The certificates of a server's cluster port.

use copal_config::cluster::{Cluster, Protocol};
use copal_config::config::Config;
use copal_tls::cluster_tls::ClusterTls;
use copal_tls::peer::Peer;

use crate::start_error::StartError;

/// Reads the certificates that the server `own` shows and takes, if its cluster has some. Every server
/// of the file may come: those of the cluster, and web-tier servers that balance to it.
pub(crate) fn open(
    config: &Config,
    cluster: &Cluster,
    own: &str,
) -> Result<Option<ClusterTls>, StartError> {
    let Some(tls) = &cluster.tls else { return Ok(None) };
    let ours = config.clusters.iter().filter(|cluster| cluster.protocol == Protocol::Copal);
    let servers = ours.flat_map(|cluster| &cluster.servers);
    let peer = |server: &copal_config::server::Server| Peer {
        id: server.id.clone(),
        address: server.address.to_string(),
    };
    Ok(Some(ClusterTls::open(tls, own, servers.map(peer).collect())?))
}
