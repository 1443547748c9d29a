//! A web tier before two servers of the test's own, of which one is in the file at first.

use copal_testkit::cluster::Cluster;
use copal_testkit::origin::Origin;
use copal_testkit::raw::get;
use copal_testkit::recipe::Recipe;

const TEXT: &str = r#"
[[cluster.web-tier.server]]
id = "web-a"
http = [{ address = "127.0.0.1", port = 8080 }]

[[cluster.web-tier.rewrite-dispatch]]
load-balance = "farm"

[cluster.farm]
protocol = "http"
server-default = { load-balance-warmup-time = "0s" }

[[cluster.farm.server]]
id = "a"
port = 9001
weight = 100
"#;

/// The end of the file with one server, and with two.
pub(crate) const ONE: &str = "weight = 100\n";
pub(crate) const TWO: &str =
    "weight = 100\n\n[[cluster.farm.server]]\nid = \"b\"\nport = 9002\nweight = 100\n";

/// `web-a` before `a` alone; `b` may be added at port 9002.
pub(crate) fn one(a: &Origin, b: &Origin) -> Cluster {
    let recipe = Recipe::text(TEXT).with_port(9001, a.port()).with_port(9002, b.port());
    let mut cluster = Cluster::prepare(recipe);
    cluster.start_server("web-a");
    cluster
}

/// The same before both.
pub(crate) fn two(a: &Origin, b: &Origin) -> Cluster {
    let recipe = Recipe::text(TEXT).replaced(ONE, TWO);
    let recipe = recipe.with_port(9001, a.port()).with_port(9002, b.port());
    let mut cluster = Cluster::prepare(recipe);
    cluster.start_server("web-a");
    cluster
}

/// Changes the file and has it read.
pub(crate) fn change(cluster: &mut Cluster, from: &str, to: &str) {
    cluster.rewrite(from, to);
    cluster.desk("web-a").reload();
}

/// How many of so many new visitors `a` answers.
pub(crate) fn at_a(cluster: &Cluster, count: usize) -> usize {
    let texts = (0..count).map(|_| get(cluster.port(8080), "/").text());
    texts.filter(|text| text == "a").count()
}
