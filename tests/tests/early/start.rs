//! One web-tier server with one worker thread, so that all connections share one pool.

use copal_testkit::cluster::Cluster;
use copal_testkit::origin::Origin;
use copal_testkit::recipe::Recipe;

/// A web tier before one HTTP server of the test's own.
pub(crate) const BALANCER: &str = r#"
workers = 1

[[cluster.web-tier.server]]
id = "web-a"
http = [{ address = "127.0.0.1", port = 8080 }]

[[cluster.web-tier.rewrite-dispatch]]
load-balance = "backend"

[cluster.backend]
protocol = "http"

[[cluster.backend.server]]
id = "backend-a"
port = 9001
"#;

/// Starts the web tier before `origin`.
pub(crate) fn balancer(origin: &Origin) -> Cluster {
    Cluster::start(Recipe::text(BALANCER).with_port(9001, origin.port()))
}
