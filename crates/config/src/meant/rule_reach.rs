//! Rules and named hosts to which an earlier rule leaves no request.

use crate::finding::Finding;
use crate::finding_rule::FindingRule;
use crate::meant::scope::Scope;
use crate::place::Place;
use crate::written::cluster::WrittenCluster;
use crate::written::host::WrittenHost;
use crate::written::rule::{WrittenAction, WrittenRule};

const MOVE_IT: &str =
    "give that rule a `regexp`, or move it into a last host with `regexp = \".*\"`";
const DROP_IT: &str =
    "leave that rule out: what no rule takes, the server answers by itself anyway";

/// Warns of what a rule without `regexp` makes useless.
pub(crate) fn check(cluster: &WrittenCluster, scope: &Scope<'_>) {
    check_rules(&cluster.rules, scope);
    // The default host's rules are tried before a named host's own.
    let Some(at) = cluster.rules.iter().position(takes_all) else {
        for host in &cluster.hosts {
            check_rules(&host.rules, scope);
        }
        return;
    };
    let tried = || cluster.rules.iter().take(at + 1);
    // What is dispatched is answered from the web-apps of the host that the request names.
    let dispatches = tried().flat_map(|rule| &rule.actions).any(is_dispatch);
    let Some(all) = tried().next_back() else {
        return;
    };
    for host in &cluster.hosts {
        if dispatches {
            warn_of_rules(host, all, scope);
        } else {
            warn_of_host(host, all.place, scope);
        }
    }
}

/// A rule whose action is broken may have been meant otherwise.
fn takes_all(rule: &WrittenRule) -> bool {
    rule.regexp.is_absent() && rule.actions.len() == 1
}

fn is_dispatch(action: &WrittenAction) -> bool {
    matches!(action, WrittenAction::Dispatch | WrittenAction::DispatchTo(_))
}

/// Warns of rules behind one of the same host that takes every request.
fn check_rules(rules: &[WrittenRule], scope: &Scope<'_>) {
    let mut behind = rules.iter().skip_while(|rule| !takes_all(rule));
    let Some(all) = behind.next() else {
        return;
    };
    for rule in behind {
        let message = format!(
            "this rule is never reached: the one in line {} has no `regexp` and takes every request",
            scope.line(all.place)
        );
        scope.findings.add(
            Finding::warning(FindingRule::UnreachableRule, rule.place, message)
                .also(all.place, "takes every request")
                .hint("rules are tried from top to bottom: put the one without `regexp` last"),
        );
    }
}

/// Warns of the rules of a named host whose web-apps are reached all the same.
fn warn_of_rules(host: &WrittenHost, all: &WrittenRule, scope: &Scope<'_>) {
    let drop_it = matches!(all.actions.as_slice(), [WrittenAction::Dispatch]);
    for rule in &host.rules {
        let message = format!("this rule is never reached: {}", before(all.place, scope));
        scope.findings.add(
            Finding::warning(FindingRule::UnreachableRule, rule.place, message)
                .also(all.place, "takes every request")
                .hint(if drop_it { DROP_IT } else { MOVE_IT }),
        );
    }
}

fn warn_of_host(host: &WrittenHost, all: Place, scope: &Scope<'_>) {
    let message =
        format!("no request reaches the rules and web-apps of this host: {}", before(all, scope));
    scope.findings.add(
        Finding::warning(FindingRule::UnreachableHost, host.place, message)
            .also(all, "takes every request")
            .hint(MOVE_IT),
    );
}

fn before(all: Place, scope: &Scope<'_>) -> String {
    format!(
        "the default host's rule in line {} is tried before, has no `regexp` and takes every \
         request",
        scope.line(all)
    )
}
