//! A server with its defaults.

use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use copal_protocol::server_index::ServerIndex;

use crate::cluster::{Protocol, Tier};
use crate::finding::Finding;
use crate::finding_rule::FindingRule;
use crate::meant::index::index;
use crate::meant::scope::Scope;
use crate::network::Address;
use crate::server::{HealthCheck, HttpListener, LoadBalance, Server};
use crate::written::cluster::WrittenCluster;
use crate::written::duration;
use crate::written::server::{WrittenListener, WrittenServer};

const ADDRESS: Address = Address::Ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
const LISTENER_ADDRESS: Address = Address::Ip(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
const PORT: u16 = 6800;
const KEEPALIVE: Duration = Duration::from_secs(15);
const LISTENER_KEEPALIVE: Duration = Duration::from_secs(60);
const SOCKET_TIMEOUT: Duration = Duration::from_secs(65);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const IDLE_TIME: Duration = Duration::from_secs(5);
const RECOVER_TIME: Duration = Duration::from_secs(15);
const WARMUP_TIME: Duration = Duration::from_secs(60);
const QUEUE_TIMEOUT: Duration = Duration::from_secs(5);
const WEIGHT: u32 = 100;

/// The servers of a cluster, each with its defaults.
pub(crate) fn servers(cluster: &WrittenCluster, scope: &Scope<'_>) -> Vec<Server> {
    let fallback = ServerIndex::new(0);
    let servers = cluster.servers.iter().enumerate().filter_map(|(position, written)| {
        let index = index(written, position).or(fallback)?;
        Some(server(written, index, cluster))
    });
    let servers: Vec<Server> = servers.collect();
    if cluster.protocol() == Protocol::Copal && cluster.tier() == Tier::App {
        for (written, server) in cluster.servers.iter().zip(&servers) {
            check_idle_time(written, server, scope);
        }
    }
    servers
}

/// The address of a server: of its cluster port, and where it runs.
pub(crate) fn address(written: &WrittenServer) -> Address {
    written.address.or(ADDRESS)
}

/// The cluster port of a server, or the port of a foreign one; `None` when it has none, and for
/// one that was reported.
pub(crate) fn port(written: &WrittenServer, cluster: &WrittenCluster) -> Option<u16> {
    match (cluster.protocol(), cluster.tier()) {
        (Protocol::Http, _) => written.port.given().copied(),
        (Protocol::Copal, Tier::Web) => None,
        (Protocol::Copal, Tier::App) if written.port.is_absent() => Some(PORT),
        (Protocol::Copal, Tier::App) => written.port.given().copied(),
    }
}

/// The address of a public listener.
pub(crate) fn listener_address(written: &WrittenListener) -> Address {
    written.address.or(LISTENER_ADDRESS)
}

fn server(written: &WrittenServer, index: ServerIndex, cluster: &WrittenCluster) -> Server {
    Server {
        id: written.id.or(String::new()),
        index,
        address: address(written),
        port: port(written, cluster),
        http: written.http.given().into_iter().flatten().filter_map(listener).collect(),
        admin: None,
        keepalive_timeout: written.keepalive_timeout.or(KEEPALIVE),
        socket_timeout: written.socket_timeout.or(SOCKET_TIMEOUT),
        load_balance: LoadBalance {
            connect_timeout: written.connect_timeout.or(CONNECT_TIMEOUT),
            socket_timeout: written.balance_socket_timeout.or(SOCKET_TIMEOUT),
            idle_time: written.idle_time.or(IDLE_TIME),
            recover_time: written.recover_time.or(RECOVER_TIME),
            busy_recover_time: RECOVER_TIME,
            warmup_time: WARMUP_TIME,
            max_requests: None,
            queue_timeout: QUEUE_TIMEOUT,
            weight: WEIGHT,
            backup: false,
            health_check: (cluster.protocol() == Protocol::Copal).then(health_check),
        },
    }
}

/// How a server of ours is asked whether it is well.
fn health_check() -> HealthCheck {
    HealthCheck {
        path: copal_protocol::marks::READY_PATH.to_owned(),
        interval: Duration::from_millis(500),
        timeout: Duration::from_millis(500),
        fall: NonZeroU32::MIN.saturating_add(1),
        rise: NonZeroU32::MIN.saturating_add(1),
    }
}

fn listener(written: &WrittenListener) -> Option<HttpListener> {
    Some(HttpListener {
        address: listener_address(written),
        port: *written.port.given()?,
        keepalive_timeout: written.keepalive_timeout.or(LISTENER_KEEPALIVE),
    })
}

/// The web tier must let go of an idle connection first: else it would send a request on one that
/// the server is just closing.
fn check_idle_time(written: &WrittenServer, server: &Server, scope: &Scope<'_>) {
    let (idle, keepalive) = (server.load_balance.idle_time, server.keepalive_timeout);
    let written_at = written.idle_time.place().or(written.keepalive_timeout.place());
    // Both defaults are fine together, so one of them is written.
    let Some(place) = written_at.filter(|_| idle >= keepalive) else {
        return;
    };
    let message = format!(
        "`load-balance-idle-time` of {} is \"{}\"; it must be below its \
         `keepalive-timeout`, which is \"{}\"",
        scope.server(written),
        duration::written(idle),
        duration::written(keepalive)
    );
    scope.findings.add(
        Finding::error(FindingRule::IdleTime, place, message)
            .hint("the web tier has to let go of an idle connection before the server closes it"),
    );
}
