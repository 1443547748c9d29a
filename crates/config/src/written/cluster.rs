//! A cluster as it was written.

use crate::cluster::{Protocol, Strategy, Tier};
use crate::finding::Finding;
use crate::finding_rule::FindingRule;
use crate::findings::Findings;
use crate::place::Place;
use crate::written::host::WrittenHost;
use crate::written::leaf::Leaf;
use crate::written::name::{cookie_name, plain_name, url_prefix};
use crate::written::persistent_store::{StoreKind, WrittenPersistentStore};
use crate::written::quote::quoted;
use crate::written::rule::WrittenRule;
use crate::written::section::Section;
use crate::written::server::WrittenServer;
use crate::written::session_config::WrittenSessionConfig;
use crate::written::table::{Table, Value};
use crate::written::web_app::WrittenWebApp;

const STRATEGIES: [(&str, Strategy); 3] = [
    ("round-robin", Strategy::RoundRobin),
    ("least-connection", Strategy::LeastConnection),
    ("adaptive", Strategy::LeastConnection),
];

/// A cluster as it was written.
pub(crate) struct WrittenCluster {
    pub(crate) name: String,
    /// The name in the first header that has it.
    pub(crate) place: Place,
    pub(crate) tier: Leaf<Tier>,
    pub(crate) protocol: Leaf<Protocol>,
    pub(crate) session_cookie: Leaf<String>,
    pub(crate) ssl_session_cookie: Leaf<String>,
    pub(crate) session_url_prefix: Leaf<String>,
    pub(crate) sticky_sessions: Leaf<bool>,
    pub(crate) strategy: Leaf<Strategy>,
    pub(crate) servers: Vec<WrittenServer>,
    pub(crate) persistent_store: Option<WrittenPersistentStore>,
    pub(crate) cluster_tls: Leaf<String>,
    pub(crate) session_config: Option<WrittenSessionConfig>,
    pub(crate) web_apps: Vec<WrittenWebApp>,
    pub(crate) rules: Vec<WrittenRule>,
    pub(crate) hosts: Vec<WrittenHost>,
    /// Where keys stand that only servers of ours, or only one tier, can have.
    pub(crate) key_places: Vec<(&'static str, Place)>,
}

impl WrittenCluster {
    /// Reads one entry of `cluster`.
    pub(crate) fn read<'t>(
        name: &str,
        place: Place,
        value: &'t Value<'t>,
        findings: &'t Findings<'t>,
    ) -> Option<Self> {
        if let Err(problem) = plain_name(name, "a cluster name", FindingRule::InvalidClusterName) {
            findings.add(problem.at(findings.text, place, name));
        }
        let Some(entries) = value.get_ref().as_table() else {
            let message = format!("the cluster {} must be a table", quoted(name));
            let hint = format!("write `[cluster.{name}]`, with one bracket");
            findings.add(Finding::error(FindingRule::WrongType, place, message).hint(hint));
            return None;
        };
        let table = Table::new(entries, value.span().into(), Section::Cluster, findings);
        let tiers = [("web", Tier::Web), ("app", Tier::App)];
        let protocols = [("copal", Protocol::Copal), ("http", Protocol::Http)];
        let key_places =
            ["tier", "session-config", "persistent-store", "web-app", "rewrite-dispatch", "host"];
        let read = Self {
            name: name.to_owned(),
            place,
            tier: table.choice("tier", &tiers),
            protocol: table.choice("protocol", &protocols),
            session_cookie: table.parsed("session-cookie", cookie_name),
            ssl_session_cookie: table.parsed("ssl-session-cookie", cookie_name),
            session_url_prefix: table.parsed("session-url-prefix", url_prefix),
            sticky_sessions: table.flag("sticky-sessions"),
            strategy: table.choice("strategy", &STRATEGIES),
            servers: WrittenServer::read_all(&table),
            persistent_store: WrittenPersistentStore::read(&table),
            cluster_tls: table.text("cluster-tls"),
            session_config: WrittenSessionConfig::read(&table),
            web_apps: WrittenWebApp::read_all(&table),
            rules: WrittenRule::read_all(&table),
            hosts: WrittenHost::read_all(&table),
            key_places: key_places
                .into_iter()
                .filter(|key| table.value(key).is_some())
                .map(|key| (key, table.key_place(key)))
                .collect(),
        };
        table.finish();
        Some(read)
    }

    /// Where a key of it stands, when it is written.
    pub(crate) fn key_place(&self, key: &str) -> Option<Place> {
        self.key_places.iter().find(|(known, _)| *known == key).map(|(_, place)| *place)
    }

    /// Which binary runs its servers.
    pub(crate) fn tier(&self) -> Tier {
        self.tier.or(if self.name == "web-tier" { Tier::Web } else { Tier::App })
    }

    /// What its servers speak.
    pub(crate) fn protocol(&self) -> Protocol {
        self.protocol.or(Protocol::Copal)
    }

    /// Whether its one server keeps its sessions on disk.
    pub(crate) fn has_files(&self) -> bool {
        let store = self.persistent_store.as_ref();
        store.is_some_and(|store| matches!(store.kind.given(), Some(StoreKind::File)))
    }

    /// Whether servers have copies of each other's sessions.
    pub(crate) fn has_copies(&self) -> bool {
        let store = self.persistent_store.as_ref();
        store.is_some_and(|store| matches!(store.kind.given(), Some(StoreKind::Cluster)))
    }

    /// Whether no other server has copies of its sessions; `false` too when what was written of
    /// it is broken.
    pub(crate) fn has_no_store(&self) -> bool {
        match &self.persistent_store {
            None => self.key_place("persistent-store").is_none(),
            Some(store) => matches!(store.kind.given(), Some(StoreKind::None)),
        }
    }
}
