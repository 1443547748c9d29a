//! A cluster with its defaults.

use crate::cluster::{Cluster, Protocol, Strategy, Tier};
use crate::meant::host::hosts;
use crate::meant::persistent_store::{check_needed, check_servers, persistent_store};
use crate::meant::scope::Scope;
use crate::meant::server::servers;
use crate::meant::session_config::{filled, session_config};
use crate::meant::{copies, index, load_balance, tier, tls};
use crate::persistent_store::PersistentStore;
use crate::written::cluster::WrittenCluster;

/// A cluster with its defaults; reports everything that is wrong inside it.
pub(crate) fn cluster(written: &WrittenCluster, scope: &Scope<'_>) -> Cluster {
    tier::check(written, scope);
    index::check(written, scope);
    if written.protocol() == Protocol::Http || written.tier() == Tier::App {
        load_balance::check_new_sessions(written, scope);
    }
    let is_app = written.protocol() == Protocol::Copal && written.tier() == Tier::App;
    let mut persistent_store = PersistentStore::None;
    if is_app {
        persistent_store = self::persistent_store(written.persistent_store.as_ref(), scope);
        check_servers(written, scope);
        copies::check(written, scope);
        if let Some(config) = &written.session_config {
            check_needed(config, true, written, scope);
        }
    }
    let hosts_have = written.hosts.iter().any(|host| !host.web_apps.is_empty());
    let inherited = !written.web_apps.is_empty() || hosts_have;
    let session = written.session_config.as_ref().map(|config| {
        // Where web-apps inherit it, it is checked with what they add to it.
        if inherited { filled(config) } else { session_config(config, scope.findings) }
    });
    let cookie = written.session_cookie.or(Cluster::DEFAULT_COOKIE.to_owned());
    Cluster {
        name: written.name.clone(),
        tier: written.tier(),
        protocol: written.protocol(),
        ssl_session_cookie: written.ssl_session_cookie.or(cookie.clone()),
        session_cookie: cookie,
        session_url_prefix: written.session_url_prefix.or(Cluster::DEFAULT_URL_PREFIX.to_owned()),
        sticky_sessions: written.sticky_sessions.or(true),
        strategy: written.strategy.or(Strategy::default()),
        servers: servers(written, scope),
        persistent_store,
        tls: tls::of_cluster(written, scope),
        session: session.unwrap_or_default(),
        hosts: hosts(written, scope),
    }
}
