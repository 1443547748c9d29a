//! A web tier, two app servers and the demo application.

use copal_testkit::cluster::Cluster;
use copal_testkit::recipe::Recipe;
use copal_testkit::response::Response;
use copal_testkit::visitor::Visitor;
use serde_json::Value;

/// The cluster, and a visitor at its door.
pub(crate) fn start() -> (Cluster, Visitor) {
    let cluster = Cluster::start(Recipe::example("one_balancer_two_backends"));
    let visitor = Visitor::new(cluster.port(8080));
    (cluster, visitor)
}

/// The body as JSON.
pub(crate) fn json(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap_or_else(|why| panic!("{why}: {response:?}"))
}
