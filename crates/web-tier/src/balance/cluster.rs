//! A cluster as the web tier sees it: its servers, and whose turn it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use copal_config::cluster::{Protocol, Strategy};
use copal_protocol::letters::Letters;
use copal_protocol::server_index::ServerIndex;
use copal_protocol::state::State;
use copal_tls::cluster_tls::ClusterTls;

use crate::balance::choice::{Choice, Look};
use crate::balance::positions::Positions;
use crate::balance::rank::Rank;
use crate::balance::server::Server;

/// A cluster as the web tier sees it, by one reading of the configuration.
#[derive(Debug)]
pub(crate) struct Cluster {
    pub(crate) name: String,
    pub(crate) protocol: Protocol,
    /// The certificates that its servers and we show to each other.
    pub(crate) tls: Option<ClusterTls>,
    pub(crate) servers: Vec<Server>,
    pub(crate) session_cookie: String,
    pub(crate) ssl_session_cookie: String,
    pub(crate) sticky_sessions: bool,
    strategy: Strategy,
    /// Position in `servers` by server index.
    by_index: [Option<u8>; ServerIndex::COUNT],
    pub(crate) course: Arc<Course>,
}

/// What goes on through all readings of the configuration.
#[derive(Debug)]
pub(crate) struct Course {
    /// Moves by one with each request that no session binds, and with nothing else: bound
    /// requests that moved it in step would send all new sessions to one server.
    turn: AtomicUsize,
    /// Requests whose session id named no server of this cluster.
    sticky_unknown: AtomicU64,
}

impl Course {
    /// `first_turn` is random, so that several web servers do not begin with the same server.
    pub(crate) fn new(first_turn: usize) -> Self {
        Self { turn: AtomicUsize::new(first_turn), sticky_unknown: AtomicU64::new(0) }
    }

    pub(crate) fn sticky_unknown(&self) -> u64 {
        self.sticky_unknown.load(Ordering::Relaxed)
    }
}

impl Cluster {
    pub(crate) fn new(
        cluster: &copal_config::cluster::Cluster,
        servers: Vec<Server>,
        tls: Option<ClusterTls>,
        course: Arc<Course>,
    ) -> Self {
        let mut by_index = [None; ServerIndex::COUNT];
        for (position, server) in servers.iter().enumerate() {
            if let Some(entry) = by_index.get_mut(server.index.get()) {
                *entry = u8::try_from(position).ok();
            }
        }
        Self {
            name: cluster.name.clone(),
            protocol: cluster.protocol,
            tls,
            servers,
            session_cookie: cluster.session_cookie.clone(),
            ssl_session_cookie: cluster.ssl_session_cookie.clone(),
            sticky_sessions: cluster.sticky_sessions,
            strategy: cluster.strategy,
            by_index,
            course,
        }
    }

    /// Whom to try for a request whose session id begins with `letters`.
    pub(crate) fn choice(&self, letters: Option<Letters>) -> Choice {
        let bound =
            letters.map_or([None; 3], |letters| letters.in_order().map(|i| self.position(i)));
        if letters.is_some() && bound.iter().all(Option::is_none) {
            self.sticky_unknown("its letters name no server");
        }
        let turn = if bound.iter().any(Option::is_some) {
            self.course.turn.load(Ordering::Relaxed)
        } else {
            self.course.turn.fetch_add(1, Ordering::Relaxed)
        };
        let all: Positions = (0..self.servers.len()).collect();
        Choice::new(bound, turn, all, self.strategy)
    }

    /// Counts a request that shows an id by which no server can be found. Many of them mean that
    /// a server's index was changed, or that another product uses the same cookie.
    pub(crate) fn sticky_unknown(&self, why: &str) {
        let count = self.course.sticky_unknown.fetch_add(1, Ordering::Relaxed) + 1;
        tracing::debug!(cluster = self.name, why, count, "sticky_unknown");
    }

    /// Whether no server can be used as it is.
    pub(crate) fn is_lost(&self) -> bool {
        self.servers.iter().all(|server| server.state() == State::Down)
    }

    /// Where the server with this index stands in `servers`. An index never wraps around.
    fn position(&self, index: ServerIndex) -> Option<usize> {
        self.by_index.get(index.get()).copied().flatten().map(usize::from)
    }
}

impl Look for Cluster {
    fn takes_bound(&self, position: usize) -> bool {
        self.servers.get(position).is_some_and(Server::takes_bound)
    }

    fn rank(&self, position: usize) -> Rank {
        self.servers.get(position).map_or(Rank::Down, Server::rank)
    }

    fn is_well(&self, position: usize) -> bool {
        self.servers.get(position).is_some_and(Server::is_well)
    }

    fn weight(&self, position: usize) -> u32 {
        self.servers.get(position).map_or(0, Server::share)
    }

    fn load(&self, position: usize) -> u32 {
        self.servers.get(position).map_or(0, |server| server.record.in_flight())
    }
}
