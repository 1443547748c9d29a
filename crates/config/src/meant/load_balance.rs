//! How a server is balanced to, with the defaults.

use std::num::{NonZeroU32, NonZeroUsize};

use crate::cluster::Protocol;
use crate::finding::Finding;
use crate::finding_rule::FindingRule;
use crate::meant::scope::Scope;
use crate::server::{HealthCheck, LoadBalance};
use crate::usual;
use crate::written::cluster::WrittenCluster;
use crate::written::duration;
use crate::written::health_check::{HealthCheckKeys, WrittenHealthCheck};
use crate::written::leaf::Leaf;
use crate::written::load_balance::WrittenLoadBalance;
use crate::written::quote::quoted;

/// How a server of a cluster that speaks `protocol` is balanced to.
pub(crate) fn load_balance(
    written: &WrittenLoadBalance,
    protocol: Protocol,
    scope: &Scope<'_>,
) -> LoadBalance {
    let usual = usual::load_balance(protocol);
    LoadBalance {
        connect_timeout: written.connect_timeout.or(usual.connect_timeout),
        socket_timeout: written.socket_timeout.or(usual.socket_timeout),
        idle_time: written.idle_time.or(usual.idle_time),
        recover_time: written.recover_time.or(usual.recover_time),
        busy_recover_time: written.busy_recover_time.or(usual.busy_recover_time),
        warmup_time: written.warmup_time.or(usual.warmup_time),
        max_requests: written.max_requests.given().copied().and_then(NonZeroUsize::new),
        queue_timeout: written.queue_timeout.or(usual.queue_timeout),
        weight: written.weight.or(usual.weight),
        backup: written.backup.or(usual.backup),
        health_check: match &written.health_check {
            Leaf::Given(WrittenHealthCheck::Off, _) => None,
            Leaf::Given(WrittenHealthCheck::Keys(keys), _) => {
                Some(health_check(keys, protocol, scope))
            }
            Leaf::Absent | Leaf::Broken(_) => usual.health_check,
        },
    }
}

fn health_check(keys: &HealthCheckKeys, protocol: Protocol, scope: &Scope<'_>) -> HealthCheck {
    let usual = usual::health_check(protocol);
    let check = HealthCheck {
        path: keys.path.or(usual.path),
        interval: keys.interval.or(usual.interval),
        timeout: keys.timeout.or(usual.timeout),
        fall: count(&keys.fall, usual.fall),
        rise: count(&keys.rise, usual.rise),
    };
    check_timeout(keys, &check, scope);
    check
}

fn count(written: &Leaf<u64>, usual: NonZeroU32) -> NonZeroU32 {
    let number = written.given().and_then(|number| u32::try_from(*number).ok());
    number.and_then(NonZeroU32::new).unwrap_or(usual)
}

/// A check that may take longer than the pause would still wait when the next one is due.
fn check_timeout(keys: &HealthCheckKeys, check: &HealthCheck, scope: &Scope<'_>) {
    let written_at = keys.timeout.place().or(keys.interval.place());
    // Both defaults are fine together, so one of them is written.
    let Some(place) = written_at.filter(|_| check.timeout > check.interval) else {
        return;
    };
    // What stands in for a broken time says nothing.
    if [&keys.timeout, &keys.interval].iter().any(|time| matches!(time, Leaf::Broken(_))) {
        return;
    }
    let message = format!(
        "a health check may take \"{}\" and the next one is due after \"{}\"",
        duration::written(check.timeout),
        duration::written(check.interval)
    );
    scope.findings.add(
        Finding::warning(FindingRule::HealthCheckTimeout, place, message)
            .hint("make `timeout` smaller or `interval` larger"),
    );
}

/// Warns when no session can begin, or only on backup servers.
pub(crate) fn check_new_sessions(cluster: &WrittenCluster, scope: &Scope<'_>) {
    let takes_none = |keys: &WrittenLoadBalance| keys.weight.given() == Some(&0);
    let is_backup = |keys: &WrittenLoadBalance| keys.backup.given() == Some(&true);
    let mut all = cluster.servers.iter().map(|server| &server.load_balance);
    let Some(first) = all.clone().next() else {
        return;
    };
    if !all.all(|keys| takes_none(keys) || is_backup(keys)) {
        return;
    }
    let name = quoted(&cluster.name);
    let (message, hint) = if cluster.servers.iter().all(|server| takes_none(&server.load_balance)) {
        (
            format!("no server of the cluster {name} takes new sessions: each has `weight = 0`"),
            "give one of them a `weight` above 0",
        )
    } else {
        (
            format!(
                "no server of the cluster {name} takes new sessions but as a backup: each has \
                 `backup = true` or `weight = 0`"
            ),
            "leave one of them without `backup`, with a `weight` above 0",
        )
    };
    let place = first.weight.place().filter(|_| takes_none(first)).or(first.backup.place());
    scope.findings.add(
        Finding::warning(FindingRule::NoNewSessions, place.unwrap_or(cluster.place), message)
            .hint(hint),
    );
}
