//! What a running server takes from a new file only when it is started again.

use std::num::NonZeroUsize;

use crate::cluster::{Cluster, Protocol, Tier};
use crate::config::Config;
use crate::letters;
use crate::same;
use crate::secret::Secret;
use crate::server::{Admin, Server};
use crate::shown;

/// What changed for the process of `server` and needs it to be started again, a line each.
///
/// When the new file has another place for the server, or none, this is the only line: then
/// nothing of the file can be taken.
#[must_use]
pub fn needed(old: &Config, new: &Config, server: &str) -> Vec<String> {
    let Some((old_cluster, old_server)) = old.server(server) else {
        // Nothing of it runs, so nothing of it is to be started again.
        return Vec::new();
    };
    let Some((new_cluster, new_server)) = new.server(server) else {
        return vec!["this server is no longer in the file".to_owned()];
    };
    if let Some(moved) = moved(old_cluster, new_cluster) {
        return vec![moved];
    }
    let mut lines = Vec::new();
    process(old, new, &mut lines);
    listeners(old_server, new_server, &mut lines);
    let relettered = letters::changed(old, new, old_cluster);
    lines.extend(relettered.iter().map(|cluster| cluster.in_words(old_cluster)));
    if old_cluster.tier == Tier::App {
        let name = |cluster: &Cluster| {
            cluster.tls.as_ref().map(|tls| format!("`cluster-tls` {}", tls.name))
        };
        gone_and_new(&mut lines, "the cluster's", name(old_cluster), name(new_cluster));
        sessions(old_cluster, new_cluster, &mut lines);
    }
    lines
}

/// A server that belongs elsewhere is another server.
pub(crate) fn moved(old: &Cluster, new: &Cluster) -> Option<String> {
    if old.name != new.name {
        return Some(format!("this server was in the cluster {} and is in {}", old.name, new.name));
    }
    let kind = |cluster: &Cluster| match (cluster.protocol, cluster.tier) {
        (Protocol::Http, _) => "of http servers",
        (Protocol::Copal, Tier::Web) => "a web tier",
        (Protocol::Copal, Tier::App) => "an app tier",
    };
    (kind(old) != kind(new)).then(|| {
        format!("the cluster {} of this server was {} and is {}", old.name, kind(old), kind(new))
    })
}

/// What every process of ours takes at its start.
fn process(old: &Config, new: &Config, lines: &mut Vec<String>) {
    let workers = |workers: Option<NonZeroUsize>| {
        workers.map_or_else(|| "one for each core".to_owned(), |workers| workers.to_string())
    };
    was_and_is(lines, "`workers`", workers(old.workers), workers(new.workers));
    was_and_is(lines, "`run-dir`", old.run_dir.display(), new.run_dir.display());
    secrets(lines, "`secret`", old.secret.as_ref(), new.secret.as_ref());
    was_and_is(lines, "`format` of `[log]`", old.log.format.word(), new.log.format.word());
}

/// What a server listens on.
fn listeners(old: &Server, new: &Server, lines: &mut Vec<String>) {
    let port = |server: &Server| server.port.map(|port| server.address.with_port(port));
    gone_and_new(lines, "cluster port", port(old), port(new));
    let public = |server: &Server| {
        let listeners = server.http.iter();
        listeners.map(|one| one.address.with_port(one.port)).collect::<Vec<_>>()
    };
    gone_and_new(lines, "listener", public(old), public(new));
    let admin = |admin: &Admin| admin.address.with_port(admin.port);
    gone_and_new(
        lines,
        "admin listener",
        old.admin.as_ref().map(admin),
        new.admin.as_ref().map(admin),
    );
    if let (Some(old), Some(new)) = (&old.admin, &new.admin) {
        secrets(lines, "`token` of the admin listener", old.token.as_ref(), new.token.as_ref());
    }
}

/// Sessions that a server keeps were made under the names and times that held at its start.
fn sessions(old: &Cluster, new: &Cluster, lines: &mut Vec<String>) {
    for (key, old, new) in [
        ("`session-cookie`", &old.session_cookie, &new.session_cookie),
        ("`ssl-session-cookie`", &old.ssl_session_cookie, &new.ssl_session_cookie),
        ("`session-url-prefix`", &old.session_url_prefix, &new.session_url_prefix),
    ] {
        was_and_is(lines, key, old, new);
    }
    if !same::sessions(old, new) {
        lines.push("`session-config`".to_owned());
    }
    let copies = shown::copies(&old.session).into_iter().zip(shown::copies(&new.session));
    for ((key, old), (_, new)) in copies {
        was_and_is(lines, &format!("`{key}` of `session-config`"), old, new);
    }
    let (old, new) = (&old.persistent_store, &new.persistent_store);
    for ((key, old), (_, new)) in shown::store(old).into_iter().zip(shown::store(new)) {
        was_and_is(lines, &format!("`{key}` of `persistent-store`"), old, new);
    }
}

fn secrets(lines: &mut Vec<String>, what: &str, old: Option<&Secret>, new: Option<&Secret>) {
    let how = match (old, new) {
        (Some(old), Some(new)) if old != new => "is another one",
        (Some(_), None) => "is gone",
        (None, Some(_)) => "is new",
        _ => return,
    };
    lines.push(format!("{what} {how}"));
}

fn was_and_is(lines: &mut Vec<String>, what: &str, old: impl ToString, new: impl ToString) {
    let (old, new) = (old.to_string(), new.to_string());
    if old != new {
        lines.push(format!("{what} was {old} and is {new}"));
    }
}

/// What is bound once and for all.
fn gone_and_new(
    lines: &mut Vec<String>,
    what: &str,
    old: impl IntoIterator<Item = String>,
    new: impl IntoIterator<Item = String>,
) {
    let (old, new) = (Vec::from_iter(old), Vec::from_iter(new));
    let gone = old.iter().filter(|one| !new.contains(one));
    lines.extend(gone.map(|one| format!("{what} {one} is gone")));
    let added = new.iter().filter(|one| !old.contains(one));
    lines.extend(added.map(|one| format!("{what} {one} is new")));
}
