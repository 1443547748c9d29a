//! The clusters that are shown, in their order.

use copal_config::cluster::{Protocol, Tier};
use copal_config::config::Config;
use copal_protocol::status::Status;

use crate::told::Told;

/// A cluster that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// Its name.
    pub name: String,
    /// Whose servers it has.
    pub kind: Kind,
}

/// Whose servers a cluster has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A web tier of ours.
    Web,
    /// An app tier of ours.
    App,
    /// Servers that are not ours.
    Http,
}

/// The clusters of the file.
#[must_use]
pub fn of_file(config: &Config) -> Vec<Outline> {
    let kind = |protocol, tier| match (protocol, tier) {
        (Protocol::Http, _) => Kind::Http,
        (Protocol::Copal, Tier::Web) => Kind::Web,
        (Protocol::Copal, Tier::App) => Kind::App,
    };
    let clusters = config.clusters.iter();
    clusters
        .map(|one| Outline { name: one.name.clone(), kind: kind(one.protocol, one.tier) })
        .collect()
}

/// The clusters of which servers tell: web tiers, app tiers, then the others.
#[must_use]
pub fn of_answers(told: &[Told]) -> Vec<Outline> {
    let mut outlines: Vec<Outline> = Vec::new();
    let mut add = |name: &str, kind| {
        if outlines.iter().all(|known| known.name != name) {
            outlines.push(Outline { name: name.to_owned(), kind });
        }
    };
    let running = || told.iter().filter_map(Told::status);
    for status in running() {
        add(&status.cluster, own_kind(status));
    }
    for server in running().flat_map(|status| &status.servers) {
        add(&server.cluster, if server.protocol == "http" { Kind::Http } else { Kind::App });
    }
    outlines.sort_by_key(|outline| outline.kind);
    outlines
}

fn own_kind(status: &Status) -> Kind {
    if status.tier == "web" { Kind::Web } else { Kind::App }
}
