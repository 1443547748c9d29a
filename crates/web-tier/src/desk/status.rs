//! What a web-tier server tells about itself.

use copal_config::cluster::Protocol;
use copal_protocol::state::State;
use copal_protocol::status::{BalancedServer, Status};

use crate::balance::cluster::Cluster;
use crate::balance::server::Server;
use crate::care::rates::Rates;
use crate::desk::figures::ServerFigures;
use crate::desk::reload::Reloads;
use crate::site::Site;

/// What a web-tier server tells about itself.
pub(crate) fn status(site: &Site, rates: &Rates, reloads: &Reloads) -> Status {
    let household = &site.household;
    let balanced: Vec<(&Cluster, &Server)> = (site.clusters.iter())
        .flat_map(|cluster| cluster.servers.iter().map(move |server| (cluster, server)))
        .collect();
    let in_flight = balanced.iter().map(|(_, server)| u64::from(server.record.in_flight())).sum();
    Status {
        server: household.server.clone(),
        cluster: household.cluster.clone(),
        tier: "web".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        pid: std::process::id(),
        uptime_seconds: household.age().as_secs(),
        state: if household.drain.is_draining() { State::Leaving } else { State::Ready },
        connections: u64::try_from(household.cap.open()).unwrap_or(u64::MAX),
        in_flight,
        requests: household.requests(),
        requests_per_second: rates.requests(),
        sessions: None,
        copies: None,
        short_of_copies: None,
        surplus_copies: None,
        reloads: reloads.taken,
        reload_error: reloads.error.clone(),
        needs_restart: reloads.needs_restart.clone(),
        servers: balanced.iter().map(|(cluster, server)| of(cluster, server, rates)).collect(),
    }
}

fn of(cluster: &Cluster, server: &Server, rates: &Rates) -> BalancedServer {
    let record = &server.record;
    let figures = ServerFigures::of(record);
    let lately = rates.first_byte(record.number);
    BalancedServer {
        cluster: cluster.name.clone(),
        id: server.id.clone(),
        protocol: protocol(cluster.protocol).to_owned(),
        address: server.host(),
        state: server.shown_state(),
        why: server.why(),
        weight: server.settings.weight,
        backup: server.settings.backup,
        in_flight: u64::from(record.in_flight()),
        queued: u64::from(record.places.waiting()),
        requests: figures.requests,
        requests_per_second: rates.of_server(record.number),
        failures: figures.failures(),
        p50_microseconds: lately.quantile(500),
        p99_microseconds: lately.quantile(990),
    }
}

fn protocol(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Copal => "copal",
        Protocol::Http => "http",
    }
}
