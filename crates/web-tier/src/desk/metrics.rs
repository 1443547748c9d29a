//! The figures of a web-tier server, as Prometheus reads them.

use std::sync::atomic::Ordering;
use std::time::UNIX_EPOCH;

use copal_protocol::state::State;
use copal_serve::exposition::Exposition;

use crate::balance::cluster::Cluster;
use crate::balance::server::Server;
use crate::desk::figures::{Figures, ServerFigures};
use crate::desk::reload::Reloads;
use crate::site::Site;
use crate::tally::{Again, Fault, Unanswered};

/// The figures; every one of them is explained in `docs/metrics.md`.
pub(crate) fn metrics(site: &Site, reloads: &Reloads) -> String {
    let mut out = Exposition::default();
    process(&mut out, site, reloads);
    requests(&mut out, site);
    clusters(&mut out, site);
    servers(&mut out, site);
    out.into_text()
}

fn process(out: &mut Exposition, site: &Site, reloads: &Reloads) {
    let household = &site.household;
    let connections = u64::try_from(household.cap.open()).unwrap_or(u64::MAX);
    out.gauge("copal_web_connections", "Client connections that are open.")
        .sample(&[], connections);
    let max = u64::try_from(household.cap.max()).unwrap_or(u64::MAX);
    out.gauge("copal_web_connections_max", "Client connections that may be open.").sample(&[], max);
    out.counter("copal_web_reloads_total", "Times that the file was read again and taken.")
        .sample(&[], reloads.taken);
    out.gauge("copal_web_last_reload_successful", "1 unless the last reading was refused.")
        .sample(&[], u64::from(reloads.error.is_none()));
    let began = copal_serve::clock::wall().checked_sub(household.age());
    let began = began.and_then(|began| began.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    out.gauge("copal_web_process_start_time_seconds", "When the server began, since 1970.")
        .sample(&[], began.as_secs_f64());
}

fn requests(out: &mut Exposition, site: &Site) {
    let figures = Figures::of(site);
    out.counter("copal_web_connections_total", "Client connections that were taken.")
        .sample(&[], figures.connections);
    let mut answers =
        out.counter("copal_web_requests_total", "Requests by the class of their answer.");
    for (code, count) in ["1xx", "2xx", "3xx", "4xx", "5xx"].into_iter().zip(figures.answers) {
        answers.sample(&[("code", code)], count);
    }
    out.counter("copal_web_refused_requests_total", "Requests whose head was refused.")
        .sample(&[], figures.refused);
    let mut unanswered = out.counter(
        "copal_web_unanswered_requests_total",
        "Requests that no server answered, or not to its end, by reason.",
    );
    for ((_, reason), count) in Unanswered::ALL.into_iter().zip(figures.unanswered) {
        unanswered.sample(&[("reason", reason)], count);
    }
    let mut again =
        out.counter("copal_web_second_tries_total", "Requests sent to another server, by reason.");
    for ((_, reason), count) in Again::ALL.into_iter().zip(figures.again) {
        again.sample(&[("reason", reason)], count);
    }
    out.counter(
        "copal_web_second_tries_refused_total",
        "Requests that were not sent again because the retry budget was spent.",
    )
    .sample(&[], site.household.budget_spent.load(Ordering::Relaxed));
}

fn clusters(out: &mut Exposition, site: &Site) {
    let mut unknown = out.counter(
        "copal_web_sticky_unknown_total",
        "Requests with a session id that names no server of the cluster.",
    );
    for cluster in balanced(site) {
        unknown.sample(&[("cluster", &cluster.name)], cluster.course.sticky_unknown());
    }
}

fn servers(out: &mut Exposition, site: &Site) {
    let servers: Vec<(&Cluster, &Server, ServerFigures)> = balanced(site)
        .flat_map(|cluster| cluster.servers.iter().map(move |server| (cluster, server)))
        .map(|(cluster, server)| (cluster, server, ServerFigures::of(&server.record)))
        .collect();
    let mut states =
        out.gauge("copal_web_server_state", "1 for the state that a server is in, as we see it.");
    for (cluster, server, _) in &servers {
        let now = server.shown_state();
        for state in State::ALL {
            let labels =
                [("cluster", &*cluster.name), ("server", &*server.id), ("state", state.as_str())];
            states.sample(&labels, u64::from(state == now));
        }
    }
    let mut weights =
        out.gauge("copal_web_server_weight", "The share of new sessions, as written.");
    for (cluster, server, _) in &servers {
        weights.sample(&labels(cluster, server), u64::from(server.settings.weight));
    }
    let mut flying =
        out.gauge("copal_web_server_in_flight_requests", "Requests that a server is answering.");
    for (cluster, server, _) in &servers {
        flying.sample(&labels(cluster, server), u64::from(server.record.in_flight()));
    }
    let mut waiting = out
        .gauge("copal_web_server_queued_requests", "Requests that wait for a place on a server.");
    for (cluster, server, _) in &servers {
        waiting.sample(&labels(cluster, server), u64::from(server.record.places.waiting()));
    }
    let mut sent =
        out.counter("copal_web_server_requests_total", "Requests that were sent to a server.");
    for (cluster, server, figures) in &servers {
        sent.sample(&labels(cluster, server), figures.requests);
    }
    let mut failures =
        out.counter("copal_web_server_failures_total", "Tries that a server failed, by fault.");
    for (cluster, server, figures) in &servers {
        for ((_, fault), count) in Fault::ALL.into_iter().zip(figures.failures) {
            let labels = [("cluster", &*cluster.name), ("server", &*server.id), ("fault", fault)];
            failures.sample(&labels, count);
        }
    }
    let mut times = out.histogram(
        "copal_web_server_first_byte_seconds",
        "From the sending of a request to the head of its answer.",
    );
    for (cluster, server, figures) in &servers {
        times.sample(&labels(cluster, server), &figures.first_byte);
    }
}

/// Those that have servers which can be balanced to.
fn balanced(site: &Site) -> impl Iterator<Item = &Cluster> {
    site.clusters.iter().filter(|cluster| !cluster.servers.is_empty())
}

fn labels<'l>(cluster: &'l Cluster, server: &'l Server) -> [(&'l str, &'l str); 2] {
    [("cluster", &cluster.name), ("server", &server.id)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_site::site;

    #[test]
    fn every_figure_is_described() {
        let described = include_str!("../../../../docs/metrics.md");
        let text = metrics(&site(), &Reloads::default());
        let names: Vec<&str> = (text.lines())
            .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
            .collect();
        assert!(names.len() > 15, "{text}");
        for name in names {
            assert!(described.contains(&format!("`{name}`")), "{name} is not in docs/metrics.md");
        }
    }
}
