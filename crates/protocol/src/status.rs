//! What a server tells about itself: the JSON of `copal status` and of `GET /status`.

use serde::{Deserialize, Serialize};

use crate::state::State;

/// What a server tells about itself. Fields that a reader does not know are passed over, and the
/// ones that it misses have their defaults, so that an older `copal` can ask a newer server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// Its id.
    pub server: String,
    /// Its cluster.
    pub cluster: String,
    /// `web` or `app`.
    pub tier: String,
    /// The version of its binary.
    pub version: String,
    /// Its process.
    pub pid: u32,
    /// How long it has been running, in seconds.
    pub uptime_seconds: u64,
    /// What it does at the moment.
    pub state: State,
    /// Client connections that are open, of public listeners.
    #[serde(default)]
    pub connections: u64,
    /// Requests that are being answered.
    #[serde(default)]
    pub in_flight: u64,
    /// Requests since it started.
    #[serde(default)]
    pub requests: u64,
    /// Requests per second over the last ten seconds.
    #[serde(default)]
    pub requests_per_second: f64,
    /// Live sessions in its memory; app tier only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sessions: Option<u64>,
    /// Copies that it holds of sessions of other servers; only where servers hold copies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copies: Option<u64>,
    /// Sessions of which fewer servers hold a copy than should: those that it acts for, and those of
    /// which it holds a copy and for which nobody acts; only where servers hold copies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short_of_copies: Option<u64>,
    /// Copies of the sessions that it acts for, on servers that are there, beyond what there should be: they
    /// are dropped; only where servers hold copies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub surplus_copies: Option<u64>,
    /// Times that the configuration was read again and taken.
    #[serde(default)]
    pub reloads: u64,
    /// Why the last reading of the configuration was refused; none when it was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reload_error: Option<String>,
    /// What of the file waits for a restart, a line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs_restart: Vec<String>,
    /// The servers that it balances to, as it sees them; web tier only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub servers: Vec<BalancedServer>,
}

/// A server as a web-tier server sees it. Figures are those of this web-tier server alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BalancedServer {
    /// Its cluster.
    pub cluster: String,
    /// Its id.
    pub id: String,
    /// `copal` or `http`: whose server it is.
    pub protocol: String,
    /// Where it is reached, `address:port`.
    pub address: String,
    /// What it does at the moment.
    pub state: State,
    /// Why it is not ready, when that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Its share of new sessions, as configured.
    pub weight: u32,
    /// Used for new sessions only when no other server can be.
    #[serde(default)]
    pub backup: bool,
    /// Requests that it is answering.
    pub in_flight: u64,
    /// Requests that wait for a place on it.
    pub queued: u64,
    /// Requests that were sent to it.
    pub requests: u64,
    /// The same per second over the last ten seconds.
    pub requests_per_second: f64,
    /// Tries that it failed.
    pub failures: u64,
    /// Half of its recent answers began within so many microseconds.
    pub p50_microseconds: u64,
    /// 99 of 100 recent answers began within so many microseconds.
    pub p99_microseconds: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_reader_and_a_newer_server_understand_each_other() {
        let newer = r#"{"server":"a","cluster":"web-tier","tier":"web","version":"9","pid":1,
            "uptime_seconds":2,"state":"drain","of_the_future":[1,2]}"#;
        let status: Status = serde_json::from_str(newer).unwrap();
        assert_eq!((status.state, status.requests, status.sessions), (State::Drain, 0, None));
        let again: Status = serde_json::from_str(&serde_json::to_string(&status).unwrap()).unwrap();
        assert_eq!(again, status);
    }
}
