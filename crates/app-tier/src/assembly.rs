//! Puts a server together from its configuration and its applications, and starts it.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use copal_config::cluster::{Cluster, Protocol, Tier};
use copal_config::config::Config;
use copal_config::rule::Action;
use copal_config::server::Server as Settings;
use copal_serve::connection_cap::ConnectionCap;
use copal_serve::door::Door;
use copal_serve::drain::Drain;
use copal_serve::file_limit;
use copal_serve::{clock, listener, workers};
use copal_session::sessions::Sessions;
use copal_session::surroundings::{NoRandom, Surroundings};
use tokio::runtime::Runtime;

use crate::demo::members::Members;
use crate::entrance::{Audience, Entrance};
use crate::limits::FILES_PER_CONNECTION;
use crate::mounting::Mounting;
use crate::own_app::OwnApp;
use crate::running::Running;
use crate::site::Plan;
use crate::start_error::StartError;
use crate::tier_worker::TierWorker;

/// Starts the server `id`, with the applications `own` by context path of the default host.
pub(crate) fn start(
    config: &Config,
    id: &str,
    own: HashMap<String, OwnApp>,
    drain: Drain,
) -> Result<Running, StartError> {
    let (cluster, settings) = find(config, id)?;
    check_rules(cluster)?;
    let threads = threads(config);
    let sessions = sessions(cluster, settings);
    let mut mounting = Mounting::new(cluster.clone(), own);
    mounting.check()?;
    let runtime = if mounting.needs_runtime() { Some(runtime(threads)?) } else { None };
    let members = Members::of(cluster, settings);
    let mounts = mounting.mounts(&sessions, &members, runtime.as_ref())?;
    let entrances = entrances(config, settings)?;
    let plan = Plan {
        cluster: mounting.cluster,
        server: id.to_owned(),
        limits: config.limits.clone(),
        secret: config.secret.clone(),
        sessions,
        entrances: entrances.clone(),
        mounts,
    };
    let work = workers::Plan {
        doors: entrances.iter().map(door).collect(),
        threads,
        cap: ConnectionCap::new(file_limit::raise(
            config.limits.max_connections,
            FILES_PER_CONNECTION,
        )),
        drain: drain.clone(),
    };
    let sweeping = Arc::new(AtomicBool::new(false));
    let make = move |bench| TierWorker::new(plan.clone(), &sweeping, bench);
    let workers = workers::run(&work, make)?;
    Ok(Running { workers, runtime, entrances, drain })
}

/// The server of this id, if this binary runs it.
fn find<'c>(config: &'c Config, id: &str) -> Result<(&'c Cluster, &'c Settings), StartError> {
    let ours =
        |cluster: &&Cluster| cluster.protocol == Protocol::Copal && cluster.tier == Tier::App;
    let known = || {
        let clusters = config.clusters.iter().filter(ours);
        let ids: Vec<&str> = clusters
            .flat_map(|cluster| cluster.servers.iter())
            .map(|server| server.id.as_str())
            .collect();
        if ids.is_empty() { "none".to_owned() } else { ids.join(", ") }
    };
    let id = id.to_owned();
    match config.server(&id) {
        Some((cluster, server)) if ours(&cluster) => Ok((cluster, server)),
        Some((cluster, _)) if cluster.protocol == Protocol::Http => {
            Err(StartError::ForeignServer { id })
        }
        Some(_) => Err(StartError::WebTierServer { id, known: known() }),
        None => Err(StartError::UnknownServer { id, known: known() }),
    }
}

/// Refuses what an app-tier server cannot carry out.
fn check_rules(cluster: &Cluster) -> Result<(), StartError> {
    let named = cluster.hosts.named.iter().map(|named| &named.host);
    let hosts = std::iter::once(&cluster.hosts.default).chain(named);
    for rule in hosts.flat_map(|host| &host.rules) {
        if let Action::LoadBalance(_) = rule.action {
            return Err(StartError::LoadBalanceRule { line: rule.line });
        }
    }
    Ok(())
}

fn threads(config: &Config) -> NonZeroUsize {
    let cores = std::thread::available_parallelism();
    config.workers.or(cores.ok()).unwrap_or(NonZeroUsize::MIN)
}

fn sessions(cluster: &Cluster, settings: &Settings) -> Sessions {
    let others = cluster.servers.iter().map(|server| server.index);
    let others = others.filter(|index| *index != settings.index).collect();
    let began = clock::now();
    let surroundings = Surroundings::new(
        move || clock::now().saturating_duration_since(began),
        |bytes| getrandom::fill(bytes).map_err(|_| NoRandom),
    );
    Sessions::new(settings.index, others, surroundings)
}

/// The runtime of the applications.
fn runtime(threads: NonZeroUsize) -> Result<Runtime, StartError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads.get())
        .thread_name("application")
        .enable_all()
        .build()
        .map_err(StartError::Runtime)
}

fn entrances(config: &Config, settings: &Settings) -> Result<Vec<Entrance>, StartError> {
    let limits = &config.limits;
    let mut entrances = Vec::new();
    if let Some(port) = settings.port {
        let address = listener::resolve(&settings.address, port)?;
        entrances.push(Entrance::cluster(address, settings, limits));
    }
    for public in &settings.http {
        let address = listener::resolve(&public.address, public.port)?;
        entrances.push(Entrance::public(address, public, limits));
    }
    Ok(entrances)
}

fn door(entrance: &Entrance) -> Door {
    Door { address: entrance.address, counted: entrance.audience == Audience::Public }
}
