//! The whole file as it was written.

use std::num::NonZeroUsize;

use toml::de::DeTable;

use crate::bounds;
use crate::findings::Findings;
use crate::limits::Limits;
use crate::log::Log;
use crate::place::Place;
use crate::written::cluster::WrittenCluster;
use crate::written::leaf::Leaf;
use crate::written::limits::limits;
use crate::written::log::log;
use crate::written::secret::WrittenSecret;
use crate::written::section::Section;
use crate::written::table::Table;
use crate::written::tls::WrittenTls;
use crate::written::web_app::file_name;

/// The whole file as it was written.
pub(crate) struct WrittenFile {
    pub(crate) secret: Leaf<WrittenSecret>,
    pub(crate) workers: Leaf<NonZeroUsize>,
    pub(crate) run_dir: Leaf<String>,
    pub(crate) log: Log,
    pub(crate) limits: Limits,
    pub(crate) tls: Vec<WrittenTls>,
    pub(crate) clusters: Vec<WrittenCluster>,
}

impl WrittenFile {
    pub(crate) fn read<'t>(root: &'t DeTable<'t>, findings: &'t Findings<'t>) -> Self {
        let top = Table::new(root, Place::default(), Section::Top, findings);
        let read = Self {
            secret: WrittenSecret::read(&top, "secret"),
            workers: top
                .count("workers", bounds::WORKERS)
                .and_then(|number, _| NonZeroUsize::new(number)),
            run_dir: top.parsed("run-dir", file_name),
            log: log(&top),
            limits: limits(&top),
            tls: WrittenTls::read_all(&top),
            clusters: clusters(&top),
        };
        top.finish();
        read
    }
}

fn clusters(top: &Table<'_>) -> Vec<WrittenCluster> {
    let Some(value) = top.value("cluster") else {
        return Vec::new();
    };
    let Some(entries) = value.get_ref().as_table() else {
        top.wrong_type("cluster", value, "a table; write `[cluster.NAME]`");
        return Vec::new();
    };
    entries
        .iter()
        .filter_map(|(key, value)| {
            WrittenCluster::read(key.get_ref(), key.span().into(), value, top.findings)
        })
        .collect()
}
