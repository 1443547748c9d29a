//! What the checks of one value may look at beside it.

use std::path::{Path, PathBuf};

use crate::cluster_index::ClusterIndex;
use crate::environment::Environment;
use crate::findings::Findings;
use crate::lines::Lines;
use crate::place::Place;
use crate::written::cluster::WrittenCluster;
use crate::written::quote::quoted;
use crate::written::server::WrittenServer;
use crate::written::tls::WrittenTls;

/// What stands outside the file.
#[derive(Clone, Copy)]
pub(crate) struct World<'s> {
    pub(crate) environment: &'s dyn Environment,
    /// The applications that are compiled in; `None`: any may be.
    pub(crate) applications: Option<&'s [&'s str]>,
}

/// What the checks of one value may look at beside it.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'s> {
    pub(crate) findings: &'s Findings<'s>,
    lines: &'s Lines,
    folder: &'s Path,
    pub(crate) world: World<'s>,
    pub(crate) clusters: &'s [WrittenCluster],
    pub(crate) tls: &'s [WrittenTls],
}

impl<'s> Scope<'s> {
    pub(crate) fn new(
        findings: &'s Findings<'s>,
        lines: &'s Lines,
        folder: &'s Path,
        world: World<'s>,
        clusters: &'s [WrittenCluster],
        tls: &'s [WrittenTls],
    ) -> Self {
        Self { findings, lines, folder, world, clusters, tls }
    }

    /// The line of a place, from 1.
    pub(crate) fn line(&self, place: Place) -> usize {
        self.lines.line(place.start)
    }

    /// A server in a message: by its id or, when it has no good one, by its line.
    pub(crate) fn server(&self, server: &WrittenServer) -> String {
        match server.id.given() {
            Some(id) => format!("the server {}", quoted(id)),
            None => format!("the server in line {}", self.line(server.place)),
        }
    }

    /// A path of the file, which starts at the file's folder.
    pub(crate) fn path(&self, written: &str) -> PathBuf {
        self.folder.join(written)
    }

    /// The cluster with this name.
    pub(crate) fn cluster(&self, name: &str) -> Option<(ClusterIndex, &'s WrittenCluster)> {
        let at = self.clusters.iter().position(|cluster| cluster.name == name)?;
        Some((ClusterIndex(at), self.clusters.get(at)?))
    }
}
