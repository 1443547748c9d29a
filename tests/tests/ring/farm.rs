//! A web tier before three app servers that hold copies of each other's sessions.

use std::collections::BTreeMap;

use copal_protocol::state::State;
use copal_testkit::cluster::Cluster;
use copal_testkit::recipe::Recipe;

use crate::crowd::User;
use crate::seen::json;

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

/// Before this stand the app servers.
pub(crate) const WEB_APP: &str = "\n[[cluster.app-tier.web-app]]";

/// One more of them.
pub(crate) const FOURTH: &str =
    "\n[[cluster.app-tier.server]]\nid = \"app-d\"\nindex = 3\nport = 6803\n";

/// The file with one server more.
pub(crate) fn with_fourth() -> Recipe {
    recipe().replaced(WEB_APP, &format!("{FOURTH}{WEB_APP}"))
}

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

/// A user of a server whose session id begins like this. That takes as long as the server hears that the
/// others are ready.
pub(crate) fn user_at(cluster: &Cluster, app: &str, letters: &str) -> User {
    let mut found = None;
    let waited = cluster.server(app).wait_until(|| {
        found = Some(User::new(door(cluster, app))).filter(|user| user.id().starts_with(letters));
        found.is_some()
    });
    waited.expect("a session of these letters");
    found.expect("a session of these letters")
}

/// Waits until a server, at its cluster port, says that it hears another one.
pub(crate) fn hears(cluster: &Cluster, app: &str, port: u16, other: &str) {
    let hears = || !unheard(cluster, port).iter().any(|one| one == other);
    cluster.server(app).wait_until(hears).unwrap_or_else(|why| panic!("{app} {other}: {why}"));
}

/// Whom a server, at its cluster port, says that it does not hear.
pub(crate) fn unheard(cluster: &Cluster, port: u16) -> Vec<String> {
    let ready = copal_testkit::raw::get(cluster.port(port), "/.copal/ready");
    serde_json::from_value(json(&ready)["unheard"].clone()).expect("names of servers")
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

/// How often something happened in the ring of a server that has this name.
pub(crate) fn happened(cluster: &Cluster, app: &str, event: &str) -> u64 {
    sample(cluster, app, &format!("copal_app_ring_events_total{{event=\"{event}\"}} "))
}

fn sample(cluster: &Cluster, app: &str, series: &str) -> u64 {
    let metrics = cluster.desk(app).get("/metrics").text();
    let value = metrics.lines().find_map(|line| line.strip_prefix(series)?.parse().ok());
    value.unwrap_or_else(|| panic!("no {series} in {metrics}"))
}
