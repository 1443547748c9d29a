//! What the ring of a server is started with.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use copal_config::cluster::Cluster;
use copal_config::persistent_store::{self, ClusterStore, FileStore};
use copal_config::session_config::{self, SessionConfig};
use copal_protocol::server_index::ServerIndex;
use copal_protocol::state::State;
use copal_replica::incarnation::Incarnation;
use copal_replica::safety::{Acknowledge, Degraded, Safety};
use copal_tls::cluster_tls::ClusterTls;

use crate::disk::settings::{DiskSettings, DiskSync};
use crate::ring::roster::Roster;

/// Tells what this server does at the moment.
pub type OwnState = Arc<dyn Fn() -> State + Send + Sync>;

/// What the ring of a server is started with.
#[derive(Clone)]
pub struct RingPlan {
    /// The servers at the start; [`Ring::set_roster`](crate::ring::runner::Ring::set_roster) changes
    /// the others.
    pub roster: Roster,
    /// This start of this server: higher than every earlier one.
    pub incarnation: Incarnation,
    /// How many copies there are to be, and who must have a change. There are never more copies than
    /// servers.
    pub safety: Safety,
    /// What all servers of the cluster know; without it only hosts are believed that are this one.
    pub secret: Option<Vec<u8>>,
    /// Certificates that all servers of the cluster show to each other; then nobody needs a secret.
    pub tls: Option<ClusterTls>,
    /// What the operator wants of this server; [`State::Joining`] is found out here.
    pub wished: OwnState,
    /// How many sessions of a web-app may be in memory that says nothing else.
    pub session_max: usize,
    /// After so long nobody counts on a server any more that has left the table.
    pub max_away: Duration,
    /// Where its disk copy is, if it is to have one.
    pub disk: Option<DiskSettings>,
}

impl RingPlan {
    /// What the configuration of a cluster says for its server `own`; `None` when that server is not in
    /// it, or one of its servers cannot be reached by the others.
    #[must_use]
    pub fn of(
        cluster: &Cluster,
        store: &ClusterStore,
        own: &str,
        secret: Option<Vec<u8>>,
        wished: OwnState,
    ) -> Option<Self> {
        let safety = safety(&cluster.session, store);
        let roster = Roster::of(cluster, own)?;
        let disk = disk(store, own, roster.own.index);
        let (incarnation, session_max) = (Incarnation(0), cluster.session.session_max);
        let (tls, max_away) = (None, store.max_away);
        Some(Self { roster, incarnation, safety, secret, tls, wished, session_max, max_away, disk })
    }

    /// The same for a server that is alone in its cluster and keeps its sessions in files: a ring of one.
    #[must_use]
    pub fn of_files(
        cluster: &Cluster,
        store: &FileStore,
        own: &str,
        wished: OwnState,
    ) -> Option<Self> {
        let (path, disk_sync) = (Some(store.path.clone()), store.disk_sync);
        let store = ClusterStore { path, disk_sync, ..ClusterStore::default() };
        Self::of(cluster, &store, own, None, wished)
    }

    /// The same with these certificates.
    #[must_use]
    pub fn with_tls(self, tls: Option<ClusterTls>) -> Self {
        Self { tls, ..self }
    }

    /// The same for a start at this time of the wall clock: its number is higher than those of earlier
    /// starts, unless the clock was set back, and another one in any case.
    #[must_use]
    pub fn started_at(self, time: SystemTime) -> Self {
        let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let micros = u64::try_from(since.as_micros()).unwrap_or_default();
        let mut random = [0; 1];
        // Two starts in one microsecond do not happen: then the time alone does.
        let _ = getrandom::fill(&mut random);
        Self { incarnation: Incarnation(micros << 8 | u64::from(random[0])), ..self }
    }
}

fn disk(store: &ClusterStore, own: &str, index: ServerIndex) -> Option<DiskSettings> {
    let sync = match store.disk_sync {
        persistent_store::DiskSync::Every(time) => DiskSync::Every(time),
        persistent_store::DiskSync::Always => DiskSync::Always,
        persistent_store::DiskSync::Never => DiskSync::Never,
    };
    store.path.as_ref().map(|path| DiskSettings {
        folder: path.join(own),
        sync,
        server_id: own.to_owned(),
        server_index: index,
    })
}

