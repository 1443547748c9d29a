//! A web tier before servers of the test's own.

use copal_testkit::cluster::Cluster;
use copal_testkit::raw::{Raw, ask, get};
use copal_testkit::recipe::Recipe;
use copal_testkit::response::Response;

const WEB: &str = r#"
[[cluster.web-tier.server]]
id = "web-a"
http = [{ address = "127.0.0.1", port = 8080 }]

[[cluster.web-tier.rewrite-dispatch]]
load-balance = "farm"

[cluster.farm]
"#;

/// Session letters by which a request belongs to the first server, then to the second, then to
/// the third.
pub(crate) const BOUND: &str = ";jsessionid=abc";

/// `web-a` before the HTTP servers `a`, `b`, … of the cluster `farm`: each with its port, which is
/// taken as it is, and its own keys.
pub(crate) fn foreign(keys: &str, servers: &[(u16, &str)]) -> Recipe {
    recipe(&format!("protocol = \"http\"\n{keys}"), servers)
}

/// The same with servers that pass for ours, which nobody checks.
pub(crate) fn ours(servers: &[(u16, &str)]) -> Recipe {
    recipe("server-default = { health-check = false }\nweb-app = [{ app = \"demo\" }]", servers)
}

fn recipe(keys: &str, servers: &[(u16, &str)]) -> Recipe {
    let mut text = format!("{WEB}{keys}\n");
    for (id, (written, (_, keys))) in ('a'..).zip((9001..).zip(servers)) {
        text.push_str(&format!(
            "\n[[cluster.farm.server]]\nid = \"{id}\"\nport = {written}\n{keys}\n"
        ));
    }
    let ports = (9001..).zip(servers);
    ports.fold(Recipe::text(&text), |recipe, (written, (actual, _))| {
        recipe.with_port(written, *actual)
    })
}

/// Starts `web-a` alone; the other servers are the test's own.
pub(crate) fn start(recipe: Recipe) -> Cluster {
    let mut cluster = Cluster::prepare(recipe);
    cluster.start_server("web-a");
    cluster
}

/// The texts that so many new visitors are answered one after the other.
pub(crate) fn visits(cluster: &Cluster, count: usize) -> Vec<String> {
    (0..count).map(|_| get(cluster.port(8080), "/").text()).collect()
}

/// The text that the owner of a session on the first server is answered.
pub(crate) fn bound(cluster: &Cluster) -> String {
    get(cluster.port(8080), &format!("/{BOUND}")).text()
}

/// How often `name` stands in `names`.
pub(crate) fn count(names: &[String], name: &str) -> usize {
    names.iter().filter(|other| *other == name).count()
}

/// The answer to a request with a body that belongs to the first server.
pub(crate) fn send_bound(cluster: &Cluster, method: &str, body: &str) -> Response {
    ask(cluster.port(8080), request(method, &format!("/{BOUND}"), body))
}

/// A request with a body, after which the connection goes on.
pub(crate) fn request(method: &str, path: &str, body: &str) -> String {
    let length = body.len();
    format!("{method} {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{body}")
}

/// A client that has asked and not been answered yet.
pub(crate) fn asking(cluster: &Cluster, request: &str) -> Raw {
    let mut client = Raw::connect(cluster.port(8080));
    client.send(request);
    client
}
