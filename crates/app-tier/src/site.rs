//! Everything that a worker knows to answer requests with.

use std::collections::HashMap;
use std::rc::Rc;

use copal_config::cluster::Cluster;
use copal_config::limits::Limits;
use copal_config::network::Network;
use copal_config::secret::Secret;
use copal_config::web_app::WebApp;
use copal_protocol::hello::Parties;
use copal_route::table::Table;
use copal_serve::drain::Drain;
use copal_session::ring::acceptance::Reception;
use copal_session::sessions::Sessions;
use copal_tls::cluster_tls::ClusterTls;

use crate::entrance::Entrance;
use crate::late_saves::LateSaves;
use crate::mount::Mount;
use crate::own_state::OwnState;

/// A web-app's place in the file; no two have the same.
pub(crate) type Line = usize;

/// Everything that a worker knows to answer requests with.
pub(crate) struct Site {
    pub(crate) table: Table,
    pub(crate) sessions: Sessions,
    pub(crate) late: LateSaves,
    pub(crate) entrances: Vec<Entrance>,
    /// Bytes of a request body.
    pub(crate) max_body: Option<u64>,
    pub(crate) trusted_proxies: Vec<Network>,
    pub(crate) secret: Option<Secret>,
    pub(crate) state: OwnState,
    /// Where other servers are let in that speak about sessions.
    pub(crate) reception: Option<Reception>,
    /// The certificates of the cluster port.
    pub(crate) tls: Option<ClusterTls>,
    pub(crate) drain: Drain,
    cluster: String,
    server: String,
    mounts: HashMap<Line, Rc<Mount>>,
}

/// The same before a worker has taken its own copy.
pub(crate) struct Plan {
    pub(crate) cluster: Cluster,
    pub(crate) server: String,
    pub(crate) limits: Limits,
    pub(crate) secret: Option<Secret>,
    pub(crate) sessions: Sessions,
    pub(crate) late: LateSaves,
    pub(crate) state: OwnState,
    pub(crate) reception: Option<Reception>,
    pub(crate) tls: Option<ClusterTls>,
    pub(crate) entrances: Vec<Entrance>,
    pub(crate) mounts: Vec<(Line, Mount)>,
}

impl Clone for Plan {
    fn clone(&self) -> Self {
        let mounts = self.mounts.iter();
        Self {
            cluster: self.cluster.clone(),
            server: self.server.clone(),
            limits: self.limits.clone(),
            secret: self.secret.clone(),
            sessions: self.sessions.clone(),
            late: self.late.clone(),
            state: self.state.clone(),
            reception: self.reception.clone(),
            tls: self.tls.clone(),
            entrances: self.entrances.clone(),
            mounts: mounts.map(|(line, mount)| (*line, mount.another())).collect(),
        }
    }
}

impl Site {
    /// What one worker knows. Patterns, and applications too, keep scratch space that workers
    /// would wait for if they shared it. Web-apps that are as they were `before` stay the same
    /// objects.
    pub(crate) fn new(plan: Plan, drain: Drain, before: Option<&Self>) -> Self {
        let limits = &plan.limits;
        let known = before.iter().flat_map(|site| site.mounts.values());
        let known: HashMap<u64, &Rc<Mount>> = known.map(|mount| (mount.number, mount)).collect();
        let mounts = plan.mounts.into_iter().map(|(line, mount)| {
            let same = known.get(&mount.number).copied().map(Rc::clone);
            (line, same.unwrap_or_else(|| Rc::new(mount)))
        });
        Self {
            table: Table::new(&plan.cluster, limits),
            sessions: plan.sessions,
            late: plan.late,
            entrances: plan.entrances,
            max_body: limits.max_body,
            trusted_proxies: plan.limits.trusted_proxies,
            secret: plan.secret,
            state: plan.state,
            reception: plan.reception,
            tls: plan.tls,
            drain,
            mounts: mounts.collect(),
            cluster: plan.cluster.name,
            server: plan.server,
        }
    }

    /// This server, as a hello names it.
    pub(crate) fn parties(&self) -> Parties<'_> {
        Parties { cluster: &self.cluster, server: &self.server }
    }

    /// How this web-app is served.
    pub(crate) fn mount(&self, web_app: &WebApp) -> Option<&Mount> {
        self.mounts.get(&web_app.line).map(Rc::as_ref)
    }
}
