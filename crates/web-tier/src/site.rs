//! What every worker thread of a web-tier server shares: everything that follows from the file.

use std::time::{Duration, Instant};

use copal_config::cluster_index::ClusterIndex;
use copal_config::config::Config;
use copal_config::limits::Limits;
use copal_config::secret::Secret;
use copal_http1::limits::HeadLimits;
use copal_http1::response_head::ResponseLimits;
use copal_route::table::Table;
use copal_serve::drain::Drain;

use crate::balance::cluster::Cluster;
use crate::error::StartError;
use crate::forward::pool::PoolIndex;
use crate::roots::Roots;

/// What every worker thread of a web-tier server shares. Nothing in it is locked.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) limits: Limits,
    pub(crate) head_limits: HeadLimits,
    pub(crate) response_limits: ResponseLimits,
    pub(crate) table: Table,
    pub(crate) roots: Roots,
    pub(crate) secret: Option<Secret>,
    /// How long each listener keeps an idle connection, by its door.
    pub(crate) keepalive_timeouts: Vec<Duration>,
    /// Random for each process, so that the request ids of two processes differ.
    pub(crate) process_mark: u64,
    pub(crate) drain: Drain,
    /// By their place in the file.
    clusters: Vec<Cluster>,
    /// Where the servers of each cluster begin in the pools.
    pool_offsets: Vec<usize>,
}

impl Site {
    /// What follows from `config` for the server `own`, of the cluster `listening`.
    pub(crate) fn new(
        config: &Config,
        listening: &copal_config::cluster::Cluster,
        own: &copal_config::server::Server,
        beginnings: Beginnings,
    ) -> Result<Self, StartError> {
        let limits = config.limits.clone();
        let clusters: Vec<Cluster> = (config.clusters.iter())
            .map(|cluster| Cluster::new(cluster, beginnings.first_turn, beginnings.epoch))
            .collect();
        let pool_offsets = (clusters.iter())
            .scan(0, |next, cluster| {
                let offset = *next;
                *next += cluster.servers.len();
                Some(offset)
            })
            .collect();
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
            process_mark: beginnings.process_mark,
            drain: beginnings.drain,
            limits,
            clusters,
            pool_offsets,
        })
    }

    /// The cluster that a rule names.
    pub(crate) fn cluster(&self, index: ClusterIndex) -> Option<&Cluster> {
        self.clusters.get(index.0)
    }

    /// Where the connections to a server are kept.
    pub(crate) fn pool_index(&self, cluster: ClusterIndex, position: usize) -> PoolIndex {
        let offset = self.pool_offsets.get(cluster.0).copied().unwrap_or(usize::MAX);
        PoolIndex(offset.saturating_add(position))
    }

    /// The idle times of all servers, in the order of their [`PoolIndex`].
    pub(crate) fn idle_times(&self) -> impl Iterator<Item = Duration> {
        let servers = self.clusters.iter().flat_map(|cluster| &cluster.servers);
        servers.map(|server| server.settings.idle_time)
    }
}

/// What a [`Site`] needs that is not in the file.
#[derive(Debug)]
pub(crate) struct Beginnings {
    /// When the process began.
    pub(crate) epoch: Instant,
    /// Random.
    pub(crate) first_turn: usize,
    /// Random.
    pub(crate) process_mark: u64,
    /// Tells the process to stop.
    pub(crate) drain: Drain,
}
