//! A virtual host as it was written.

use regex::Regex;

use crate::finding::Finding;
use crate::finding_rule::FindingRule;
use crate::host::HostName;
use crate::place::Place;
use crate::written::leaf::Leaf;
use crate::written::name::host_name;
use crate::written::regexp::for_host;
use crate::written::rule::WrittenRule;
use crate::written::section::Section;
use crate::written::table::Table;
use crate::written::web_app::WrittenWebApp;

/// A virtual host as it was written.
pub(crate) struct WrittenHost {
    pub(crate) place: Place,
    /// `name` first, then every `alias`; only the good ones.
    pub(crate) names: Vec<(HostName, Place)>,
    pub(crate) regexp: Leaf<Regex>,
    pub(crate) rules: Vec<WrittenRule>,
    pub(crate) web_apps: Vec<WrittenWebApp>,
}

impl WrittenHost {
    /// Reads the hosts of a cluster.
    pub(crate) fn read_all(cluster: &Table<'_>) -> Vec<Self> {
        cluster.tables("host", Section::Host).into_iter().map(Self::read).collect()
    }

    fn read(table: Table<'_>) -> Self {
        let name = table.parsed("name", host_name);
        let regexp = table.parsed("regexp", for_host);
        let aliases = table.list("alias", host_name);
        let no_alias = match table.value("alias").map(|value| value.get_ref().as_array()) {
            None => true,
            Some(list) => list.is_some_and(|list| list.is_empty()),
        };
        if name.is_absent() && regexp.is_absent() && no_alias {
            let message = "the host has neither `name` nor `regexp`, so nothing would choose it";
            table.findings.add(Finding::error(FindingRule::MissingKey, table.place, message).hint(
                "rules and web-apps of the default host stand in the cluster itself, as \
                     `[[cluster.NAME.rewrite-dispatch]]` and `[[cluster.NAME.web-app]]`",
            ));
        }
        let first = match name {
            Leaf::Given(name, place) => Some((name, place)),
            Leaf::Absent | Leaf::Broken(_) => None,
        };
        let read = Self {
            place: table.place,
            names: first.into_iter().chain(aliases).collect(),
            regexp,
            rules: WrittenRule::read_all(&table),
            web_apps: WrittenWebApp::read_all(&table),
        };
        table.finish();
        read
    }
}
