//! The ring of a server's cluster, if it has one.

use std::sync::Arc;

use copal_config::cluster::Cluster;
use copal_config::config::Config;
use copal_config::persistent_store::PersistentStore;
use copal_config::server::Server as Settings;
use copal_serve::clock;
use copal_session::ring::plan::RingPlan;
use copal_session::ring::runner::Ring;

use crate::own_state::OwnState;
use crate::start_error::StartError;

/// Opens the ring of a server, which joins it first. Nobody hears of it before it begins.
pub(crate) fn open(
    config: &Config,
    cluster: &Cluster,
    settings: &Settings,
    state: &OwnState,
) -> Result<Option<Ring>, StartError> {
    let PersistentStore::Cluster(store) = &cluster.persistent_store else { return Ok(None) };
    let secret = config.secret.as_ref().map(|secret| secret.bytes().to_vec());
    let own = state.wish();
    let wished = Arc::new(move || own.state());
    let plan = RingPlan::of(cluster, store, &settings.id, secret, wished);
    let plan = plan.ok_or_else(|| StartError::RingMember { id: settings.id.clone() })?;
    let ring = Ring::open(plan.started_at(clock::wall())).map_err(StartError::Ring)?;
    state.joins(ring.clone());
    Ok(Some(ring))
}
