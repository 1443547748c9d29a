//! The server of an id in a configuration, if this binary can run it.

use copal_config::cluster::{Cluster, Protocol, Tier};
use copal_config::config::Config;
use copal_config::rule::Action;
use copal_config::server::Server;
use copal_protocol::server_index::ServerIndex;

use crate::start_error::StartError;

/// The server `id` with its cluster, when it is one of ours and its rules can be carried out.
pub(crate) fn find<'c>(
    config: &'c Config,
    id: &str,
) -> Result<(&'c Cluster, &'c Server), StartError> {
    let ours =
        |cluster: &&Cluster| cluster.protocol == Protocol::Copal && cluster.tier == Tier::App;
    let known = || {
        let clusters = config.clusters.iter().filter(ours);
        let ids: Vec<&str> = clusters
            .flat_map(|cluster| cluster.servers.iter())
            .map(|server| server.id.as_str())
            .collect();
        if ids.is_empty() { "none".to_owned() } else { ids.join(", ") }
    };
    let id = id.to_owned();
    match config.server(&id) {
        Some((cluster, server)) if ours(&cluster) => {
            check_rules(cluster)?;
            Ok((cluster, server))
        }
        Some((cluster, _)) if cluster.protocol == Protocol::Http => {
            Err(StartError::ForeignServer { id })
        }
        Some(_) => Err(StartError::WebTierServer { id, known: known() }),
        None => Err(StartError::UnknownServer { id, known: known() }),
    }
}

/// The other servers of a cluster, as session ids name them.
pub(crate) fn others(cluster: &Cluster, own: &Server) -> Vec<ServerIndex> {
    let others = cluster.servers.iter().map(|server| server.index);
    others.filter(|index| *index != own.index).collect()
}

/// Refuses what an app-tier server cannot carry out.
fn check_rules(cluster: &Cluster) -> Result<(), StartError> {
    let named = cluster.hosts.named.iter().map(|named| &named.host);
    let hosts = std::iter::once(&cluster.hosts.default).chain(named);
    for rule in hosts.flat_map(|host| &host.rules) {
        if let Action::LoadBalance(_) = rule.action {
            return Err(StartError::LoadBalanceRule { line: rule.line });
        }
    }
    Ok(())
}
