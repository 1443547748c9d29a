//! One web-tier server with one worker thread, so that all connections share one pool.

use copal_testkit::cluster::Cluster;
use copal_testkit::origin::Origin;
use copal_testkit::recipe::{BALANCER, Recipe};

/// The balancer with one worker thread.
pub(crate) fn text() -> String {
    format!("workers = 1\n{BALANCER}")
}

/// Starts the web tier before `origin`.
pub(crate) fn balancer(origin: &Origin) -> Cluster {
    Cluster::start(Recipe::text(&text()).with_port(9001, origin.port()))
}
