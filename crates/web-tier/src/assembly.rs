//! Where a web-tier server is put together from its configuration.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread::available_parallelism;

use copal_config::cluster::{Cluster, Protocol, Tier};
use copal_config::config::Config;
use copal_config::server::Server;
use copal_serve::connection_cap::ConnectionCap;
use copal_serve::door::Door;
use copal_serve::drain::Drain;
use copal_serve::file_limit;
use copal_serve::listener;
use copal_serve::workers::{self, Plan, Workers};

use crate::error::StartError;
use crate::limits::FILES_PER_CONNECTION;
use crate::site::{Beginnings, Site};
use crate::worker::Worker;

/// Starts the server `id` of `config`. It takes connections when this returns, and stops when
/// `drain` says so.
///
/// # Errors
/// When anything is missing, nothing was started.
pub fn start(config: &Config, id: &str, drain: &Drain) -> Result<Workers, StartError> {
    let (cluster, server) = find(config, id)?;
    let mut doors = Vec::with_capacity(server.http.len());
    for http in &server.http {
        doors.push(Door { address: listener::resolve(&http.address, http.port)?, counted: true });
    }
    let beginnings = Beginnings {
        epoch: copal_serve::clock::now(),
        first_turn: usize::from(getrandom::u32()?.to_le_bytes()[0]),
        process_mark: getrandom::u64()?,
        drain: drain.clone(),
    };
    let site = Arc::new(Site::new(config, cluster, server, beginnings)?);
    let plan = Plan {
        doors,
        threads: config.workers.unwrap_or_else(cores),
        cap: ConnectionCap::new(file_limit::raise(
            config.limits.max_connections,
            FILES_PER_CONNECTION,
        )),
        drain: drain.clone(),
    };
    let threads = Arc::new(AtomicU16::new(0));
    let make =
        move |bench| Worker::new(Arc::clone(&site), bench, threads.fetch_add(1, Ordering::Relaxed));
    Ok(workers::run(&plan, make)?)
}

fn find<'c>(config: &'c Config, id: &str) -> Result<(&'c Cluster, &'c Server), StartError> {
    let Some((cluster, server)) = config.server(id) else {
        let ours = config.clusters.iter().filter(|cluster| is_ours(cluster));
        let known: Vec<&str> =
            ours.flat_map(|cluster| &cluster.servers).map(|server| server.id.as_str()).collect();
        let known = if known.is_empty() { "(none)".to_owned() } else { known.join(", ") };
        return Err(StartError::UnknownServer { id: id.to_owned(), known });
    };
    let other =
        |how| StartError::OtherTier { id: id.to_owned(), cluster: cluster.name.clone(), how };
    match (cluster.protocol, cluster.tier) {
        (Protocol::Http, _) => Err(other("its servers are not ours to run (protocol = \"http\")")),
        (Protocol::Copal, Tier::App) => Err(other("start it with app-tier")),
        (Protocol::Copal, Tier::Web) if server.http.is_empty() => {
            Err(StartError::NoListener { id: id.to_owned() })
        }
        (Protocol::Copal, Tier::Web) => Ok((cluster, server)),
    }
}

fn is_ours(cluster: &Cluster) -> bool {
    cluster.protocol == Protocol::Copal && cluster.tier == Tier::Web
}

fn cores() -> NonZeroUsize {
    available_parallelism().unwrap_or(NonZeroUsize::MIN)
}
