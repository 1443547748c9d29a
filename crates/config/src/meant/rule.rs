//! The rules of a host.

use crate::meant::balance;
use crate::meant::scope::Scope;
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