fn safety(session: &SessionConfig, store: &ClusterStore) -> Safety {
    Safety {
        copies: session.copies,
        acknowledge: match session.acknowledge {
            session_config::Acknowledge::Owner => Acknowledge::Owner,
            session_config::Acknowledge::Backup => Acknowledge::Backup,
            session_config::Acknowledge::All => Acknowledge::All,
        },
        acknowledge_timeout: session.acknowledge_timeout,
        recovery_wait: store.recovery_wait,
        degraded: match session.degraded {
            session_config::Degraded::Accept => Degraded::Accept,
            session_config::Degraded::Refuse => Degraded::Refuse,
        },
    }
}

impl fmt::Debug for RingPlan {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RingPlan")
            .field("roster", &self.roster)
            .field("incarnation", &self.incarnation)
            .field("safety", &self.safety)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use copal_config::persistent_store::PersistentStore;
    use copal_config::process_environment::ProcessEnvironment;
    use copal_config::reader::read_text;

    use super::*;

    /// What app-b is started with by a file that says this.
    fn plan(store: &str, session: &str) -> RingPlan {
        let servers: String = ["app-a", "app-b", "app-c"]
            .iter()
            .zip(6800..)
            .map(|(id, port)| {
                format!("[[cluster.app-tier.server]]\nid = \"{id}\"\nport = {port}\n")
            })
            .collect();
        let text = format!(
            "[cluster.app-tier]\npersistent-store = {{ type = \"cluster\"{store} }}\n\
             session-config = {{ {session} }}\n{servers}\
             [[cluster.app-tier.web-app]]\napp = \"demo\"\n"
        );
        let checked = read_text("copal.toml", Path::new("/etc/copal"), &text, &ProcessEnvironment);
        let config = checked.unwrap_or_else(|report| panic!("{report}")).config;
        let cluster = &config.clusters[0];
        let PersistentStore::Cluster(store) = &cluster.persistent_store else { panic!("no store") };
        RingPlan::of(cluster, store, "app-b", None, Arc::new(|| State::Ready)).unwrap()
    }

    #[test]
    fn it_is_what_the_file_says() {
        let seconds = Duration::from_secs;
        #[rustfmt::skip]
        let table = [
            // store                        session                                 safety
            ("",                            "",                                     (2, Acknowledge::Backup, 500,  30, Degraded::Accept)),
            ("",                            "copies = 1",                           (1, Acknowledge::Owner,  500,  30, Degraded::Accept)),
            ("",                            "copies = 3, acknowledge = \"all\"",    (3, Acknowledge::All,    500,  30, Degraded::Accept)),
            ("",                            "acknowledge = \"owner\"",              (2, Acknowledge::Owner,  500,  30, Degraded::Accept)),
            ("",                            "acknowledge-timeout = \"2s\"",         (2, Acknowledge::Backup, 2000, 30, Degraded::Accept)),
            ("",                            "degraded = \"refuse\"",                (2, Acknowledge::Backup, 500,  30, Degraded::Refuse)),
            (", recovery-wait = \"7s\"",    "",                                     (2, Acknowledge::Backup, 500,  7,  Degraded::Accept)),
        ];
        for (store, session, (copies, acknowledge, millis, wait, degraded)) in table {
            let expected = Safety {
                copies,
                acknowledge,
                acknowledge_timeout: Duration::from_millis(millis),
                recovery_wait: seconds(wait),
                degraded,
            };
            assert_eq!(plan(store, session).safety, expected, "{store} {session}");
        }
    }

    #[test]
    fn it_names_this_server_the_others_and_its_disk() {
        let plan_of = plan(", path = \"sessions\", disk-sync = \"always\"", "session-max = 77");
        let others = plan_of.roster.others.iter();
        let others: Vec<_> =
            others.map(|one| (one.id.to_string(), one.index.get(), one.port)).collect();
        assert_eq!(others, [("app-a".to_owned(), 0, 6800), ("app-c".to_owned(), 2, 6802)]);
        assert_eq!((plan_of.roster.own.index.get(), plan_of.session_max), (1, 77));
        let disk = plan_of.disk.unwrap();
        assert_eq!(disk.folder, Path::new("/etc/copal/sessions/app-b"));
        assert_eq!((disk.server_id.as_str(), disk.server_index.get()), ("app-b", 1));
        assert_eq!(disk.sync, DiskSync::Always);
        let sync = |text: &str| plan(text, "").disk.unwrap().sync;
        assert_eq!(sync(", path = \"x\""), DiskSync::Every(Duration::from_secs(1)));
        assert_eq!(sync(", path = \"x\", disk-sync = \"never\""), DiskSync::Never);
        assert!(plan("", "").disk.is_none());
    }
}
