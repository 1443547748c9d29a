//! The ids of all servers of the file.

use crate::finding::Finding;
use crate::finding_rule::FindingRule;
use crate::meant::scope::Scope;
use crate::place::Place;
use crate::written::leaf::Leaf;
use crate::written::quote::quoted;

/// Reports ids that two servers have.
pub(crate) fn check(scope: &Scope<'_>) {
    let mut seen: Vec<(&str, Place)> = Vec::new();
    for server in scope.clusters.iter().flat_map(|cluster| &cluster.servers) {
        let Leaf::Given(id, place) = &server.id else {
            continue;
        };
        match seen.iter().find(|(other, _)| other == id) {
            Some((_, first)) => {
                let message = format!("two servers have the id {}", quoted(id));
                scope.findings.add(
                    Finding::error(FindingRule::DuplicateServerId, *place, message)
                        .also(*first, "the first one")
                        .hint("an id is unique in the whole file, not only in its cluster"),
                );
            }
            None => seen.push((id, *place)),
        }
    }
}
