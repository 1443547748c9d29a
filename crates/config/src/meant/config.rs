//! The whole configuration.

use std::path::Path;

use crate::config::Config;
use crate::findings::Findings;
use crate::lines::Lines;
use crate::meant::cluster::cluster;
use crate::meant::scope::{Scope, World};
use crate::meant::{id, port, reach, secret, tls};
use crate::written::file::WrittenFile;

/// What the file means. Where something is wrong it is reported and a default stands in its place,
/// so that everything else is checked too; the result counts only when nothing was reported.
pub(crate) fn config(
    file: &WrittenFile,
    folder: &Path,
    world: World<'_>,
    findings: &Findings<'_>,
) -> Config {
    let lines = Lines::of(findings.text);
    let scope = Scope::new(findings, &lines, folder, world, &file.clusters, &file.tls);
    reach::check(&scope);
    id::check(&scope);
    port::check(&scope);
    tls::check(&scope);
    Config {
        secret: secret::secret(&file.secret, &scope),
        workers: file.workers.given().copied(),
        run_dir: scope.path(&file.run_dir.or("run".to_owned())),
        log: file.log,
        limits: file.limits.clone(),
        clusters: file.clusters.iter().map(|written| cluster(written, &scope)).collect(),
    }
}
