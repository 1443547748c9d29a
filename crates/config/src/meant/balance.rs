//! The cluster that a rule balances to.

use crate::cluster::{Protocol, Tier};
use crate::cluster_index::ClusterIndex;
use crate::finding::Finding;
use crate::finding_rule::FindingRule;
use crate::meant::scope::Scope;
use crate::place::Place;
use crate::written::cluster::WrittenCluster;
use crate::written::nearest::nearest;
use crate::written::quote::{quoted, values};

/// Looks up the cluster that a rule of `from`, at `place`, balances to.
pub(crate) fn target(
    name: &str,
    place: Place,
    from: &WrittenCluster,
    scope: &Scope<'_>,
) -> Option<ClusterIndex> {
    let error = |rule, message: String| Finding::error(rule, place, message);
    let Some((index, to)) = scope.cluster(name) else {
        scope.findings.add(dangling(name, place, from, scope));
        return None;
    };
    if to.name == from.name {
        let message = format!("the cluster {} would balance to itself", quoted(name));
        scope.findings.add(
            error(FindingRule::OwnCluster, message)
                .hint("`dispatch = true` lets the server itself answer"),
        );
        return None;
    }
    if to.protocol() == Protocol::Copal && to.tier() == Tier::Web {
        let message = format!(
            "the cluster {} is a web tier; only app tiers and http clusters are balanced",
            quoted(name)
        );
        let reason = if to.tier.is_absent() { "a web tier by its name" } else { "a web tier" };
        scope.findings.add(error(FindingRule::BalancedWebTier, message).also(to.place, reason));
        return None;
    }
    check_prefix(place, from, to, scope);
    Some(index)
}

fn dangling(name: &str, place: Place, from: &WrittenCluster, scope: &Scope<'_>) -> Finding {
    let message = format!("there is no cluster {}", quoted(name));
    let finding = Finding::error(FindingRule::DanglingCluster, place, message);
    let others = || {
        scope
            .clusters
            .iter()
            .map(|cluster| cluster.name.as_str())
            .filter(|other| *other != from.name)
    };
    if let Some(near) = nearest(name, others()) {
        finding.hint(format!("did you mean \"{near}\"?"))
    } else if others().next().is_some() {
        finding.hint(format!("the file has {}", values(others())))
    } else {
        finding.hint(format!("add it: `[[cluster.{name}.server]]`"))
    }
}

/// The web tier takes the session id out of the path before it chooses a server, and the server
/// looks for it again: both must look for the same.
fn check_prefix(place: Place, from: &WrittenCluster, to: &WrittenCluster, scope: &Scope<'_>) {
    if to.protocol() != Protocol::Copal {
        return;
    }
    let broken = |cluster: &WrittenCluster| {
        cluster.session_url_prefix.given().is_none() && !cluster.session_url_prefix.is_absent()
    };
    let prefix = |cluster: &WrittenCluster| {
        cluster.session_url_prefix.or(crate::cluster::Cluster::DEFAULT_URL_PREFIX.to_owned())
    };
    let (ours, theirs) = (prefix(from), prefix(to));
    if ours == theirs || broken(from) || broken(to) {
        return;
    }
    let written = to.session_url_prefix.place().or(from.session_url_prefix.place());
    let message = format!(
        "`session-url-prefix` is {} in the cluster {} and {} in {}, which it balances",
        quoted(&ours),
        quoted(&from.name),
        quoted(&theirs),
        quoted(&to.name)
    );
    scope.findings.add(
        Finding::error(FindingRule::UrlPrefixDiffers, written.unwrap_or(place), message)
            .also(place, "it is balanced here")
            .hint("write the same value in both clusters"),
    );
}
