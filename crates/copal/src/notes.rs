//! What an operator should know beside the figures.

use std::collections::BTreeMap;

use copal_config::cluster::Cluster;
use copal_config::config::Config;
use copal_protocol::state::State;
use copal_protocol::status::Status;

use crate::last_resort;
use crate::printable::first_line;
use crate::seen::{Seen, View};
use crate::told::Told;

/// What an operator should know beside the figures, a line each: why servers are not ready, where
/// web servers disagree, and what runs otherwise than the file says.
#[must_use]
pub fn notes(config: Option<&Config>, told: &[Told], seen: &[Seen]) -> Vec<String> {
    let mut notes: Vec<String> = seen.iter().filter_map(state).collect();
    notes.extend(last_resort::notes(seen));
    let running = || told.iter().filter_map(Told::status);
    notes.extend(running().filter_map(refused_reload));
    notes.extend(running().flat_map(waiting_for_a_restart));
    notes.extend(versions(running()));
    // The others compare what runs with the file.
    let Some(config) = config else {
        return notes;
    };
    for server in seen {
        notes.extend(unheard(config, server, running()));
    }
    for server in seen {
        notes.extend(other_than_the_file(config, server));
    }
    for status in running() {
        notes.extend(unknown_servers(config, status));
    }
    notes
}

/// Why a server is not ready, or who sees it how.
fn state(server: &Seen) -> Option<String> {
    let id = &server.id;
    let Some(state) = server.state() else {
        let views: Vec<String> = server.views.iter().map(in_words).collect();
        return Some(format!("web servers disagree about {id}: {}", views.join("; ")));
    };
    let mut reasons: Vec<String> = Vec::new();
    for view in &server.views {
        if let Some(why) = view.why.as_deref().map(first_line)
            && !reasons.contains(&why)
        {
            reasons.push(why);
        }
    }
    if state == State::Ready || reasons.is_empty() {
        return None;
    }
    Some(format!("{id} is {state}: {}", reasons.join("; ")))
}

fn in_words(view: &View) -> String {
    let View { by, state, why } = view;
    let why = why.as_deref().map(|why| format!(" ({})", first_line(why))).unwrap_or_default();
    format!("{by} says {state}{why}")
}

fn refused_reload(status: &Status) -> Option<String> {
    let report = status.reload_error.as_deref()?;
    // What is not wrong and should be known stands in the same report, and may come first.
    let error = report.lines().find(|line| line.starts_with("error")).unwrap_or(report);
    let error = first_line(error);
    let id = &status.server;
    Some(format!("{id} goes on with an older configuration, the file was refused: {error}"))
}

fn waiting_for_a_restart(status: &Status) -> impl Iterator<Item = String> {
    let lines = status.needs_restart.iter().map(|line| first_line(line));
    lines.map(|line| format!("{} needs a restart: {line}", status.server))
}

/// What a server says of itself, when web servers do otherwise because they do not ask it.
fn unheard<'s>(
    config: &Config,
    seen: &Seen,
    mut running: impl Iterator<Item = &'s Status>,
) -> Option<String> {
    let own = running.find(|own| own.server == seen.id && own.cluster == seen.cluster)?;
    let is_asked = || {
        let server = cluster(config, &seen.cluster)?.servers.iter().find(|own| own.id == seen.id);
        server?.load_balance.health_check.as_ref()
    };
    let is_wish = matches!(own.state, State::Drain | State::Evict | State::Maintenance);
    if !is_wish || is_asked().is_some() {
        return None;
    }
    let id = first_line(&seen.id);
    let views = seen.views.iter().filter(|view| view.state != own.state);
    let views: Vec<String> = views.map(|view| format!("{} sees {}", view.by, view.state)).collect();
    (!views.is_empty()).then(|| {
        format!(
            "{id} says {}, {}: its `health-check` is off, so no web server hears it",
            own.state,
            views.join(", ")
        )
    })
}

fn versions<'s>(running: impl Iterator<Item = &'s Status>) -> Option<String> {
    let mut servers: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for status in running {
        servers.entry(first_line(&status.version)).or_default().push(&status.server);
    }
    if servers.len() < 2 {
        return None;
    }
    let each = servers.iter().map(|(version, ids)| format!("{version} on {}", ids.join(", ")));
    Some(format!("versions differ: {}", each.collect::<Vec<_>>().join("; ")))
}

/// The cluster of the file with this name.
fn cluster<'c>(config: &'c Config, name: &str) -> Option<&'c Cluster> {
    config.clusters.iter().find(|cluster| cluster.name == name)
}

/// What the file says of a server that web servers balance to, when they do otherwise.
fn other_than_the_file(config: &Config, seen: &Seen) -> Option<String> {
    let id = first_line(&seen.id);
    let servers = cluster(config, &seen.cluster).map(|cluster| cluster.servers.as_slice());
    let Some(server) = servers.unwrap_or_default().iter().find(|server| server.id == seen.id)
    else {
        let by: Vec<&str> = seen.views.iter().map(|view| view.by.as_str()).collect();
        let cluster = first_line(&seen.cluster);
        let by = by.join(", ");
        return Some(format!(
            "{by} balances to {id}, which the file no longer has in {cluster}: `copal reload`"
        ));
    };
    let weight = server.load_balance.weight;
    if seen.weights.iter().all(|running| *running == weight) {
        return None;
    }
    Some(format!("the weight of {id} is {weight} in the file: `copal reload`"))
}

/// The servers of the file that a web server does not balance to, though it does to others of
/// their cluster.
fn unknown_servers(config: &Config, status: &Status) -> Vec<String> {
    let knows = |cluster: &Cluster, id: Option<&str>| {
        let mut known = status.servers.iter().filter(|server| server.cluster == cluster.name);
        known.any(|server| id.is_none_or(|id| server.id == id))
    };
    let clusters = config.clusters.iter().filter(|cluster| knows(cluster, None));
    clusters
        .flat_map(|cluster| cluster.servers.iter().map(move |server| (cluster, server)))
        .filter(|(cluster, server)| !knows(cluster, Some(&server.id)))
        .map(|(_, server)| {
            format!("{} does not know {} of the file: `copal reload`", status.server, server.id)
        })
        .collect()
}
