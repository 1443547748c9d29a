//! A server as all web-tier servers together see it.

use copal_protocol::state::State;
use copal_protocol::status::BalancedServer;

use crate::told::Told;

/// A server as all web-tier servers together see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Its cluster.
    pub cluster: String,
    /// Its id.
    pub id: String,
    /// Used for new sessions only when no other server can be.
    pub is_backup: bool,
    /// Who sees it in which state, and why, when that is known.
    pub views: Vec<View>,
    /// Its share of new sessions; more than one value when web servers disagree.
    pub weights: Vec<u32>,
    /// Requests that it is answering.
    pub in_flight: u64,
    /// Requests that wait for a place on it.
    pub queued: u64,
    /// Requests per second over the last ten seconds.
    pub requests_per_second: f64,
    /// Requests that were sent to it.
    pub requests: u64,
    /// Tries that it failed.
    pub failures: u64,
    /// The largest of the web servers' medians.
    pub p50_microseconds: u64,
    /// The largest of the web servers' 99th percentiles.
    pub p99_microseconds: u64,
}

/// How one web server sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// The id of the web server.
    pub by: String,
    /// What it sees.
    pub state: State,
    /// Why, when that is known.
    pub why: Option<String>,
}

impl Seen {
    /// The state that all of them see; `None` when they disagree.
    #[must_use]
    pub fn state(&self) -> Option<State> {
        let mut states = self.views.iter().map(|view| view.state);
        let first = states.next()?;
        states.all(|state| state == first).then_some(first)
    }

    fn nothing(server: &BalancedServer) -> Self {
        Self {
            cluster: server.cluster.clone(),
            id: server.id.clone(),
            is_backup: false,
            views: Vec::new(),
            weights: Vec::new(),
            in_flight: 0,
            queued: 0,
            requests_per_second: 0.0,
            requests: 0,
            failures: 0,
            p50_microseconds: 0,
            p99_microseconds: 0,
        }
    }

    fn add(&mut self, by: &str, server: &BalancedServer) {
        let view = View { by: by.to_owned(), state: server.state, why: server.why.clone() };
        self.views.push(view);
        self.is_backup |= server.backup;
        if !self.weights.contains(&server.weight) {
            self.weights.push(server.weight);
        }
        self.in_flight = self.in_flight.saturating_add(server.in_flight);
        self.queued = self.queued.saturating_add(server.queued);
        self.requests_per_second += server.requests_per_second;
        self.requests = self.requests.saturating_add(server.requests);
        self.failures = self.failures.saturating_add(server.failures);
        // The percentiles of a whole do not follow from those of its parts; they are never above
        // the largest of them.
        self.p50_microseconds = self.p50_microseconds.max(server.p50_microseconds);
        self.p99_microseconds = self.p99_microseconds.max(server.p99_microseconds);
    }
}

/// Every server that a web server sees, in the order in which they are first named.
#[must_use]
pub fn combine(told: &[Told]) -> Vec<Seen> {
    let mut all: Vec<Seen> = Vec::new();
    for status in told.iter().filter_map(Told::status) {
        for server in &status.servers {
            let same = |seen: &&mut Seen| seen.cluster == server.cluster && seen.id == server.id;
            match all.iter_mut().find(same) {
                Some(seen) => seen.add(&status.server, server),
                None => {
                    let mut seen = Seen::nothing(server);
                    seen.add(&status.server, server);
                    all.push(seen);
                }
            }
        }
    }
    all
}
