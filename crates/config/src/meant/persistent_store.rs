//! Where the sessions of a cluster are kept beside memory, with the defaults.

use crate::finding::Finding;
use crate::finding_rule::FindingRule;
use crate::meant::scope::Scope;
use crate::persistent_store::{ClusterStore, DiskSync, PersistentStore};
use crate::place::Place;
use crate::written::cluster::WrittenCluster;
use crate::written::duration;
use crate::written::persistent_store::{StoreKind, WrittenPersistentStore};
use crate::written::quote::quoted;
use crate::written::session_config::WrittenSessionConfig;

/// The store of a cluster of ours, with its defaults.
pub(crate) fn persistent_store(
    written: Option<&WrittenPersistentStore>,
    scope: &Scope<'_>,
) -> PersistentStore {
    let Some((written, kind)) = written.and_then(|store| Some((store, *store.kind.given()?)))
    else {
        return PersistentStore::None;
    };
    if kind == StoreKind::None {
        for (place, key) in written.places() {
            without_effect(place, key, "a persistent-store of type \"none\" keeps nothing", scope);
        }
        return PersistentStore::None;
    }
    let usual = ClusterStore::default();
    let store = ClusterStore {
        path: written.path.given().map(|path| scope.path(path)),
        disk_sync: written.disk_sync.or(usual.disk_sync),
        recovery_wait: written.recovery_wait.or(usual.recovery_wait),
        max_away: written.max_away.or(usual.max_away),
    };
    check_disk_sync(written, scope);
    check_times(written, &store, scope);
    PersistentStore::Cluster(store)
}

/// Without a disk copy there is nothing to write through.
fn check_disk_sync(written: &WrittenPersistentStore, scope: &Scope<'_>) {
    let is_off = matches!(written.disk_sync.given(), Some(DiskSync::Never));
    if let Some(place) = written.disk_sync.place().filter(|_| written.path.is_absent() && !is_off) {
        let why = "there is no disk copy without a `path`, the folder in which it is kept";
        without_effect(place, "disk-sync", why, scope);
    }
}

/// Who is given up before anybody has stopped to wait for it could never come back.
fn check_times(written: &WrittenPersistentStore, store: &ClusterStore, scope: &Scope<'_>) {
    // Both defaults are fine together, so one of them is written.
    let place = written.max_away.place().or(written.recovery_wait.place());
    let Some(place) = place.filter(|_| store.max_away < store.recovery_wait) else {
        return;
    };
    let message = format!(
        "`max-away` is \"{}\", which is below `recovery-wait`, \"{}\": a server would be given up \
         while others still wait for it",
        duration::written(store.max_away),
        duration::written(store.recovery_wait)
    );
    scope.findings.add(
        Finding::error(FindingRule::LimitsContradict, place, message)
            .hint("`max-away` is the time after which nobody counts on a server any more"),
    );
}

/// Reports keys of a session-config that only mean something with a store. What holds for the
/// whole cluster is looked at in the cluster's own.
pub(crate) fn check_needed(
    config: &WrittenSessionConfig,
    is_of_cluster: bool,
    cluster: &WrittenCluster,
    scope: &Scope<'_>,
) {
    if !cluster.has_no_store() {
        return;
    }
    let why = format!(
        "the cluster {} has no persistent-store of type \"cluster\"",
        quoted(&cluster.name)
    );
    let copies = config.copies.places().filter(|_| is_of_cluster);
    let asks = [
        (&config.use_persistent_store, "use-persistent-store"),
        (&config.always_save_session, "always-save-session"),
    ];
    let asks = asks.into_iter().filter(|(flag, _)| flag.or(false));
    let asks = asks.filter_map(|(flag, key)| Some((flag.place()?, key)));
    for (place, key) in copies.chain(asks) {
        without_effect(place, key, &why, scope);
    }
}

fn without_effect(place: Place, key: &str, why: &str, scope: &Scope<'_>) {
    let message = format!("`{key}` has no effect here: {why}");
    scope.findings.add(Finding::warning(FindingRule::WithoutEffect, place, message));
}
