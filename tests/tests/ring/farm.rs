//! A web tier before three app servers that hold copies of each other's sessions.

use std::sync::Arc;

use copal_protocol::state::State;
use copal_protocol::status::Status;
use copal_testkit::cluster::Cluster;
use copal_testkit::door::Door;
use copal_testkit::network::Network;
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

const THIRD: &str = r#"
[[cluster.app-tier.server]]
id = "app-c"
port = 6802
http = [{ address = "127.0.0.1", port = 8083 }]
"#;
/// The app servers where there are two.
pub(crate) const TWO: [&str; 2] = ["app-a", "app-b"];

/// The same file without the third server.
pub(crate) fn two() -> Recipe {
    recipe().replaced(THIRD, "")
}

/// The same with more in the table of the store, and in the session-config.
pub(crate) fn keeping(recipe: Recipe, store: &str, sessions: &str) -> Recipe {
    let before = "persistent-store = { type = \"cluster\" }";
    let after = format!("persistent-store = {{ type = \"cluster\"{store} }}");
    recipe.replaced(before, &format!("{after}\nsession-config = {{ {sessions} }}"))
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
    start_these(recipe, &APPS)
}

/// The same with these app servers.
pub(crate) fn start_these(recipe: Recipe, apps: &[&str]) -> Cluster {
    let cluster = Cluster::start(recipe);
    apps.iter().for_each(|app| is_ready(&cluster, app));
    cluster
}

/// Waits until a server has joined and the web tier uses it.
pub(crate) fn is_ready(cluster: &Cluster, app: &str) {
    cluster.wait_status(app, "it has joined", |status| status.state == State::Ready);
    cluster.wait_state("web-a", app, State::Ready);
}

/// The servers of a file in a network, each at a place of its own, once they are ready. What is done
/// with them is done where the web tier is. Nothing is done where tests may not make networks.
pub(crate) fn apart(
    recipe: Recipe,
    apps: &[&str],
    what: impl FnOnce(&mut Cluster, &Network) + Send,
) {
    let places: Vec<&str> = ["web-a"].into_iter().chain(apps.iter().copied()).collect();
    let Some(network) = Network::of(&places) else { return };
    let network = Arc::new(network);
    let recipe = apps.iter().fold(recipe, |recipe, app| {
        let (id, address) = (format!("id = \"{app}\"\n"), network.address(app));
        recipe.replaced(&id, &format!("{id}address = \"{address}\"\n"))
    });
    let recipe = apps.iter().fold(recipe, |recipe, app| {
        let public = |address| format!("address = \"{address}\", port = {}", door_of(app));
        recipe.replaced(&public("127.0.0.1"), &public("0.0.0.0"))
    });
    network.within("web-a", || {
        let mut cluster = Cluster::start_on(Arc::clone(&network), recipe);
        apps.iter().for_each(|app| is_ready(&cluster, app));
        what(&mut cluster, &network);
    });
}

/// Where a server is asked without the web tier.
pub(crate) fn door(cluster: &Cluster, app: &str) -> Door {
    cluster.door(app, door_of(app))
}

fn door_of(app: &str) -> u16 {
    let doors = [("app-a", 8081), ("app-b", 8082), ("app-c", 8083)];
    let found = doors.into_iter().find(|(id, _)| *id == app);
    found.unwrap_or_else(|| panic!("no door of {app}")).1
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

/// Waits until these servers are ready, no session is short of copies, and there are so many in all,
/// each with one copy: nothing is left over anywhere.
pub(crate) fn are_at_rest(cluster: &Cluster, apps: &[&str], sessions: usize) {
    let mut seen = Vec::new();
    let rest = || {
        seen = apps.iter().map(|app| cluster.desk(app).status()).collect();
        let sum = |of: fn(&Status) -> Option<u64>| seen.iter().filter_map(of).sum::<u64>();
        let sums = [sum(|one| one.sessions), sum(|one| one.copies)];
        seen.iter().all(|one| one.state == State::Ready && one.short_of_copies == Some(0))
            && sums == [sessions as u64; 2]
    };
    let waited = cluster.server(apps[0]).wait_until(rest);
    waited.unwrap_or_else(|why| panic!("no rest with {sessions} sessions: {why}; {seen:?}"));
}

/// How often something has happened in the ring, on all of these servers.
pub(crate) fn events(cluster: &Cluster, apps: &[&str], event: &str) -> u64 {
    let series = format!("copal_app_ring_events_total{{event=\"{event}\"}} ");
    apps.iter().map(|app| sample(cluster, app, &series)).sum()
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

/// How often this happened in the ring of a server.
pub(crate) fn happened(cluster: &Cluster, app: &str, event: &str) -> u64 {
    sample(cluster, app, &format!("copal_app_ring_events_total{{event=\"{event}\"}} "))
}

/// One figure of a server.
pub(crate) fn sample(cluster: &Cluster, app: &str, series: &str) -> u64 {
    let metrics = cluster.desk(app).get("/metrics").text();
    let value = metrics.lines().find_map(|line| line.strip_prefix(series)?.parse().ok());
    value.unwrap_or_else(|| panic!("no {series} in {metrics}"))
}
