//! The ways on which an operator reaches a server.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use copal_config::cluster::{Cluster, Protocol};
use copal_config::config::Config;
use copal_config::network::Address;
use copal_config::server::{Admin, Server};

/// The ways on which an operator reaches a server of ours.
#[derive(Debug, Clone)]
pub struct Doors {
    /// The id of the server.
    pub server: String,
    /// The name of its cluster; none when only its control socket is known.
    pub cluster: Option<String>,
    /// Its control socket, if it runs on this host.
    pub socket: PathBuf,
    /// Where it runs.
    pub address: Address,
    /// Its listener for operators on other hosts.
    pub admin: Option<Admin>,
}

impl Doors {
    /// The doors of one server.
    #[must_use]
    pub fn of(config: &Config, cluster: &Cluster, server: &Server) -> Self {
        Self {
            server: server.id.clone(),
            cluster: Some(cluster.name.clone()),
            socket: config.run_dir.join(format!("{}.sock", server.id)),
            address: server.address.clone(),
            admin: server.admin.clone().map(|admin| reached(admin, &server.address)),
        }
    }

    /// The door of a server of this host that is known by its control socket only; none when the
    /// name of the file is no id.
    #[must_use]
    pub fn of_socket(socket: PathBuf) -> Option<Self> {
        let server = socket.file_stem()?.to_str()?.to_owned();
        let address = Address::Ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
        Some(Self { server, cluster: None, socket, address, admin: None })
    }

    /// In words, for messages: by which of them it is asked.
    #[must_use]
    pub fn socket_or_admin(&self) -> String {
        let socket = self.socket.display();
        match &self.admin {
            Some(admin) => format!("{socket} or {}:{}", admin.address, admin.port),
            None => socket.to_string(),
        }
    }

    /// Those of every server of ours in the file, in its order.
    #[must_use]
    pub fn all(config: &Config) -> Vec<Self> {
        Self::of_clusters(config, |cluster| cluster.protocol == Protocol::Copal)
    }

    /// Those of every server of the clusters that `wanted` picks.
    #[must_use]
    pub fn of_clusters(config: &Config, wanted: impl Fn(&Cluster) -> bool) -> Vec<Self> {
        let clusters = config.clusters.iter().filter(|cluster| wanted(cluster));
        clusters
            .flat_map(|cluster| {
                cluster.servers.iter().map(|server| Self::of(config, cluster, server))
            })
            .collect()
    }
}

/// Where an admin listener is reached: one that is bound to all addresses of its host, at the
/// address at which its server is.
fn reached(mut admin: Admin, host: &Address) -> Admin {
    if matches!(&admin.address, Address::Ip(ip) if ip.is_unspecified()) {
        admin.address = host.clone();
    }
    admin
}
