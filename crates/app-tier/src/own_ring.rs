//! The ring of a server's cluster, if it has one.

use std::sync::Arc;

use copal_config::cluster::Cluster;
use copal_config::config::Config;
use copal_config::persistent_store::PersistentStore;
use copal_config::server::Server as Settings;
use copal_serve::clock;
use copal_session::ring::plan::RingPlan;
use copal_session::ring::runner::Ring;
use copal_tls::cluster_tls::ClusterTls;

use crate::own_state::OwnState;
use crate::start_error::StartError;

/// Whether other servers have copies of this cluster's sessions.
pub(crate) const fn replicates(cluster: &Cluster) -> bool {
    matches!(cluster.persistent_store, PersistentStore::Cluster(_))
}

/// Has other servers hear of this start: they take the one before for ended.
pub(crate) fn begin(ring: Option<&Ring>) -> Result<(), StartError> {
    ring.map_or(Ok(()), |ring| ring.begin().map_err(StartError::Ring))
}

/// Opens the ring of a server, which joins it first. Nobody hears of it before it begins.
pub(crate) fn open(
    config: &Config,
    cluster: &Cluster,
    settings: &Settings,
    tls: Option<&ClusterTls>,
    state: &OwnState,
) -> Result<Option<Ring>, StartError> {
    let own = state.wish();
    let wished = Arc::new(move || own.state());
    let plan = match &cluster.persistent_store {
        PersistentStore::None => return Ok(None),
        PersistentStore::File(store) => RingPlan::of_files(cluster, store, &settings.id, wished),
        PersistentStore::Cluster(store) => {
            let secret = config.secret.as_ref().map(|secret| secret.bytes().to_vec());
            RingPlan::of(cluster, store, &settings.id, secret, wished)
        }
    };
    let plan = plan.ok_or_else(|| StartError::RingMember { id: settings.id.clone() })?;
    let plan = plan.with_tls(tls.cloned());
    let ring = Ring::open(plan.started_at(clock::wall())).map_err(StartError::Ring)?;
    state.joins(ring.clone());
    Ok(Some(ring))
}
