//! How many servers hold a session, and whether a cluster can do what is asked of it.

use crate::finding::Finding;
use crate::finding_rule::FindingRule;
use crate::meant::scope::Scope;
use crate::place::Place;
use crate::session_config::{Acknowledge, Degraded, SessionConfig};
use crate::written::cluster::WrittenCluster;
use crate::written::copies::WrittenCopies;
use crate::written::leaf::Leaf;
use crate::written::quote::quoted;

/// Puts the keys that hold for the whole cluster into `config`, with their defaults.
pub(crate) fn fill(written: &WrittenCopies, config: &mut SessionConfig) {
    config.copies = written.copies.or(config.copies);
    // Of one copy nobody else can say that it is there.
    let usual = if config.copies == 1 { Acknowledge::Owner } else { config.acknowledge };
    config.acknowledge = written.acknowledge.or(usual);
    config.acknowledge_timeout = written.acknowledge_timeout.or(config.acknowledge_timeout);
    config.degraded = written.degraded.or(config.degraded);
}

/// Reports what contradicts itself, and what the servers of an app-tier cluster are too few for.
pub(crate) fn check(cluster: &WrittenCluster, scope: &Scope<'_>) {
    let Some(config) = &cluster.session_config else {
        return;
    };
    let written = &config.copies;
    let is_one = matches!(written.copies.given(), Some(1));
    if let Some(copies) = written.copies.place().filter(|_| is_one) {
        check_acknowledge(written, copies, scope);
    }
    if let Leaf::Given(Degraded::Refuse, place) = &written.degraded {
        let copies = written.copies.place().filter(|_| is_one);
        check_refuse(cluster, *place, copies, scope);
    }
    check_count(cluster, written, scope);
}

/// What holds for the whole cluster is no web-app's own, but may be said again.
pub(crate) fn check_place(written: &WrittenCopies, cluster: &WrittenCluster, scope: &Scope<'_>) {
    let mut whole = SessionConfig::default();
    if let Some(config) = &cluster.session_config {
        fill(&config.copies, &mut whole);
    }
    for (place, key) in written.other_than(&whole) {
        let message = format!("`{key}` holds for the whole cluster, so no web-app has its own");
        scope.findings.add(
            Finding::error(FindingRule::ClusterWide, place, message)
                .hint("write it under `[cluster.NAME.session-config]`"),
        );
    }
}

fn check_acknowledge(written: &WrittenCopies, copies: Place, scope: &Scope<'_>) {
    let (word, place) = match &written.acknowledge {
        Leaf::Given(given @ (Acknowledge::Backup | Acknowledge::All), place) => {
            (given.word(), *place)
        }
        _ => return,
    };
    let message = format!("`acknowledge` is \"{word}\" and `copies` is 1: only the owner has one");
    scope.findings.add(
        Finding::error(FindingRule::CopiesContradict, place, message)
            .also(copies, "the number of copies")
            .hint("leave `acknowledge` out, or let `copies` be 2 or 3"),
    );
}

fn check_refuse(cluster: &WrittenCluster, place: Place, one: Option<Place>, scope: &Scope<'_>) {
    let finding = |why: &str| {
        let message = format!("`degraded` is \"refuse\", and {why}");
        Finding::error(FindingRule::CopiesContradict, place, message)
    };
    if let Some(copies) = one {
        let why = "`copies` is 1: there is no second copy that could be missing";
        let hint = "leave `degraded` out, or let `copies` be 2 or 3";
        scope.findings.add(finding(why).also(copies, "the number of copies").hint(hint));
    } else if cluster.servers.len() == 1 {
        let why = format!(
            "the cluster {} has one server: there is never a second copy",
            quoted(&cluster.name)
        );
        let hint = "leave `degraded` out, or give the cluster another server";
        scope.findings.add(finding(&why).hint(hint));
    }
}

fn check_count(cluster: &WrittenCluster, written: &WrittenCopies, scope: &Scope<'_>) {
    let count = cluster.servers.len();
    let Leaf::Given(copies, place) = &written.copies else {
        return;
    };
    // Without a store there are none, which is reported too; a cluster without servers is empty.
    if cluster.has_no_store() || cluster.has_files() || count == 0 || *copies <= count {
        return;
    }
    let plural = if count == 1 { "" } else { "s" };
    let message = format!(
        "`copies` is {copies} and the cluster {} has {count} server{plural}: no session has more \
         copies than that",
        quoted(&cluster.name)
    );
    scope.findings.add(Finding::warning(FindingRule::TooManyCopies, *place, message));
}
