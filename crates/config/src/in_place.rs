//! The part of a new file that a running server can take without being started again.

use crate::cluster::{Cluster, Tier};
use crate::config::Config;
use crate::host::{Host, Hosts};
use crate::letters;
use crate::restart;
use crate::same;
use crate::server::{HttpListener, Server};

/// The new file for the process of `server`, in which everything that [`restart::needed`] tells of
/// is still as it was.
///
/// `None` when the new file has another place for the server, or none.
#[must_use]
pub fn part(old: &Config, new: &Config, server: &str) -> Option<Config> {
    let (old_cluster, old_server) = old.server(server)?;
    let (new_cluster, _) = new.server(server)?;
    if restart::moved(old_cluster, new_cluster).is_some() {
        return None;
    }
    let mut part = new.clone();
    part.secret.clone_from(&old.secret);
    part.workers = old.workers;
    part.run_dir.clone_from(&old.run_dir);
    part.log.format = old.log.format;
    for relettered in letters::changed(old, new, old_cluster) {
        let before = relettered.old;
        let clusters = part.clusters.iter_mut().filter(|cluster| cluster.name == before.name);
        clusters.for_each(|cluster| cluster.servers.clone_from(&before.servers));
    }
    let cluster = part.clusters.iter_mut().find(|cluster| cluster.name == old_cluster.name)?;
    if old_cluster.tier == Tier::App {
        keep_sessions(old_cluster, cluster);
        keep_tls(old_cluster, cluster);
    }
    keep_listeners(old_server, cluster.servers.iter_mut().find(|own| own.id == server)?);
    Some(part)
}

fn keep_listeners(old: &Server, own: &mut Server) {
    let listener = |old: &HttpListener| {
        let same = own.http.iter().find(|new| (&new.address, new.port) == (&old.address, old.port));
        same.unwrap_or(old).clone()
    };
    own.http = old.http.iter().map(listener).collect();
    own.index = old.index;
    own.address.clone_from(&old.address);
    own.port = old.port;
    own.admin.clone_from(&old.admin);
}

/// Certificates are renewed under the same name; whether there are any, waits for a restart.
fn keep_tls(old: &Cluster, cluster: &mut Cluster) {
    let name = |cluster: &Cluster| cluster.tls.as_ref().map(|tls| tls.name.clone());
    if name(old) != name(cluster) {
        cluster.tls.clone_from(&old.tls);
    }
}

fn keep_sessions(old: &Cluster, cluster: &mut Cluster) {
    cluster.session_cookie.clone_from(&old.session_cookie);
    cluster.ssl_session_cookie.clone_from(&old.ssl_session_cookie);
    cluster.session_url_prefix.clone_from(&old.session_url_prefix);
    cluster.persistent_store.clone_from(&old.persistent_store);
    cluster.session = old.session.clone();
    let Hosts { default, named } = &mut cluster.hosts;
    keep_host(old, Some(&old.hosts.default), default);
    for named in named {
        let before = same::counterpart(&old.hosts, Some(named));
        keep_host(old, before, &mut named.host);
    }
}

fn keep_host(cluster: &Cluster, old: Option<&Host>, host: &mut Host) {
    for web_app in &mut host.web_apps {
        let mut before = old.into_iter().flat_map(|old| &old.web_apps);
        match before.find(|before| before.path == web_app.path) {
            Some(before) => web_app.session.clone_from(&before.session),
            // It is new, and the copies of its sessions are made as all others of the cluster.
            None => web_app.session.take_copies(&cluster.session),
        }
    }
}
