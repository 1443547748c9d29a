//! The indexes of a cluster's servers.

use copal_protocol::server_index::ServerIndex;

use crate::finding::Finding;
use crate::finding_rule::FindingRule;
use crate::meant::scope::Scope;
use crate::written::cluster::WrittenCluster;
use crate::written::leaf::Leaf;
use crate::written::quote::quoted;
use crate::written::server::WrittenServer;

/// The index of the server at `position` of its cluster; `None` for one that was reported.
pub(crate) fn index(server: &WrittenServer, position: usize) -> Option<ServerIndex> {
    match &server.index {
        Leaf::Given(index, _) => Some(*index),
        Leaf::Absent => ServerIndex::new(position),
        Leaf::Broken(_) => None,
    }
}

/// Reports servers that share an index, and servers beyond the last index.
pub(crate) fn check(cluster: &WrittenCluster, scope: &Scope<'_>) {
    if let Some(server) = cluster.servers.get(ServerIndex::COUNT) {
        let message = format!(
            "the cluster {} has {} servers; {} is the most",
            quoted(&cluster.name),
            cluster.servers.len(),
            ServerIndex::COUNT
        );
        scope.findings.add(
            Finding::error(FindingRule::TooManyServers, server.place, message)
                .hint("every server has a letter of its own in session ids, and there are 64"),
        );
    }
    let mut seen: Vec<(ServerIndex, &WrittenServer)> = Vec::new();
    for (position, server) in cluster.servers.iter().enumerate() {
        let Some(index) = index(server, position) else {
            continue;
        };
        match seen.iter().find(|(other, _)| *other == index) {
            Some((_, first)) => report(index, first, server, scope),
            None => seen.push((index, server)),
        }
    }
}

fn report(index: ServerIndex, first: &WrittenServer, second: &WrittenServer, scope: &Scope<'_>) {
    let name = |server: &WrittenServer| {
        let by = if server.index.is_absent() { " (by its position)" } else { "" };
        format!("{}{by}", scope.server(server))
    };
    let message =
        format!("{} and {} both have the index {}", name(first), name(second), index.get());
    let place = |server: &WrittenServer| server.index.place().unwrap_or(server.place);
    scope.findings.add(
        Finding::error(FindingRule::DuplicateIndex, place(second), message)
            .also(place(first), "the first one")
            .hint("session ids name servers by their index: write `index = …`, a free number, for one of them"),
    );
}
