//! Which servers of a configuration belong on this host, and where they will listen.

use copal_config::cluster::{Protocol, Tier};
use copal_config::config::Config;
use copal_config::network::Address;
use copal_config::server::Server;

/// A server that will be started here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Its id in the file.
    pub id: String,
    /// Which program runs it.
    pub tier: Tier,
    /// Where it listens, its cluster port first.
    pub listeners: Vec<Listener>,
}

/// One address and port of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// Which key of the file it comes from.
    pub door: Door,
    /// The address that will be bound.
    pub address: Address,
    /// The port that will be bound.
    pub port: u16,
}

/// Which key of a server's table a listener comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// `port`: the cluster port.
    Cluster,
    /// The entry of `http` at this position.
    Http(usize),
}

/// The servers whose `address` is this host's, in the order in which they are started: the app
/// tier first, so that no web server meets a cluster that is not there yet.
#[must_use]
pub fn here(config: &Config, is_here: impl Fn(&Address) -> bool) -> Vec<Planned> {
    let of_tier = |tier| {
        config
            .clusters
            .iter()
            // Servers of an `http` cluster are programs of somebody else.
            .filter(move |cluster| cluster.protocol == Protocol::Copal && cluster.tier == tier)
            .flat_map(|cluster| &cluster.servers)
            .filter(|server| is_here(&server.address))
            .map(move |server| planned(server, tier))
    };
    of_tier(Tier::App).chain(of_tier(Tier::Web)).collect()
}

fn planned(server: &Server, tier: Tier) -> Planned {
    let cluster_port = server.port.map(|port| Listener {
        door: Door::Cluster,
        address: server.address.clone(),
        port,
    });
    let http = server.http.iter().enumerate().map(|(position, listener)| Listener {
        door: Door::Http(position),
        address: listener.address.clone(),
        port: listener.port,
    });
    Planned {
        id: server.id.clone(),
        tier,
        listeners: cluster_port.into_iter().chain(http).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use copal_config::process_environment::ProcessEnvironment;
    use copal_config::reader;
    use std::path::Path;

    const FILE: &str = r#"
        secret = "sixteen bytes and more"
        [[cluster.web-tier.server]]
        id = "web-a"
        http = [{ port = 8080 }, { address = "127.0.0.1", port = 8081 }]
        [[cluster.web-tier.rewrite-dispatch]]
        regexp = "^/old"
        load-balance = "legacy"
        [[cluster.web-tier.rewrite-dispatch]]
        load-balance = "app-tier"
        [[cluster.app-tier.server]]
        id = "app-a"
        [[cluster.app-tier.server]]
        id = "app-b"
        address = "192.0.2.1"
        [[cluster.app-tier.web-app]]
        app = "demo"
        [cluster.legacy]
        protocol = "http"
        [[cluster.legacy.server]]
        id = "old"
        port = 9000
    "#;

    #[test]
    fn our_servers_of_this_host_are_started_app_tier_first() {
        let config = reader::read_text("f", Path::new(""), FILE, &ProcessEnvironment);
        let config = config.unwrap().config;
        let plan = here(&config, Address::is_loopback);
        let seen: Vec<_> = plan
            .iter()
            .map(|server| {
                let doors = server.listeners.iter().map(|listener| (listener.door, listener.port));
                (server.id.as_str(), server.tier, doors.collect::<Vec<_>>())
            })
            .collect();
        assert_eq!(
            seen,
            [
                ("app-a", Tier::App, vec![(Door::Cluster, 6800)]),
                ("web-a", Tier::Web, vec![(Door::Http(0), 8080), (Door::Http(1), 8081)]),
            ]
        );
    }
}
