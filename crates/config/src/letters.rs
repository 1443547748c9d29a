//! Whether servers still have the letters by which session ids name them.

use crate::cluster::{Cluster, Protocol, Tier};
use crate::config::Config;
use crate::server::Server;

/// A cluster of which a server has another letter in the new file. Cookies of clients name the old
/// ones, and the servers go on with theirs until they are started again, so nobody may learn the
/// new letters while it runs.
pub(crate) struct Relettered<'c> {
    pub(crate) old: &'c Cluster,
    /// The servers that have another letter, before and after.
    servers: Vec<(&'c Server, &'c Server)>,
}

impl Relettered<'_> {
    /// What the process of `own` does about it.
    pub(crate) fn in_words(&self, own: &Cluster) -> String {
        let name = &self.old.name;
        let servers = self.servers.iter().map(|(old, new)| {
            format!("of {} was {} and is {}", old.id, old.index.get(), new.index.get())
        });
        let servers = servers.collect::<Vec<_>>().join(", ");
        let is_app_tier = self.old.protocol == Protocol::Copal && self.old.name != own.name;
        let first = if is_app_tier { "; restart the app servers first" } else { "" };
        format!(
            "cluster {name}: `index` {servers}: its servers stay as they are here until `index` is \
             written as before, or this server is restarted{first}"
        )
    }
}

/// The clusters that the process of `own` knows by their letters, and that have others now.
pub(crate) fn changed<'c>(old: &'c Config, new: &'c Config, own: &Cluster) -> Vec<Relettered<'c>> {
    let known = old.clusters.iter().filter(|cluster| match own.tier {
        Tier::Web => cluster.protocol == Protocol::Http || cluster.tier == Tier::App,
        Tier::App => cluster.name == own.name,
    });
    let relettered = known.filter_map(|old| {
        let new = new.clusters.iter().find(|new| new.name == old.name)?;
        // Of another kind they are other servers.
        if (new.protocol, new.tier) != (old.protocol, old.tier) {
            return None;
        }
        // A web tier that binds no request to a server reads no letters.
        if own.tier == Tier::Web && !old.sticky_sessions && !new.sticky_sessions {
            return None;
        }
        let servers = new.servers.iter().filter_map(|new| {
            let old = old.servers.iter().find(|old| old.id == new.id)?;
            (old.index != new.index).then_some((old, new))
        });
        let servers: Vec<_> = servers.collect();
        (!servers.is_empty()).then_some(Relettered { old, servers })
    });
    relettered.collect()
}
