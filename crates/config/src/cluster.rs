//! A named set of servers that do the same work.

use crate::host::Hosts;
use crate::persistent_store::PersistentStore;
use crate::server::Server;
use crate::session_config::SessionConfig;
use crate::tls::Tls;

/// Which binary runs the servers of a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// `web-tier`: balances requests.
    Web,
    /// `app-tier`: runs applications and keeps sessions.
    App,
}

/// What the servers of a cluster speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Servers of ours.
    Copal,
    /// Any HTTP servers, which are only balanced.
    Http,
}

/// How a server is chosen for a request that no session binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strategy {
    /// One after the other.
    #[default]
    RoundRobin,
    /// To the one that is answering the fewest, given its weight. `"adaptive"` means the same.
    LeastConnection,
}

impl Strategy {
    /// Its word in the file.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::RoundRobin => "round-robin",
            Self::LeastConnection => "least-connection",
        }
    }
}

/// A named set of servers that do the same work.
#[derive(Debug, Clone)]
pub struct Cluster {
    /// Its name in the file, for example `app-tier`.
    pub name: String,
    /// Which binary its servers run; without meaning when `protocol` is [`Protocol::Http`].
    pub tier: Tier,
    /// What its servers speak.
    pub protocol: Protocol,
    /// The cookie that holds the session id on plain requests.
    pub session_cookie: String,
    /// The cookie that holds the session id on secure requests; usually the same name.
    pub ssl_session_cookie: String,
    /// What begins the path parameter with the session id: `;`, a name, `=`.
    pub session_url_prefix: String,
    /// Whether requests with a session id go to the servers that the id names.
    pub sticky_sessions: bool,
    /// How a server is chosen for a request that no session binds.
    pub strategy: Strategy,
    /// Its servers in the order of the file; not sorted by index.
    pub servers: Vec<Server>,
    /// Where sessions are kept beside the memory of their server.
    pub persistent_store: PersistentStore,
    /// Certificates that both sides of every connection to a cluster port show; `None`: they prove that
    /// they know the secret, and nothing is encrypted.
    pub tls: Option<Tls>,
    /// How the sessions of a web-app are kept that says nothing else.
    pub session: SessionConfig,
    /// Its hosts, with their rules and web-apps.
    pub hosts: Hosts,
}

impl Cluster {
    /// A cluster without servers, hosts and settings of its own.
    #[must_use]
    pub fn new(name: &str, tier: Tier) -> Self {
        Self {
            name: name.to_owned(),
            tier,
            protocol: Protocol::Copal,
            session_cookie: Self::DEFAULT_COOKIE.to_owned(),
            ssl_session_cookie: Self::DEFAULT_COOKIE.to_owned(),
            session_url_prefix: Self::DEFAULT_URL_PREFIX.to_owned(),
            sticky_sessions: true,
            strategy: Strategy::default(),
            servers: Vec::new(),
            persistent_store: PersistentStore::default(),
            tls: None,
            session: SessionConfig::default(),
            hosts: Hosts::default(),
        }
    }

    /// The usual session cookie.
    pub const DEFAULT_COOKIE: &str = "JSESSIONID";
    /// What usually begins the path parameter with the session id.
    pub const DEFAULT_URL_PREFIX: &str = ";jsessionid=";
}
