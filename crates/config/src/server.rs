//! One process of a cluster.

use std::time::Duration;

use copal_protocol::server_index::ServerIndex;

use crate::network::Address;

/// One process of a cluster.
#[derive(Debug, Clone)]
pub struct Server {
    /// Its id, unique in the file.
    pub id: String,
    /// Its place in the cluster; its letter in session ids.
    pub index: ServerIndex,
    /// The address of its cluster port; also where it runs, for `copal up`.
    pub address: Address,
    /// The cluster port. A web-tier server has none.
    pub port: Option<u16>,
    /// Its public listeners.
    pub http: Vec<HttpListener>,
    /// How long the cluster port keeps an idle connection.
    pub keepalive_timeout: Duration,
    /// How long the cluster port waits for the next bytes of a message.
    pub socket_timeout: Duration,
    /// How a web-tier server treats this server.
    pub load_balance: LoadBalance,
}

/// A public listener.
#[derive(Debug, Clone)]
pub struct HttpListener {
    /// The address it is bound to.
    pub address: Address,
    /// The port it is bound to; never 0.
    pub port: u16,
    /// How long it keeps an idle client connection.
    pub keepalive_timeout: Duration,
}

/// How a web-tier server treats one server that it balances to.
#[derive(Debug, Clone)]
pub struct LoadBalance {
    /// How long a connect may take.
    pub connect_timeout: Duration,
    /// How long a server may be silent inside an exchange.
    pub socket_timeout: Duration,
    /// How long an idle connection to it is kept.
    pub idle_time: Duration,
    /// The longest time for which a server that failed is left alone.
    pub recover_time: Duration,
}
