//! The hosts of a cluster.

use crate::finding::Finding;
use crate::finding_rule::FindingRule;
use crate::host::{Host, HostName, Hosts, NamedHost};
use crate::meant::rule::rules;
use crate::meant::rule_reach;
use crate::meant::scope::Scope;
use crate::meant::web_app::{Owner, web_apps};
use crate::place::Place;
use crate::written::cluster::WrittenCluster;
use crate::written::host::WrittenHost;
use crate::written::quote::quoted;

/// The default host and the named ones.
pub(crate) fn hosts(cluster: &WrittenCluster, scope: &Scope<'_>) -> Hosts {
    check_names(&cluster.hosts, scope);
    rule_reach::check(cluster, scope);
    let default = Host {
        rules: rules(&cluster.rules, cluster, scope),
        web_apps: web_apps(&cluster.web_apps, Owner::DefaultHost, cluster, scope),
    };
    let named = cluster.hosts.iter().map(|host| named(host, cluster, scope)).collect();
    Hosts { default, named }
}

fn named(written: &WrittenHost, cluster: &WrittenCluster, scope: &Scope<'_>) -> NamedHost {
    NamedHost {
        names: written.names.iter().map(|(name, _)| name.clone()).collect(),
        regexp: written.regexp.given().cloned(),
        host: Host {
            rules: rules(&written.rules, cluster, scope),
            web_apps: web_apps(&written.web_apps, Owner::NamedHost, cluster, scope),
        },
    }
}

/// A name chooses one host.
fn check_names(hosts: &[WrittenHost], scope: &Scope<'_>) {
    let mut seen: Vec<(&HostName, Place)> = Vec::new();
    for (name, place) in hosts.iter().flat_map(|host| &host.names) {
        match seen.iter().find(|(other, _)| *other == name) {
            Some((_, first)) => {
                let shown = match name {
                    HostName::Exact(name) => name.clone(),
                    HostName::Suffix(suffix) => format!("*{suffix}"),
                };
                let message = format!("the host name {} is given twice", quoted(&shown));
                scope.findings.add(
                    Finding::error(FindingRule::DuplicateHost, *place, message)
                        .also(*first, "the first one"),
                );
            }
            None => seen.push((name, *place)),
        }
    }
}
