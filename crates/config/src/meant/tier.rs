//! What the servers of a cluster cannot do, by their tier or because they are foreign.

use crate::cluster::{Protocol, Tier};
use crate::finding::Finding;
use crate::finding_rule::FindingRule;
use crate::meant::scope::Scope;
use crate::place::Place;
use crate::written::cluster::WrittenCluster;
use crate::written::quote::quoted;
use crate::written::server::WrittenServer;

/// Reports what is asked of the wrong servers. The keys of web-apps are checked with them.
pub(crate) fn check(cluster: &WrittenCluster, scope: &Scope<'_>) {
    match (cluster.protocol(), cluster.tier()) {
        (Protocol::Http, _) => check_foreign(cluster, scope),
        (Protocol::Copal, Tier::Web) => check_web(cluster, scope),
        (Protocol::Copal, Tier::App) => {}
    }
}

fn check_foreign(cluster: &WrittenCluster, scope: &Scope<'_>) {
    let foreign = |place: Place, what: &str| {
        let message = format!(
            "{what} in the cluster {}, whose servers are not ours: with `protocol = \"http\"` they \
             are only balanced",
            quoted(&cluster.name)
        );
        let finding = Finding::error(FindingRule::ForeignServers, place, message);
        scope.findings.add(finding.hint("write it in the cluster that balances to this one"));
    };
    let keys = ["session-config", "persistent-store", "web-app", "rewrite-dispatch", "host"];
    for key in keys {
        if let Some(place) = cluster.key_place(key) {
            foreign(place, &format!("`{key}`"));
        }
    }
    if let Some(place) = cluster.key_place("tier") {
        without_effect(
            place,
            "tier",
            "the servers of an http cluster run no binary of ours",
            scope,
        );
    }
    for server in &cluster.servers {
        if let Some(place) = server.http.place() {
            foreign(place, "`http` listeners");
        }
        if let Some(place) = server.admin.place() {
            let message = format!(
                "an `admin` listener in the cluster {}, whose servers are not ours",
                quoted(&cluster.name)
            );
            scope.findings.add(
                Finding::error(FindingRule::ForeignServers, place, message)
                    .hint("write it in the cluster that balances to this one"),
            );
        }
        if server.port.is_absent() {
            let message = format!("{} has no `port`", scope.server(server));
            scope.findings.add(
                Finding::error(FindingRule::MissingKey, server.place, message)
                    .hint("in a cluster with `protocol = \"http\"` there is no usual port"),
            );
        }
        for (place, key) in own_timeouts(server) {
            without_effect(place, key, "the servers of an http cluster have their own", scope);
        }
    }
}

fn check_web(cluster: &WrittenCluster, scope: &Scope<'_>) {
    for key in ["session-config", "persistent-store"] {
        if let Some(place) = cluster.key_place(key) {
            let message = format!("a web tier keeps no sessions, so `{key}` has no place here");
            scope.findings.add(
                Finding::error(FindingRule::WrongTier, place, message)
                    .hint("write it in the app-tier cluster"),
            );
        }
    }
    for server in &cluster.servers {
        if let Some(place) = server.port.place() {
            let message = "a web-tier server has no cluster port: nobody balances to it";
            scope.findings.add(
                Finding::error(FindingRule::WrongTier, place, message)
                    .hint("its public listeners are `http = [{ port = … }]`"),
            );
        }
        for (place, key) in server.load_balance.places() {
            let why =
                "it belongs to a server that is balanced to: write it in the app-tier cluster";
            without_effect(place, key, why, scope);
        }
        for (place, key) in own_timeouts(server) {
            let why = "a web-tier server has no cluster port; a listener has its own \
                       `keepalive-timeout`";
            without_effect(place, key, why, scope);
        }
    }
}

/// The times of a cluster port, which only an app-tier server has.
fn own_timeouts(server: &WrittenServer) -> impl Iterator<Item = (Place, &'static str)> {
    [
        (server.keepalive_timeout.place(), "keepalive-timeout"),
        (server.socket_timeout.place(), "socket-timeout"),
    ]
    .into_iter()
    .filter_map(|(place, key)| Some((place?, key)))
}

fn without_effect(place: Place, key: &str, why: &str, scope: &Scope<'_>) {
    let message = format!("`{key}` has no effect here: {why}");
    scope.findings.add(Finding::warning(FindingRule::WithoutEffect, place, message));
}
