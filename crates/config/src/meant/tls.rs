//! Which certificates the servers of a cluster show to each other.

use crate::cluster::{Protocol, Tier};
use crate::finding::Finding;
use crate::finding_rule::FindingRule;
use crate::meant::scope::Scope;
use crate::tls::{MinVersion, Tls};
use crate::written::cluster::WrittenCluster;
use crate::written::leaf::Leaf;
use crate::written::nearest::nearest;
use crate::written::quote::quoted;
use crate::written::tls::WrittenTls;

/// Reports what is missing in the file's `[tls.NAME]`s, and those that nobody needs.
pub(crate) fn check(scope: &Scope<'_>) {
    for tls in scope.tls {
        for (leaf, key) in [(&tls.certificate, "certificate"), (&tls.key, "key")] {
            if leaf.is_absent() {
                let message = format!("[tls.{}] has no `{key}`, the path of a PEM file", tls.name);
                scope.findings.add(Finding::error(FindingRule::MissingKey, tls.place, message));
            }
        }
        let names = |cluster: &WrittenCluster| cluster.cluster_tls.given() == Some(&tls.name);
        if !scope.clusters.iter().any(names) {
            let message = format!("[tls.{}] has no effect: no `cluster-tls` names it", tls.name);
            let finding = Finding::warning(FindingRule::WithoutEffect, tls.place, message);
            scope.findings.add(finding);
        }
    }
}

/// The certificates of a cluster's own servers and of those that connect to them.
pub(crate) fn of_cluster(cluster: &WrittenCluster, scope: &Scope<'_>) -> Option<Tls> {
    let Leaf::Given(name, place) = &cluster.cluster_tls else {
        return None;
    };
    let add = |finding| scope.findings.add(finding);
    if cluster.protocol() != Protocol::Copal || cluster.tier() != Tier::App {
        let message =
            "`cluster-tls` is for the cluster port of app-tier servers, and these have none";
        add(Finding::error(FindingRule::WrongTier, *place, message).hint(
            "write it in the app-tier cluster; servers that connect to it use the same [tls.NAME]",
        ));
        return None;
    }
    let Some(tls) = scope.tls.iter().find(|tls| tls.name == *name) else {
        let known = || scope.tls.iter().map(|tls| tls.name.as_str());
        let message = format!("there is no [tls.{}]", name.escape_debug());
        let hint = match nearest(name, known()) {
            Some(near) => format!("did you mean {}?", quoted(near)),
            None => format!(
                "add `[tls.{}]` with `certificate`, `key` and `client-ca`",
                name.escape_debug()
            ),
        };
        add(Finding::error(FindingRule::DanglingTls, *place, message).hint(hint));
        return None;
    };
    if tls.client_ca.is_absent() {
        let message = format!(
            "[tls.{}] has no `client-ca`, and with `cluster-tls` each side shows a certificate",
            tls.name
        );
        add(Finding::error(FindingRule::MissingKey, *place, message)
            .also(tls.place, "here")
            .hint("`client-ca` is the path of the certificate of the authority that signs them"));
    }
    meant(tls, scope)
}

fn meant(tls: &WrittenTls, scope: &Scope<'_>) -> Option<Tls> {
    Some(Tls {
        name: tls.name.clone(),
        certificate: scope.path(tls.certificate.given()?),
        key: scope.path(tls.key.given()?),
        client_ca: tls.client_ca.given().map(|path| scope.path(path)),
        min_version: tls.min_version.or(MinVersion::default()),
    })
}
