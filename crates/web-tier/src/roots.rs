//! The folders of files that the web tier answers from, opened once.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use copal_config::cluster::Cluster;
use copal_serve::files::root::Root;

use crate::error::StartError;

/// The folders of all web-apps, opened once.
#[derive(Debug, Default)]
pub(crate) struct Roots(HashMap<PathBuf, Arc<Root>>);

impl Roots {
    /// Opens the folders of every web-app of the cluster.
    pub(crate) fn open(cluster: &Cluster) -> Result<Self, StartError> {
        let named = cluster.hosts.named.iter().flat_map(|named| &named.host.web_apps);
        let web_apps = cluster.hosts.default.web_apps.iter().chain(named);
        let mut roots = HashMap::new();
        for path in web_apps.filter_map(|web_app| web_app.root.as_ref()) {
            let root = Root::open(path)
                .map_err(|source| StartError::Root { path: path.clone(), source })?;
            roots.insert(path.clone(), Arc::new(root));
        }
        Ok(Self(roots))
    }

    /// The folder at `path`, which is one of the configuration.
    pub(crate) fn get(&self, path: &Path) -> Option<&Arc<Root>> {
        self.0.get(path)
    }
}
