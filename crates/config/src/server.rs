//! One process of a cluster.

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use copal_protocol::server_index::ServerIndex;

use crate::network::Address;
use crate::secret::Secret;

/// One process of a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// Where operators on other hosts, and programs that collect figures, may ask it.
    pub admin: Option<Admin>,
    /// How long the cluster port keeps an idle connection.
    pub keepalive_timeout: Duration,
    /// How long the cluster port waits for the next bytes of a message.
    pub socket_timeout: Duration,
    /// How a web-tier server treats this server.
    pub load_balance: LoadBalance,
}

/// A public listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpListener {
    /// The address it is bound to.
    pub address: Address,
    /// The port it is bound to; never 0.
    pub port: u16,
    /// How long it keeps an idle client connection.
    pub keepalive_timeout: Duration,
}

/// How a web-tier server treats one server that it balances to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadBalance {
    /// How long a connect may take.
    pub connect_timeout: Duration,
    /// How long a server may be silent inside an exchange.
    pub socket_timeout: Duration,
    /// How long an idle connection to it is kept.
    pub idle_time: Duration,
    /// The longest time for which a server that failed is left alone.
    pub recover_time: Duration,
    /// The longest time for which a server that said it is busy is left alone.
    pub busy_recover_time: Duration,
    /// How long its share of new sessions grows after it has come back; zero gives it all at once.
    pub warmup_time: Duration,
    /// Requests in flight to it from one process; `None` has no bound.
    pub max_requests: Option<NonZeroUsize>,
    /// How long a request may wait for a place among those.
    pub queue_timeout: Duration,
    /// Its share of new sessions, beside the weights of the others; 0 gives it none.
    pub weight: u32,
    /// New sessions go to it only when no other server can take them.
    pub backup: bool,
    /// How it is asked whether it is well; `None` does not ask.
    pub health_check: Option<HealthCheck>,
}

/// How a server is asked whether it is well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthCheck {
    /// What is requested, with a query if it has one.
    pub path: String,
    /// From the beginning of one check to that of the next.
    pub interval: Duration,
    /// How long the answer may take, connecting included.
    pub timeout: Duration,
    /// So many failures in a row put it out of service.
    pub fall: NonZeroU32,
    /// So many successes in a row bring it back.
    pub rise: NonZeroU32,
}

/// A listener for operators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admin {
    /// The address it is bound to.
    pub address: Address,
    /// The port it is bound to; never 0.
    pub port: u16,
    /// What a request must show to change anything, and to see anything at another address than
    /// loopback.
    pub token: Option<Secret>,
}
