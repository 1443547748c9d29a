//! Reading the configuration again, and putting it in force.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};

use copal_config::config::Config;
use copal_config::{changes, in_place, restart};
use copal_protocol::server_index::ServerIndex;
use copal_serve::connection_cap::ConnectionCap;
use copal_serve::desk::Reloaded;
use copal_serve::drain::Drain;
use copal_serve::process::Source;
use copal_serve::{file_limit, log};
use copal_session::ring::roster::Roster;
use copal_session::ring::runner::Ring;
use copal_session::sessions::Sessions;
use copal_tls::cluster_tls::ClusterTls;
use tokio::task::spawn_blocking;

use crate::fixtures::Fixtures;
use crate::in_force::InForce;
use crate::limits::FILES_FOR_FOUR;
use crate::own_settings;
use crate::own_tls;
use crate::site::Plan;

/// Reading the configuration again, and putting it in force.
pub(crate) struct Reload {
    /// The id of the server.
    pub(crate) id: String,
    /// Held while the file is read, which may take as long as a disk likes.
    pub(crate) fixtures: Arc<Mutex<Fixtures>>,
    /// Where it is read; `None` for a configuration that was made by a program.
    pub(crate) source: Option<Source>,
    pub(crate) in_force: Arc<InForce>,
    pub(crate) sessions: Sessions,
    pub(crate) ring: Option<Ring>,
    pub(crate) cap: ConnectionCap,
    pub(crate) drain: Drain,
    pub(crate) history: RefCell<History>,
}

/// What became of the readings so far.
pub(crate) struct History {
    /// What is in force.
    current: Arc<Config>,
    /// How often it was taken.
    count: u64,
    /// Why the last one was not.
    error: Option<String>,
    /// What of it waits for a restart.
    needs_restart: Vec<String>,
}

impl History {
    /// Nothing was read again yet.
    pub(crate) fn new(config: &Arc<Config>) -> Self {
        let (count, error, needs_restart) = (0, None, Vec::new());
        Self { current: Arc::clone(config), count, error, needs_restart }
    }
}

/// What can be put in force without waiting for anything.
struct Prepared {
    reloaded: Reloaded,
    /// None when the file has no place for this server.
    next: Option<Next>,
}

/// What is to be in force.
struct Next {
    part: Config,
    plan: Plan,
    /// The other servers of the cluster.
    others: Vec<ServerIndex>,
    /// All of them, as the ring takes them.
    roster: Option<Roster>,
    /// The certificates, read again.
    tls: Option<ClusterTls>,
}

impl Reload {
    /// How often the file was taken, and why it was not the last time.
    pub(crate) fn outcome(&self) -> (u64, Option<String>) {
        let history = self.history.borrow();
        (history.count, history.error.clone())
    }

    /// Reads the file and puts in force what can be; a bad one changes nothing. No other reload may
    /// run meanwhile. Whatever waits for a disk does so on another thread.
    pub(crate) async fn run(&self) -> Result<Reloaded, String> {
        let reloaded = self.read_again().await;
        let mut history = self.history.borrow_mut();
        history.count += u64::from(reloaded.is_ok());
        history.error = reloaded.as_ref().err().cloned();
        if let Ok(reloaded) = &reloaded {
            history.needs_restart.clone_from(&reloaded.needs_restart);
        }
        reloaded
    }

    /// What of the file waits for a restart, a line each.
    pub(crate) fn needs_restart(&self) -> Vec<String> {
        self.history.borrow().needs_restart.clone()
    }

    async fn read_again(&self) -> Result<Reloaded, String> {
        let source = self.source.clone().ok_or(
            "this server was started by a program with a configuration of its own: there is no \
             file to be read again",
        )?;
        let old = Arc::clone(&self.history.borrow().current);
        let (fixtures, before) = (Arc::clone(&self.fixtures), Arc::clone(&old));
        let prepared = spawn_blocking(move || {
            // They are changed as a whole or not at all, so a panic leaves nothing half done.
            let mut fixtures = fixtures.lock().unwrap_or_else(PoisonError::into_inner);
            prepare(&source, &before, &mut fixtures)
        });
        let prepared = prepared.await.map_err(|error| format!("it could not be read: {error}"))?;
        let Prepared { reloaded, next } = prepared?;
        if let Some(next) = next {
            self.put_in_force(&old, next);
        }
        Ok(reloaded)
    }

    fn put_in_force(&self, old: &Config, next: Next) {
        let Next { part, plan, others, roster, tls } = next;
        if let (Some(before), Some(tls)) = (&plan.tls, &tls) {
            before.renew(tls);
        }
        self.in_force.replace(plan);
        self.sessions.set_others(others);
        if let (Some(ring), Some(roster)) = (&self.ring, roster) {
            ring.set_roster(roster);
        }
        if part.limits.max_connections != old.limits.max_connections {
            self.cap.set(file_limit::raise(part.limits.max_connections, FILES_FOR_FOUR));
        }
        log::set_level(part.log.level);
        self.drain.set_time(part.limits.drain_time);
        self.history.borrow_mut().current = Arc::new(part);
    }
}

fn prepare(source: &Source, old: &Config, fixtures: &mut Fixtures) -> Result<Prepared, String> {
    let new = source.read()?;
    let id = fixtures.id().to_owned();
    let Some(mut part) = in_place::part(old, &new, &id) else {
        // It has no place in this file, so there is nothing in it that it could take.
        let needs_restart = restart::needed(old, &new, &id);
        let reloaded = Reloaded { changed: Vec::new(), needs_restart };
        return Ok(Prepared { reloaded, next: None });
    };
    fixtures.keep_sessions(&mut part);
    let (cluster, own) = own_settings::find(&part, &id).map_err(|error| error.to_string())?;
    let others = own_settings::others(cluster, own);
    let roster = Roster::of(cluster, &id);
    let tls = own_tls::open(&part, cluster, &id).map_err(|error| error.to_string())?;
    let plan = fixtures.plan(&part).map_err(|error| error.to_string())?;
    // From here on nothing fails. What is not as the new file says waits for a restart.
    let needs_restart = restart::needed(&part, &new, &id);
    let changed = changes::between(old, &new, &id);
    let next = Next { part, plan, others, roster, tls };
    Ok(Prepared { reloaded: Reloaded { changed, needs_restart }, next: Some(next) })
}
