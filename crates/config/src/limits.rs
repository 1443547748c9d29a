//! Times and sizes that bound every connection and request.

use std::time::Duration;

use crate::network::Network;

/// Times and sizes that bound every connection and request; section `[limits]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Client connections of one process.
    pub max_connections: usize,
    /// From the first byte of a request head to its last.
    pub header_timeout: Duration,
    /// Between two reads of a request body.
    pub body_timeout: Duration,
    /// How fast a request body must come, in bytes per second over `body-timeout`; `None` has no
    /// bound.
    pub min_body_rate: Option<u64>,
    /// For a client to take the next bytes of a response.
    pub send_timeout: Duration,
    /// Silence in both directions of an upgraded connection.
    pub tunnel_idle_timeout: Duration,
    /// How long a stopping server waits for what runs.
    pub drain_time: Duration,
    /// Bytes of a request head.
    pub max_head: usize,
    /// Fields of a request head.
    pub max_fields: usize,
    /// Bytes of a request target.
    pub max_uri: usize,
    /// Bytes of a request body; `None` has no bound.
    pub max_body: Option<u64>,
    /// Bytes of a response head from a server.
    pub response_head: usize,
    /// Clients whose `X-Forwarded-*` and `Forwarded` are believed.
    pub trusted_proxies: Vec<Network>,
    /// Whether `%2f`, `%5c` and `\` may stand in a path.
    pub allow_encoded_slash: bool,
    /// Whether `//` in a path becomes `/`.
    pub merge_slashes: bool,
    /// Whether a response with an unknown transfer coding is passed on.
    pub lenient_responses: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_connections: 10_000,
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(30),
            min_body_rate: Some(256),
            send_timeout: Duration::from_secs(60),
            tunnel_idle_timeout: Duration::from_secs(3600),
            drain_time: Duration::from_secs(30),
            max_head: 32 << 10,
            max_fields: 100,
            max_uri: 8 << 10,
            max_body: None,
            response_head: 64 << 10,
            trusted_proxies: Vec::new(),
            allow_encoded_slash: false,
            merge_slashes: true,
            lenient_responses: false,
        }
    }
}
