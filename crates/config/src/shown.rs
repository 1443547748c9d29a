//! Values of a configuration as an operator reads them, each under its key.

use std::time::Duration;

use crate::limits::Limits;
use crate::network::Network;
use crate::persistent_store::{ClusterStore, DiskSync, PersistentStore};
use crate::server::{HealthCheck, LoadBalance};
use crate::session_config::SessionConfig;
use crate::written::duration;
use crate::written::size;

/// A key with its value.
pub(crate) type Shown = (&'static str, String);

/// Every key of `[limits]`.
pub(crate) fn limits(limits: &Limits) -> Vec<Shown> {
    let size = |bytes: usize| size::written(u64::try_from(bytes).unwrap_or(u64::MAX));
    let bound = |bytes: Option<u64>| bytes.map_or_else(none, size::written);
    vec![
        ("max-connections", limits.max_connections.to_string()),
        ("header-timeout", duration::written(limits.header_timeout)),
        ("body-timeout", duration::written(limits.body_timeout)),
        ("min-body-rate", bound(limits.min_body_rate)),
        ("send-timeout", duration::written(limits.send_timeout)),
        ("tunnel-idle-timeout", duration::written(limits.tunnel_idle_timeout)),
        ("drain-time", duration::written(limits.drain_time)),
        ("max-head", size(limits.max_head)),
        ("max-fields", limits.max_fields.to_string()),
        ("max-uri", size(limits.max_uri)),
        ("max-body", bound(limits.max_body)),
        ("response-head", size(limits.response_head)),
        ("trusted-proxies", networks(&limits.trusted_proxies)),
        ("allow-encoded-slash", limits.allow_encoded_slash.to_string()),
        ("merge-slashes", limits.merge_slashes.to_string()),
        ("lenient-responses", limits.lenient_responses.to_string()),
    ]
}

/// Every key of a server that says how it is balanced to.
pub(crate) fn load_balance(keys: &LoadBalance) -> Vec<Shown> {
    vec![
        ("weight", keys.weight.to_string()),
        ("backup", keys.backup.to_string()),
        ("load-balance-connect-timeout", duration::written(keys.connect_timeout)),
        ("load-balance-socket-timeout", duration::written(keys.socket_timeout)),
        ("load-balance-idle-time", duration::written(keys.idle_time)),
        ("load-balance-recover-time", duration::written(keys.recover_time)),
        ("load-balance-busy-recover-time", duration::written(keys.busy_recover_time)),
        ("load-balance-warmup-time", duration::written(keys.warmup_time)),
        ("load-balance-max-requests", keys.max_requests.map_or_else(none, |most| most.to_string())),
        ("load-balance-queue-timeout", duration::written(keys.queue_timeout)),
        ("health-check", health_check(keys.health_check.as_ref())),
    ]
}

/// A health check in one line.
pub(crate) fn health_check(check: Option<&HealthCheck>) -> String {
    let Some(check) = check else {
        return "off".to_owned();
    };
    let time = |time: Duration| duration::written(time);
    format!(
        "{} every {} within {} (fall {}, rise {})",
        check.path,
        time(check.interval),
        time(check.timeout),
        check.fall,
        check.rise
    )
}

/// The keys of a session-config that hold for the whole cluster.
pub(crate) fn copies(config: &SessionConfig) -> Vec<Shown> {
    vec![
        ("copies", config.copies.to_string()),
        ("acknowledge", config.acknowledge.word().to_owned()),
        ("acknowledge-timeout", duration::written(config.acknowledge_timeout)),
        ("degraded", config.degraded.word().to_owned()),
    ]
}

/// Every key of a persistent-store.
pub(crate) fn store(store: &PersistentStore) -> Vec<Shown> {
    let (word, path, sync, cluster) = match store {
        PersistentStore::None => ("none", None, None, None),
        PersistentStore::File(store) => ("file", Some(&store.path), Some(store.disk_sync), None),
        PersistentStore::Cluster(store) => {
            ("cluster", store.path.as_ref(), Some(store.disk_sync), Some(store))
        }
    };
    let time = |time: fn(&ClusterStore) -> Duration| {
        cluster.map_or_else(none, |store| duration::written(time(store)))
    };
    vec![
        ("type", word.to_owned()),
        ("path", path.map_or_else(none, |path| path.display().to_string())),
        ("disk-sync", sync.map_or_else(none, disk_sync)),
        ("recovery-wait", time(|store| store.recovery_wait)),
        ("max-away", time(|store| store.max_away)),
    ]
}

fn disk_sync(sync: DiskSync) -> String {
    match sync {
        DiskSync::Every(time) => duration::written(time),
        DiskSync::Always => "always".to_owned(),
        DiskSync::Never => "never".to_owned(),
    }
}

fn networks(networks: &[Network]) -> String {
    let shown: Vec<String> =
        networks.iter().map(|network| format!("{}/{}", network.address, network.bits)).collect();
    if shown.is_empty() { none() } else { shown.join(", ") }
}

fn none() -> String {
    "none".to_owned()
}
