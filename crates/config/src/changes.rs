//! What a running server takes from a new file as it runs.

use crate::cluster::{Cluster, Protocol, Tier};
use crate::config::Config;
use crate::in_place;
use crate::same::{self, Pair};
use crate::server::Server;
use crate::shown::{self, Shown};
use crate::written::duration;

/// What changed that the process of `server` takes in place, a line each. What concerns other
/// servers only is left out, and so is what [`needed`](crate::restart::needed) tells of.
#[must_use]
pub fn between(old: &Config, new: &Config, server: &str) -> Vec<String> {
    let Some(new) = &in_place::part(old, new, server) else {
        return Vec::new();
    };
    let (Some((old_cluster, old_server)), Some((new_cluster, new_server))) =
        (old.server(server), new.server(server))
    else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    add(&mut lines, "limits", &shown::limits(&old.limits), &shown::limits(&new.limits));
    let level = |config: &Config| [("level", config.log.level.word().to_owned())];
    add(&mut lines, "log", &level(old), &level(new));
    own_times(old_server, new_server, &mut lines);
    own_cluster(old_cluster, new_cluster, Pair { old, new }, &mut lines);
    if old_cluster.tier == Tier::Web {
        balanced_clusters(old, new, &mut lines);
    }
    lines
}

/// How long the server itself waits for its clients.
fn own_times(old: &Server, new: &Server, lines: &mut Vec<String>) {
    let own = |server: &Server| -> [Shown; 2] {
        [
            ("keepalive-timeout", duration::written(server.keepalive_timeout)),
            ("socket-timeout", duration::written(server.socket_timeout)),
        ]
    };
    add(lines, &format!("server {}", new.id), &own(old), &own(new));
    for listener in &new.http {
        let before = old
            .http
            .iter()
            .find(|before| (&before.address, before.port) == (&listener.address, listener.port));
        if let Some(before) = before {
            let what = format!("listener {}", listener.address.with_port(listener.port));
            let time = |time| [("keepalive-timeout", duration::written(time))];
            add(lines, &what, &time(before.keepalive_timeout), &time(listener.keepalive_timeout));
        }
    }
}

/// What the server does with the requests that come in at its own listeners.
fn own_cluster(old: &Cluster, new: &Cluster, pair: Pair<'_>, lines: &mut Vec<String>) {
    let name = &new.name;
    let (before, after) = (&old.hosts, &new.hosts);
    for (what, is_same) in [
        ("rules", pair.rules(&before.default.rules, &after.default.rules)),
        ("hosts", pair.named(&before.named, &after.named)),
        ("web-apps", same::web_apps(&before.default.web_apps, &after.default.web_apps)),
    ] {
        if !is_same {
            lines.push(format!("cluster {name}: {what}"));
        }
    }
    if new.tier == Tier::App {
        add(lines, &format!("cluster {name}"), &certificates(old), &certificates(new));
        members(old, new, lines);
    } else {
        add(lines, &format!("cluster {name}"), &cookies(old), &cookies(new));
    }
}

/// The clusters to which a web-tier server can balance.
fn balanced_clusters(old: &Config, new: &Config, lines: &mut Vec<String>) {
    for cluster in new.clusters.iter().filter(|cluster| is_balanced(cluster)) {
        match balanced(old, &cluster.name) {
            Some(before) => balanced_cluster(before, cluster, lines),
            None => lines.push(format!("cluster {} is new", cluster.name)),
        }
    }
    for cluster in old.clusters.iter().filter(|cluster| is_balanced(cluster)) {
        if balanced(new, &cluster.name).is_none() {
            lines.push(format!("cluster {} is gone", cluster.name));
        }
    }
}

fn balanced<'c>(config: &'c Config, name: &str) -> Option<&'c Cluster> {
    config.clusters.iter().find(|cluster| cluster.name == name && is_balanced(cluster))
}

fn is_balanced(cluster: &Cluster) -> bool {
    cluster.protocol == Protocol::Http || cluster.tier == Tier::App
}

fn balanced_cluster(old: &Cluster, new: &Cluster, lines: &mut Vec<String>) {
    let keys = |cluster: &Cluster| {
        let protocol = match cluster.protocol {
            Protocol::Copal => "copal",
            Protocol::Http => "http",
        };
        let mut keys = vec![("protocol", protocol.to_owned())];
        keys.extend(cookies(cluster));
        keys
    };
    add(lines, &format!("cluster {}", new.name), &keys(old), &keys(new));
    add(lines, &format!("cluster {}", new.name), &certificates(old), &certificates(new));
    members(old, new, lines);
    for (before, server) in common(old, new) {
        let what = format!("server {}", server.id);
        let keys = |server: &Server| {
            let port = server.port.map_or_else(String::new, |port| server.address.with_port(port));
            let mut keys = vec![("port", port)];
            keys.extend(shown::load_balance(&server.load_balance));
            keys
        };
        add(lines, &what, &keys(before), &keys(server));
    }
}

/// Which certificates are shown at the cluster ports of a cluster.
fn certificates(cluster: &Cluster) -> Vec<Shown> {
    let none = || "none".to_owned();
    let path = |path: &std::path::Path| path.display().to_string();
    let tls = cluster.tls.as_ref();
    vec![
        ("cluster-tls", tls.map_or_else(none, |tls| tls.name.clone())),
        ("certificate", tls.map_or_else(none, |tls| path(&tls.certificate))),
        ("key", tls.map_or_else(none, |tls| path(&tls.key))),
        ("client-ca", tls.and_then(|tls| tls.client_ca.as_deref()).map_or_else(none, path)),
    ]
}

/// How requests are bound to the servers of a cluster, and how the others are spread.
fn cookies(cluster: &Cluster) -> Vec<Shown> {
    vec![
        ("session-cookie", cluster.session_cookie.clone()),
        ("ssl-session-cookie", cluster.ssl_session_cookie.clone()),
        ("session-url-prefix", cluster.session_url_prefix.clone()),
        ("sticky-sessions", cluster.sticky_sessions.to_string()),
        ("strategy", cluster.strategy.word().to_owned()),
    ]
}

/// Which servers a cluster has, and the letter of each.
fn members(old: &Cluster, new: &Cluster, lines: &mut Vec<String>) {
    let has = |cluster: &Cluster, id: &str| cluster.servers.iter().any(|server| server.id == id);
    for server in new.servers.iter().filter(|server| !has(old, &server.id)) {
        lines.push(format!("cluster {}: server {} is new", new.name, server.id));
    }
    for server in old.servers.iter().filter(|server| !has(new, &server.id)) {
        lines.push(format!("cluster {}: server {} is gone", new.name, server.id));
    }
    for (before, server) in common(old, new) {
        let index = |server: &Server| [("index", server.index.get().to_string())];
        add(lines, &format!("server {}", server.id), &index(before), &index(server));
    }
}

/// The servers that a cluster had and has.
fn common<'c>(
    old: &'c Cluster,
    new: &'c Cluster,
) -> impl Iterator<Item = (&'c Server, &'c Server)> {
    new.servers.iter().filter_map(|server| {
        let before = old.servers.iter().find(|before| before.id == server.id)?;
        Some((before, server))
    })
}

/// A line for every key whose value is another one.
fn add(lines: &mut Vec<String>, what: &str, old: &[Shown], new: &[Shown]) {
    for ((key, before), (_, after)) in old.iter().zip(new) {
        if before != after {
            lines.push(format!("{what}: {key} {before} -> {after}"));
        }
    }
}

#[cfg(test)]
mod tests;
