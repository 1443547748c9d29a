//! A server with its defaults.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use copal_protocol::server_index::ServerIndex;

use crate::cluster::{Protocol, Tier};
use crate::finding::Finding;
use crate::finding_rule::FindingRule;
use crate::meant::admin::admin;
use crate::meant::index::index;
use crate::meant::load_balance::load_balance;
use crate::meant::scope::Scope;
use crate::network::Address;
use crate::server::{HttpListener, Server};
use crate::written::cluster::WrittenCluster;
use crate::written::duration;
use crate::written::server::{WrittenListener, WrittenServer};

const ADDRESS: Address = Address::Ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
const LISTENER_ADDRESS: Address = Address::Ip(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
const PORT: u16 = 6800;
const KEEPALIVE: Duration = Duration::from_secs(15);
const LISTENER_KEEPALIVE: Duration = Duration::from_secs(60);
const SOCKET_TIMEOUT: Duration = Duration::from_secs(65);

/// The servers of a cluster, each with its defaults.
pub(crate) fn servers(cluster: &WrittenCluster, scope: &Scope<'_>) -> Vec<Server> {
    let fallback = ServerIndex::new(0);
    let servers = cluster.servers.iter().enumerate().filter_map(|(position, written)| {
        let index = index(written, position).or(fallback)?;
        Some(server(written, index, cluster, scope))
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

fn server(
    written: &WrittenServer,
    index: ServerIndex,
    cluster: &WrittenCluster,
    scope: &Scope<'_>,
) -> Server {
    Server {
        id: written.id.or(String::new()),
        index,
        address: address(written),
        port: port(written, cluster),
        http: written.http.given().into_iter().flatten().filter_map(listener).collect(),
        admin: admin(written, cluster, scope),
        keepalive_timeout: written.keepalive_timeout.or(KEEPALIVE),
        socket_timeout: written.socket_timeout.or(SOCKET_TIMEOUT),
        load_balance: load_balance(&written.load_balance, cluster.protocol(), scope),
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
    let written_at = written.load_balance.idle_time.place().or(written.keepalive_timeout.place());
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
