//! Puts a server together from its configuration and its applications, and starts it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};

use copal_config::cluster::Cluster;
use copal_config::config::Config;
use copal_config::server::Server as Settings;
use copal_serve::connection_cap::ConnectionCap;
use copal_serve::control::{self, AdminDoor, Control};
use copal_serve::door::Door;
use copal_serve::drain::Drain;
use copal_serve::error::ServeError;
use copal_serve::process::Source;
use copal_serve::{clock, file_limit, listener, workers};
use copal_session::ring::runner::Ring;
use copal_session::sessions::Sessions;
use copal_session::surroundings::{NoRandom, Surroundings};
use copal_tls::cluster_tls::ClusterTls;
use tokio::runtime::Runtime;

use crate::app_desk::AppDesk;
use crate::entrance::{Audience, Entrance};
use crate::figures::AllFigures;
use crate::fixtures::{Fixtures, Links};
use crate::in_force::InForce;
use crate::late_saves::LateSaves;
use crate::limits::FILES_FOR_FOUR;
use crate::mounting::Mounting;
use crate::own_app::OwnApp;
use crate::own_ring;
use crate::own_settings;
use crate::own_state::OwnState;
use crate::own_tls;
use crate::reload::{History, Reload};
use crate::running::Running;
use crate::start_error::StartError;
use crate::tier_worker::{Crew, TierWorker};

/// Starts a server. `own` are its applications by context path of the default host; `source` is
/// where its configuration can be read again.
pub(crate) fn start(
    config: &Arc<Config>,
    id: &str,
    own: HashMap<String, OwnApp>,
    source: Option<Source>,
    drain: Drain,
) -> Result<Running, StartError> {
    let (cluster, settings) = own_settings::find(config, id)?;
    let state = OwnState::new(drain.clone());
    let tls = own_tls::open(config, cluster, id)?;
    let ring = own_ring::open(config, cluster, settings, tls.as_ref(), &state)?;
    let server = Beginning { config, cluster, settings, state, tls, ring: ring.clone(), drain };
    let started = server.start(own, source);
    if let (Err(_), Some(ring)) = (&started, &ring) {
        // Its disk is free for whoever tries again.
        ring.stop();
    }
    started
}

/// A server that is about to start.
struct Beginning<'c> {
    config: &'c Arc<Config>,
    cluster: &'c Cluster,
    settings: &'c Settings,
    state: OwnState,
    tls: Option<ClusterTls>,
    ring: Option<Ring>,
    drain: Drain,
}

impl Beginning<'_> {
    fn start(
        self,
        own: HashMap<String, OwnApp>,
        source: Option<Source>,
    ) -> Result<Running, StartError> {
        let Self { config, cluster, settings, state, tls, ring, drain } = self;
        let sessions = sessions(cluster, settings, ring.as_ref());
        let late = LateSaves::start(sessions.clone())?;
        let runtime = runtime(&own, threads(config))?;
        let handle = runtime.as_ref().map(|runtime| runtime.handle().clone());
        let mounting = Mounting::new(own, handle, sessions.clone());
        let replicates = own_ring::replicates(cluster);
        let links = links(ring.as_ref().filter(|_| replicates), tls);
        let mut fixtures = Fixtures::new(settings, late.clone(), state.clone(), links, mounting)?;
        let plan = fixtures.plan(config)?;
        let entrances = plan.entrances.clone();
        let in_force = Arc::new(InForce::new(plan));
        let work = work(config, &entrances, &drain);
        let figures = AllFigures::new(clock::now());
        let crew = Crew {
            in_force: Arc::clone(&in_force),
            sessions: sessions.clone(),
            state: state.clone(),
            figures: figures.clone(),
            ring: ring.clone(),
            begun: Arc::default(),
        };
        let reload = Reload {
            id: settings.id.clone(),
            fixtures: Arc::new(Mutex::new(fixtures)),
            source,
            in_force,
            sessions: sessions.clone(),
            ring: ring.clone(),
            cap: work.cap.clone(),
            drain: drain.clone(),
            history: RefCell::new(History::new(config)),
        };
        let desk = AppDesk {
            reload,
            cluster: cluster.name.clone(),
            state,
            figures,
            sessions,
            late: late.clone(),
            replicates,
            ring: ring.clone(),
            began: clock::wall(),
        };
        // First: a server that runs already is found by its control socket, before the ports are; and
        // from the first request on SIGHUP is a question and not the end.
        let control = open(config, settings, &drain, desk)?;
        let doors = workers::bind(&work)?;
        // Not before: another process of this server may be the one that lives.
        own_ring::begin(ring.as_ref())?;
        let workers = doors.run(move |bench| TierWorker::new(&crew, bench))?;
        Ok(Running { workers, control, ring, late, runtime, entrances, drain })
    }
}

/// What the workers do.
fn work(config: &Config, entrances: &[Entrance], drain: &Drain) -> workers::Plan {
    let max = file_limit::raise(config.limits.max_connections, FILES_FOR_FOUR);
    workers::Plan {
        doors: entrances.iter().map(door).collect(),
        threads: threads(config),
        cap: ConnectionCap::new(max),
        drain: drain.clone(),
    }
}

/// How other servers come in.
fn links(ring: Option<&Ring>, tls: Option<ClusterTls>) -> Links {
    Links { reception: ring.map(Ring::reception), tls }
}

/// Opens the desk.
fn open(
    config: &Config,
    settings: &Settings,
    drain: &Drain,
    desk: AppDesk,
) -> Result<Control, StartError> {
    let admin = settings.admin.as_ref().map(|admin| {
        let address = listener::resolve(&admin.address, admin.port)?;
        Ok::<_, ServeError>(AdminDoor { address, token: admin.token.clone() })
    });
    let plan = control::Plan {
        socket: control::socket_path(config, &settings.id),
        admin: admin.transpose()?,
        drain: drain.clone(),
    };
    Ok(control::run(plan, move || desk)?)
}

fn threads(config: &Config) -> NonZeroUsize {
    let cores = std::thread::available_parallelism();
    config.workers.or(cores.ok()).unwrap_or(NonZeroUsize::MIN)
}

fn sessions(cluster: &Cluster, settings: &Settings, ring: Option<&Ring>) -> Sessions {
    let others = own_settings::others(cluster, settings);
    let began = clock::now();
    let surroundings = Surroundings::new(
        move || clock::now().saturating_duration_since(began),
        |bytes| getrandom::fill(bytes).map_err(|_| NoRandom),
    );
    match ring {
        Some(ring) => Sessions::of_ring(ring, surroundings),
        None => Sessions::new(settings.index, others, surroundings),
    }
}

/// The runtime of the applications, if one of them may block.
fn runtime(
    own: &HashMap<String, OwnApp>,
    threads: NonZeroUsize,
) -> Result<Option<Runtime>, StartError> {
    if own.values().all(|own| own.in_place) {
        return Ok(None);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads.get())
        .thread_name("application")
        .enable_all()
        .build()
        .map_err(StartError::Runtime)?;
    Ok(Some(runtime))
}

fn door(entrance: &Entrance) -> Door {
    Door {
        address: entrance.address,
        counted: entrance.audience == Audience::Public,
        lingers: entrance.lingers,
        stays: entrance.stays,
    }
}
