//! Where the sessions of a cluster are kept beside memory, with the defaults.

use copal_protocol::limits::SESSION_FRAME;

use crate::finding::Finding;
use crate::finding_rule::FindingRule;
use crate::meant::scope::Scope;
use crate::persistent_store::{ClusterStore, DiskSync, FileStore, PersistentStore};
use crate::place::Place;
use crate::session_config::SaveMode;
use crate::written::cluster::WrittenCluster;
use crate::written::duration;
use crate::written::leaf::Leaf;
use crate::written::persistent_store::{StoreKind, WrittenPersistentStore};
use crate::written::quote::quoted;
use crate::written::session_config::WrittenSessionConfig;
use crate::written::size;

/// The store of a cluster of ours, with its defaults.
pub(crate) fn persistent_store(
    written: Option<&WrittenPersistentStore>,
    scope: &Scope<'_>,
) -> PersistentStore {
    let Some((written, kind)) = written.and_then(|store| Some((store, *store.kind.given()?)))
    else {
        return PersistentStore::None;
    };
    match kind {
        StoreKind::None => {
            for (place, key) in written.places() {
                let why = "a persistent-store of type \"none\" keeps nothing";
                without_effect(place, key, why, scope);
            }
            return PersistentStore::None;
        }
        StoreKind::File => return file_store(written, scope),
        StoreKind::Cluster => {}
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

/// One server that keeps its sessions on disk. That it is one is checked with the cluster.
fn file_store(written: &WrittenPersistentStore, scope: &Scope<'_>) -> PersistentStore {
    let of_cluster = [(&written.recovery_wait, "recovery-wait"), (&written.max_away, "max-away")];
    for (leaf, key) in of_cluster {
        if let Some(place) = leaf.place() {
            let why =
                "with a persistent-store of type \"file\" there is no other server to wait for";
            without_effect(place, key, why, scope);
        }
    }
    if written.path.is_absent() {
        let message = "a persistent-store of type \"file\" needs a `path`, the folder of its files";
        scope.findings.add(
            Finding::error(FindingRule::MissingKey, written.place, message)
                .hint("add `path = \"sessions\"`"),
        );
    }
    // Without a path nothing is started.
    written.path.given().map_or(PersistentStore::None, |path| {
        PersistentStore::File(FileStore {
            path: scope.path(path),
            disk_sync: written.disk_sync.or(DiskSync::default()),
        })
    })
}

/// Files are kept by one server; others would not know what is in them.
pub(crate) fn check_servers(cluster: &WrittenCluster, scope: &Scope<'_>) {
    let Some(Leaf::Given(StoreKind::File, place)) =
        cluster.persistent_store.as_ref().map(|store| &store.kind)
    else {
        return;
    };
    let count = cluster.servers.len();
    if count < 2 {
        return;
    }
    let message = format!(
        "a persistent-store of type \"file\" keeps the sessions of one server, and the cluster {} has \
         {count}",
        quoted(&cluster.name)
    );
    scope.findings.add(
        Finding::error(FindingRule::FileStore, *place, message).hint(
            "write `type = \"cluster\"`: each server has its own files, and copies of others",
        ),
    );
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
    check_size(config, cluster, scope);
    let copies = config.copies.places().filter(|_| is_of_cluster);
    if cluster.has_files() {
        for (place, key) in copies {
            let why =
                "a persistent-store of type \"file\" keeps one copy, on the disk of its server";
            without_effect(place, key, why, scope);
        }
        return;
    }
    if !cluster.has_no_store() {
        return;
    }
    let why = format!(
        "the cluster {} has no persistent-store of type \"cluster\"",
        quoted(&cluster.name)
    );
    let asks = [
        (&config.use_persistent_store, "use-persistent-store"),
        (&config.always_save_session, "always-save-session"),
    ];
    let asks = asks.into_iter().filter(|(flag, _)| flag.or(false));
    let asks = asks.filter_map(|(flag, key)| Some((flag.place()?, key)));
    for (place, key) in copies.chain(asks) {
        without_effect(place, key, &why, scope);
    }
    if let Leaf::Given(SaveMode::OnShutdown, place) = &config.save_mode {
        let why = format!("{why}: there is nothing to save a session in");
        without_effect(*place, "save-mode", &why, scope);
    }
}

/// Servers send each other a whole session in one frame, which has a bound of its own.
fn check_size(config: &WrittenSessionConfig, cluster: &WrittenCluster, scope: &Scope<'_>) {
    let is_kept = config.use_persistent_store.or(true);
    let (Leaf::Given(bytes, place), true) =
        (&config.session_max_bytes, is_kept && cluster.has_copies())
    else {
        return;
    };
    if *bytes <= LARGEST_COPY {
        return;
    }
    let most = size::written(LARGEST_COPY as u64);
    let message = format!(
        "`session-max-bytes` is {}, and a server can send a session of at most {most} to another: \
         nobody could have a copy of a larger one",
        quoted(&size::written(*bytes as u64))
    );
    scope.findings.add(
        Finding::error(FindingRule::LimitsContradict, *place, message)
            .hint(format!("write at most \"{most}\", or `use-persistent-store = false`")),
    );
}

/// So much of attributes fits into a frame of the ring, with what else there is of a session.
const LARGEST_COPY: usize = SESSION_FRAME - (1 << 20);

fn without_effect(place: Place, key: &str, why: &str, scope: &Scope<'_>) {
    let message = format!("`{key}` has no effect here: {why}");
    scope.findings.add(Finding::warning(FindingRule::WithoutEffect, place, message));
}
