//! Where a web-tier server is put together from its configuration.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread::available_parallelism;
use std::time::Duration;

use copal_config::cluster::{Cluster, Protocol, Tier};
use copal_config::config::Config;
use copal_config::server::Server;
use copal_serve::connection_cap::ConnectionCap;
use copal_serve::control::{self, AdminDoor, Control};
use copal_serve::door::Door;
use copal_serve::drain::Drain;
use copal_serve::file_limit;
use copal_serve::listener;
use copal_serve::process::Start;
use copal_serve::workers::{self, Plan, Workers};

use crate::desk::front::Front;
use crate::error::StartError;
use crate::household::{Beginnings, Household};
use crate::limits::FILES_FOR_FOUR;
use crate::live::Live;
use crate::site::Site;
use crate::station::Station;

/// A server that runs.
#[derive(Debug)]
pub struct Running {
    workers: Workers,
    control: Control,
}

impl Running {
    /// Returns when it has stopped. A thread that panicked is reported as `false`.
    #[must_use]
    pub fn wait(self) -> bool {
        let well = self.workers.wait();
        self.control.end();
        well
    }
}

/// Starts a server. It takes connections when this returns, and stops when `drain` says so.
///
/// # Errors
/// When anything is missing, nothing was started.
pub fn start(start: Start, drain: &Drain) -> Result<Running, StartError> {
    let Start { config, server: id, source } = start;
    let (cluster, server) = find(&config, &id)?;
    let mut doors = Vec::with_capacity(server.http.len());
    for http in &server.http {
        let address = listener::resolve(&http.address, http.port)?;
        doors.push(Door { address, counted: true, lingers: Duration::ZERO, stays: false });
    }
    let admin = match &server.admin {
        Some(admin) => Some(AdminDoor {
            address: listener::resolve(&admin.address, admin.port)?,
            token: admin.token.clone(),
        }),
        None => None,
    };
    let max = file_limit::raise(config.limits.max_connections, FILES_FOR_FOUR);
    let cap = ConnectionCap::new(max);
    let household = Arc::new(Household::new(Beginnings {
        server: id.clone(),
        cluster: cluster.name.clone(),
        epoch: copal_serve::clock::now(),
        first_turn: usize::from(getrandom::u32()?.to_le_bytes()[0]),
        process_mark: getrandom::u64()?,
        drain: drain.clone(),
        cap: cap.clone(),
    }));
    let live = Arc::new(Live::new(Site::new(&config, cluster, server, &household, None)?));
    let socket = control::socket_path(&config, &id);
    let asked = control::Plan { socket, admin, drain: drain.clone() };
    let at_desk = Arc::clone(&live);
    // First: a server that runs already is found by its control socket, before the ports are.
    let control = control::run(asked, move || Front::new(at_desk, Some(source)))?;
    let threads = config.workers.unwrap_or_else(cores);
    let plan = Plan { doors, threads, cap, drain: drain.clone() };
    let count = Arc::new(AtomicU16::new(0));
    let make = move |bench| {
        let thread = count.fetch_add(1, Ordering::Relaxed);
        Station::new(Arc::clone(&live), &household.bell, bench, thread)
    };
    let workers = workers::run(&plan, make)?;
    Ok(Running { workers, control })
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
