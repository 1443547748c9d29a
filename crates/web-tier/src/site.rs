//! Everything that follows from one reading of the configuration.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use copal_config::cluster_index::ClusterIndex;
use copal_config::config::Config;
use copal_config::limits::Limits;
use copal_config::network::Address;
use copal_config::secret::Secret;
use copal_http1::limits::HeadLimits;
use copal_http1::response_head::ResponseLimits;
use copal_route::table::Table;
use copal_tls::cluster_tls::ClusterTls;
use copal_tls::tls_error::TlsError;

use crate::balance::cluster::Cluster;
use crate::balance::condition::Condition;
use crate::balance::record::Record;
use crate::balance::server::Server;
use crate::error::StartError;
use crate::household::Household;
use crate::roots::Roots;

/// Everything that follows from one reading of the configuration. Shared by all threads, and
/// never changed: the next reading makes another one.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) config: Config,
    pub(crate) limits: Limits,
    pub(crate) head_limits: HeadLimits,
    pub(crate) response_limits: ResponseLimits,
    pub(crate) table: Table,
    pub(crate) roots: Roots,
    pub(crate) secret: Option<Secret>,
    /// How long each listener keeps an idle connection, by its door.
    pub(crate) keepalive_timeouts: Vec<Duration>,
    /// Those that a rule of this server may send requests to, and those that it may not.
    pub(crate) clusters: Vec<Cluster>,
    pub(crate) household: Arc<Household>,
}

impl Site {
    /// What follows from `config` for the server `own`, of the cluster `listening`. What is known
    /// of servers is taken over from the site `before`.
    pub(crate) fn new(
        config: &Config,
        listening: &copal_config::cluster::Cluster,
        own: &copal_config::server::Server,
        household: &Arc<Household>,
        before: Option<&Self>,
    ) -> Result<Self, StartError> {
        let limits = config.limits.clone();
        let records = Records::of(before);
        let cluster = |cluster| records.cluster(cluster, household);
        Ok(Self {
            head_limits: HeadLimits {
                max_head: limits.max_head,
                max_fields: limits.max_fields,
                max_uri: limits.max_uri,
            },
            response_limits: ResponseLimits {
                max_head: limits.response_head,
                lenient: limits.lenient_responses,
            },
            table: Table::new(listening, &limits),
            roots: Roots::open(listening)?,
            secret: config.secret.clone(),
            keepalive_timeouts: own.http.iter().map(|http| http.keepalive_timeout).collect(),
            limits,
            clusters: config.clusters.iter().map(cluster).collect::<Result<_, _>>()?,
            household: Arc::clone(household),
            config: config.clone(),
        })
    }

    /// The cluster that a rule names.
    pub(crate) fn cluster(&self, index: ClusterIndex) -> Option<&Cluster> {
        self.clusters.get(index.0)
    }

    /// Whether what a server at `address` says of its own requests is believed: it proved that it
    /// knows the secret, or nobody has one and it is on this host.
    pub(crate) fn believes(&self, address: SocketAddr) -> bool {
        self.secret.is_some() || address.ip().to_canonical().is_loopback()
    }
}

/// What is known of servers from an earlier reading.
struct Records<'s> {
    known: HashMap<(&'s str, &'s str), Known<'s>>,
    is_first: bool,
}

/// A server of an earlier reading.
struct Known<'s> {
    cluster: &'s Cluster,
    server: &'s Server,
}

impl Known<'_> {
    /// Whether it is reached where it was, in the same way.
    fn is(&self, cluster: &copal_config::cluster::Cluster, address: &Address, port: u16) -> bool {
        self.cluster.protocol == cluster.protocol
            && self.cluster.tls.is_some() == cluster.tls.is_some()
            && self.server.address == *address
            && self.server.port == port
    }
}

impl<'s> Records<'s> {
    fn of(before: Option<&'s Site>) -> Self {
        let clusters = before.into_iter().flat_map(|site| &site.clusters);
        let known = clusters.flat_map(|cluster| {
            cluster.servers.iter().map(move |server| {
                ((cluster.name.as_str(), server.id.as_str()), Known { cluster, server })
            })
        });
        Self { known: known.collect(), is_first: before.is_none() }
    }

    /// What is known of a server; something new when it is reached elsewhere than before, or in
    /// another way.
    fn record(
        &self,
        cluster: &copal_config::cluster::Cluster,
        server: &copal_config::server::Server,
        port: u16,
        household: &Household,
    ) -> Arc<Record> {
        let known = self.known.get(&(cluster.name.as_str(), server.id.as_str()));
        if let Some(same) = known.filter(|known| known.is(cluster, &server.address, port)) {
            return Arc::clone(&same.server.record);
        }
        if self.is_first {
            return household.record(Condition::default());
        }
        // It has just come, and its caches are as cold as those of one that came back.
        let record = household.record(Condition::fresh(household.age()));
        if let Some(moved) = known.filter(|known| known.cluster.protocol == cluster.protocol) {
            // What an operator wants holds wherever it is reached.
            record.wish(moved.server.record.wished());
        }
        record
    }

    fn cluster(
        &self,
        cluster: &copal_config::cluster::Cluster,
        household: &Arc<Household>,
    ) -> Result<Cluster, TlsError> {
        let servers = cluster.servers.iter().filter_map(|server| {
            let port = server.port?;
            let record = self.record(cluster, server, port, household);
            Some(Server::new(server, port, record, household.epoch, &household.bell))
        });
        let servers = servers.collect();
        // Nobody connects to us with them, so nobody is let in.
        let tls = cluster.tls.as_ref();
        let tls =
            tls.map(|tls| ClusterTls::open(tls, &household.server, Vec::new())).transpose()?;
        Ok(Cluster::new(cluster, servers, tls, household.course(&cluster.name)))
    }
}
