//! What of a server stays as it is until it is started again, and what a file makes of the rest.

use std::net::SocketAddr;

use copal_config::cluster::Cluster;
use copal_config::config::Config;
use copal_config::limits::Limits;
use copal_config::server::Server as Settings;
use copal_serve::listener;
use copal_session::ring::acceptance::Reception;
use copal_session::sessions::Sessions;
use copal_tls::cluster_tls::ClusterTls;

use crate::demo::members::Members;
use crate::entrance::Entrance;
use crate::late_saves::LateSaves;
use crate::mounting::Mounting;
use crate::own_settings;
use crate::own_state::OwnState;
use crate::site::Plan;
use crate::start_error::StartError;

/// What of a server stays as it is until it is started again: who it is, where it listens, its
/// sessions, its applications.
pub(crate) struct Fixtures {
    id: String,
    /// The cluster port first, then the public listeners in the order of the file.
    addresses: Vec<SocketAddr>,
    sessions: Sessions,
    late: LateSaves,
    state: OwnState,
    links: Links,
    mounting: Mounting,
}

/// How other servers of ours come in.
#[derive(Debug, Clone)]
pub(crate) struct Links {
    /// Where those are let in that speak about sessions.
    pub(crate) reception: Option<Reception>,
    /// The certificates that both sides show.
    pub(crate) tls: Option<ClusterTls>,
}

impl Fixtures {
    /// Of the server with these settings.
    pub(crate) fn new(
        settings: &Settings,
        late: LateSaves,
        state: OwnState,
        links: Links,
        mounting: Mounting,
    ) -> Result<Self, StartError> {
        let port = settings.port.map(|port| (&settings.address, port));
        let public = settings.http.iter().map(|public| (&public.address, public.port));
        let addresses = port.into_iter().chain(public);
        let addresses = addresses.map(|(address, port)| listener::resolve(address, port));
        let addresses = addresses.collect::<Result<_, _>>()?;
        let id = settings.id.clone();
        let sessions = late.sessions().clone();
        Ok(Self { id, addresses, sessions, late, state, links, mounting })
    }

    /// The id of the server.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// What this server does when `config` is in force, which has the same listeners as the one
    /// that it was started with. When it cannot be put in force, nothing has changed.
    pub(crate) fn plan(&mut self, config: &Config) -> Result<Plan, StartError> {
        let (cluster, settings) = own_settings::find(config, &self.id)?;
        let mut cluster = cluster.clone();
        self.mounting.complete(&mut cluster);
        self.mounting.check(&cluster)?;
        let members = Members::of(&cluster, settings);
        let mounts = self.mounting.mounts(&cluster, &members)?;
        Ok(Plan {
            cluster,
            server: self.id.clone(),
            limits: config.limits.clone(),
            secret: config.secret.clone(),
            sessions: self.sessions.clone(),
            late: self.late.clone(),
            state: self.state.clone(),
            reception: self.links.reception.clone(),
            tls: self.links.tls.clone(),
            entrances: self.entrances(settings, &config.limits),
            mounts,
        })
    }

    /// Says in `config` how the sessions of web-apps are kept that were here before.
    pub(crate) fn keep_sessions(&self, config: &mut Config) {
        let holds_us = |cluster: &&mut Cluster| cluster.servers.iter().any(|own| own.id == self.id);
        if let Some(cluster) = config.clusters.iter_mut().find(holds_us) {
            self.mounting.keep_sessions(cluster);
        }
    }

    fn entrances(&self, settings: &Settings, limits: &Limits) -> Vec<Entrance> {
        let mut addresses = self.addresses.iter().copied();
        let cluster = settings.port.and_then(|_| addresses.next());
        let ring = self.links.reception.is_some();
        let cluster = cluster.map(|address| Entrance::cluster(address, settings, limits, ring));
        let public = settings.http.iter().zip(addresses);
        let public = public.map(|(public, address)| Entrance::public(address, public, limits));
        cluster.into_iter().chain(public).collect()
    }
}
