//! Whether requests find their way in, and sessions their way on.

use crate::cluster::{Protocol, Tier};
use crate::finding::Finding;
use crate::finding_rule::FindingRule;
use crate::meant::scope::Scope;
use crate::network::Address;
use crate::place::Place;
use crate::written::cluster::WrittenCluster;
use crate::written::leaf::Leaf;
use crate::written::persistent_store::StoreKind;
use crate::written::quote::quoted;

/// Reports empty clusters, and notes what the cluster cannot do as it is written.
pub(crate) fn check(scope: &Scope<'_>) {
    if scope.clusters.is_empty() {
        let message = "the file has no cluster, so there is nothing to start";
        scope.findings.add(
            Finding::error(FindingRule::NoCluster, Place::default(), message)
                .hint("begin with `[[cluster.web-tier.server]]` and `id = \"web-a\"`"),
        );
        return;
    }
    check_listeners(scope);
    for cluster in scope.clusters {
        if cluster.servers.is_empty() {
            let name = &cluster.name;
            let message = format!("the cluster {} has no servers", quoted(name));
            scope.findings.add(
                Finding::error(FindingRule::EmptyCluster, cluster.place, message)
                    .hint(format!("add `[[cluster.{}.server]]`", name.escape_debug())),
            );
        }
        if cluster.protocol() == Protocol::Copal && cluster.tier() == Tier::App {
            check_addresses(cluster, scope);
            note_replication(cluster, scope);
        }
    }
}

/// Requests come in through web-tier servers, or through app-tier servers when there are none.
fn check_listeners(scope: &Scope<'_>) {
    let ours = || scope.clusters.iter().filter(|cluster| cluster.protocol() == Protocol::Copal);
    let web: Vec<_> = ours().filter(|cluster| cluster.tier() == Tier::Web).collect();
    let (who, clusters) =
        if web.is_empty() { ("server", ours().collect()) } else { ("web-tier server", web) };
    let listens = |cluster: &&WrittenCluster| {
        cluster.servers.iter().any(|server| match &server.http {
            Leaf::Given(listeners, _) => !listeners.is_empty(),
            Leaf::Broken(_) => true,
            Leaf::Absent => false,
        })
    };
    if clusters.iter().any(listens) {
        return;
    }
    let place = clusters.first().map_or(Place::default(), |cluster| cluster.place);
    let message = format!("no {who} has a listener, so no request can come in");
    scope.findings.add(
        Finding::warning(FindingRule::NoListener, place, message)
            .hint("add `http = [{ port = 8080 }]` to a server"),
    );
}

/// Others connect to the address of a cluster port, so it has to be one.
fn check_addresses(cluster: &WrittenCluster, scope: &Scope<'_>) {
    for server in &cluster.servers {
        let Leaf::Given(Address::Ip(ip), place) = &server.address else {
            continue;
        };
        if ip.is_unspecified() {
            let message = format!("other servers cannot connect to the address {ip}");
            scope.findings.add(
                Finding::warning(FindingRule::UnspecifiedAddress, *place, message)
                    .hint("write the address at which they reach this host"),
            );
        }
    }
}

/// Copies need a store that makes them, and another server that has them.
fn note_replication(cluster: &WrittenCluster, scope: &Scope<'_>) {
    let (name, count) = (quoted(&cluster.name), cluster.servers.len());
    let mut place = cluster.place;
    let message = match &cluster.persistent_store {
        _ if cluster.has_no_store() && count > 1 => format!(
            "the cluster {name} has {count} servers and no persistent-store: a session ends with \
             its server"
        ),
        Some(store) if matches!(store.kind.given(), Some(StoreKind::Cluster)) && count == 1 => {
            place = store.place;
            let rest = if store.path.is_absent() {
                "a session ends with it"
            } else {
                "a session is away as long as it is"
            };
            format!("the cluster {name} has one server, so nothing is replicated: {rest}")
        }
        _ => return,
    };
    scope.findings.add(Finding::note(FindingRule::NotReplicated, place, message));
}
