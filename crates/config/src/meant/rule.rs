//! The rules of a host.

use crate::finding::Finding;
use crate::finding_rule::FindingRule;
use crate::meant::balance;
use crate::meant::scope::Scope;
use crate::place::Place;
use crate::rule::{Action, Rule};
use crate::written::cluster::WrittenCluster;
use crate::written::rule::{WrittenAction, WrittenRule};

/// The rules of one host of `cluster`; broken ones are left out.
pub(crate) fn rules(
    written: &[WrittenRule],
    cluster: &WrittenCluster,
    scope: &Scope<'_>,
) -> Vec<Rule> {
    let rule = |written: &WrittenRule| {
        // All of them are looked at, so that all that is wrong with them is found.
        let actions = written.actions.iter().map(|written| action(written, cluster, scope));
        let action = actions.collect::<Vec<_>>().pop()??;
        let regexp = written.regexp.given().cloned();
        Some(Rule { line: scope.line(written.place), regexp, action })
    };
    written.iter().filter_map(rule).collect()
}

fn action(written: &WrittenAction, cluster: &WrittenCluster, scope: &Scope<'_>) -> Option<Action> {
    Some(match written {
        WrittenAction::Dispatch => Action::Dispatch,
        WrittenAction::DispatchTo(target) => Action::DispatchTo(target.clone()),
        WrittenAction::LoadBalance(name, place) => {
            Action::LoadBalance(balance::target(name, *place, cluster, scope)?)
        }
        WrittenAction::Redirect(target) => Action::Redirect(target.clone()),
        WrittenAction::MovedPermanently(target) => Action::MovedPermanently(target.clone()),
        WrittenAction::Forbidden => Action::Forbidden,
        WrittenAction::NotFound => Action::NotFound,
    })
}

/// Warns of rules behind one that takes every request; returns where that one stands, or `earlier`
/// when it stands before all of these.
pub(crate) fn check_reach(
    written: &[WrittenRule],
    earlier: Option<Place>,
    scope: &Scope<'_>,
) -> Option<Place> {
    let mut all = earlier;
    for rule in written {
        if let Some(all) = all {
            let message = format!(
                "this rule is never reached: the one in line {} has no `regexp` and takes every \
                 request",
                scope.line(all)
            );
            scope.findings.add(
                Finding::warning(FindingRule::UnreachableRule, rule.place, message)
                    .also(all, "takes every request")
                    .hint("rules are tried from top to bottom: put the one without `regexp` last"),
            );
        } else if rule.regexp.is_absent() && rule.actions.len() == 1 {
            all = Some(rule.place);
        }
    }
    all
}
