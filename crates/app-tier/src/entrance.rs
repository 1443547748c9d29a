//! A listener as its connections see it: who may come, and how long we wait for them.

use std::net::SocketAddr;
use std::time::Duration;

use copal_config::limits::Limits;
use copal_config::server::{HttpListener, Server};
use copal_http1::limits::HeadLimits;

use crate::limits::{ADDED_BYTES, ADDED_FIELDS, ADDED_TIMES, HEARING_TIME};

/// For whom a listener is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    /// For clients.
    Public,
    /// For web-tier servers; the cluster port.
    Cluster,
}

/// How long we wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Waits {
    /// For the next request of an idle connection.
    pub(crate) idle: Duration,
    /// For a whole head, from its first byte.
    pub(crate) head: Duration,
    /// For the next bytes of a body.
    pub(crate) body: Duration,
    /// How fast a body must come, in bytes per second of waiting for it over `body`; `None` has no
    /// bound.
    pub(crate) body_rate: Option<u64>,
    /// For the client to take the next bytes of an answer.
    pub(crate) send: Duration,
    /// For anything to move in a tunnel.
    pub(crate) tunnel: Duration,
}

/// A listener as its connections see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entrance {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// For whom it is.
    pub(crate) audience: Audience,
    /// What a head may be.
    pub(crate) head_limits: HeadLimits,
    /// How long we wait.
    pub(crate) waits: Waits,
    /// How long it is open once the server stops.
    pub(crate) lingers: Duration,
    /// Whether it is open until the other servers have the sessions of this one.
    pub(crate) stays: bool,
}

impl Entrance {
    /// The cluster port of `server`, which other servers of its `ring` need for as long as it has sessions.
    #[must_use]
    pub(crate) fn cluster(
        address: SocketAddr,
        server: &Server,
        limits: &Limits,
        ring: bool,
    ) -> Self {
        Self {
            address,
            audience: Audience::Cluster,
            // The web tier has judged the head by the same limits, and then added to it.
            head_limits: HeadLimits {
                max_head: limits.max_head * ADDED_TIMES + ADDED_BYTES,
                max_fields: limits.max_fields + ADDED_FIELDS,
                max_uri: limits.max_uri,
            },
            waits: Waits {
                idle: server.keepalive_timeout,
                head: limits.header_timeout,
                body: server.socket_timeout,
                // A web tier passes on what its clients send as it comes, and judges them itself.
                body_rate: None,
                send: server.socket_timeout,
                tunnel: limits.tunnel_idle_timeout,
            },
            lingers: hearing_time(server),
            stays: ring,
        }
    }

    /// A public listener.
    #[must_use]
    pub(crate) fn public(address: SocketAddr, listener: &HttpListener, limits: &Limits) -> Self {
        Self {
            address,
            audience: Audience::Public,
            head_limits: HeadLimits {
                max_head: limits.max_head,
                max_fields: limits.max_fields,
                max_uri: limits.max_uri,
            },
            waits: Waits {
                idle: listener.keepalive_timeout,
                head: limits.header_timeout,
                body: limits.body_timeout,
                body_rate: limits.min_body_rate,
                send: limits.send_timeout,
                tunnel: limits.tunnel_idle_timeout,
            },
            lingers: Duration::ZERO,
            stays: false,
        }
    }
}

/// How long it takes until the next health check of every web server was told that `server` leaves.
/// Where nobody asks, nobody can be told.
fn hearing_time(server: &Server) -> Duration {
    let check = server.load_balance.health_check.as_ref();
    check.map_or(Duration::ZERO, |check| check.interval + check.timeout).min(HEARING_TIME)
}
