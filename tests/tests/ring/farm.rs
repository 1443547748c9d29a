//! A web tier before three app servers that hold copies of each other's sessions.

use std::collections::BTreeMap;

use copal_protocol::state::State;
use copal_testkit::cluster::Cluster;
use copal_testkit::recipe::Recipe;

const TEXT: &str = r#"
secret = "a secret of thirty-two characters"

[[cluster.web-tier.server]]
id = "web-a"
http = [{ address = "127.0.0.1", port = 8080 }]

[[cluster.web-tier.rewrite-dispatch]]
load-balance = "app-tier"

[cluster.app-tier]
persistent-store = { type = "cluster" }
server-default = { load-balance-warmup-time = "0s" }

[[cluster.app-tier.server]]
id = "app-a"
port = 6800
http = [{ address = "127.0.0.1", port = 8081 }]

[[cluster.app-tier.server]]
id = "app-b"
port = 6801
http = [{ address = "127.0.0.1", port = 8082 }]

[[cluster.app-tier.server]]
id = "app-c"
port = 6802
http = [{ address = "127.0.0.1", port = 8083 }]

[[cluster.app-tier.web-app]]
path = "/"
app = "demo"
"#;

/// The app servers.
pub(crate) const APPS: [&str; 3] = ["app-a", "app-b", "app-c"];

/// The file of all tests here.
pub(crate) fn recipe() -> Recipe {
    Recipe::text(TEXT)
}

/// All servers, once they are ready.
pub(crate) fn start() -> Cluster {
    start_with(recipe())
}

/// The same with another file.
pub(crate) fn start_with(recipe: Recipe) -> Cluster {
    let cluster = Cluster::start(recipe);
    APPS.iter().for_each(|app| is_ready(&cluster, app));
    cluster
}

/// Waits until a server has joined and the web tier uses it.
pub(crate) fn is_ready(cluster: &Cluster, app: &str) {
    cluster.wait_status(app, "it has joined", |status| status.state == State::Ready);
    cluster.wait_state("web-a", app, State::Ready);
}

/// Where a server is asked without the web tier.
pub(crate) fn door(cluster: &Cluster, app: &str) -> u16 {
    let doors = BTreeMap::from([("app-a", 8081), ("app-b", 8082), ("app-c", 8083)]);
    cluster.port(doors.get(app).copied().unwrap_or_else(|| panic!("no door of {app}")))
}

/// Waits until no session of these servers is short of copies.
pub(crate) fn are_whole(cluster: &Cluster, apps: &[&str]) {
    for app in apps {
        cluster.wait_status(app, "no session is short of copies", |status| {
            status.short_of_copies == Some(0)
        });
    }
}

/// How many answers of this class a server has given: `5xx`, for one.
pub(crate) fn answered(cluster: &Cluster, app: &str, class: &str) -> u64 {
    sample(cluster, app, &format!("copal_app_requests_total{{code=\"{class}\"}} "))
}

/// Waits until a server answers so many requests at once.
pub(crate) fn runs(cluster: &Cluster, app: &str, count: u64) {
    let runs = || sample(cluster, app, "copal_app_requests_in_flight ") == count;
    cluster.server(app).wait_until(runs).expect("requests in flight");
}

/// The value of a series of a server's metrics.
pub(crate) fn sample(cluster: &Cluster, app: &str, series: &str) -> u64 {
    let metrics = cluster.desk(app).get("/metrics").text();
    let value = metrics.lines().find_map(|line| line.strip_prefix(series)?.parse().ok());
    value.unwrap_or_else(|| panic!("no {series} in {metrics}"))
}
