//! Whether a server is the last of its cluster that takes requests.

use copal_protocol::state::State;
use copal_protocol::status::{BalancedServer, Status};

/// The web servers of `told` for which `id` is the last server of its cluster that takes new
/// requests. What its neighbours say of themselves counts too, when it is in `told`: web servers
/// hear of a change a moment later.
#[must_use]
pub fn last_for<'s>(id: &str, told: &[&'s Status]) -> Vec<&'s str> {
    let is_last = |status: &&&Status| {
        let own = status.servers.iter().find(|server| server.id == id);
        own.is_some_and(|own| own.state != State::Down && !has_another(own, status, told))
    };
    told.iter().filter(is_last).map(|status| status.server.as_str()).collect()
}

fn has_another(own: &BalancedServer, web: &Status, told: &[&Status]) -> bool {
    web.servers
        .iter()
        .filter(|server| server.cluster == own.cluster && server.id != own.id)
        .filter(|server| takes_new_requests(server.state))
        .any(|server| {
            let itself = told.iter().find(|status| status.server == server.id);
            itself.is_none_or(|status| takes_new_requests(status.state))
        })
}

const fn takes_new_requests(state: State) -> bool {
    matches!(state, State::Ready | State::Warming)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// What the web server `web-a` says when it sees `app` servers and servers of another cluster.
    fn status(app: &[(&str, State)]) -> Status {
        let server = |cluster: &str, id: &str, state: State| {
            json!({ "cluster": cluster, "id": id, "protocol": "copal", "address": "127.0.0.1:1",
                "state": state, "weight": 100, "in_flight": 0, "queued": 0, "requests": 0,
                "requests_per_second": 0.0, "failures": 0, "p50_microseconds": 0,
                "p99_microseconds": 0 })
        };
        let app = app.iter().map(|(id, state)| server("app", id, *state));
        let other = std::iter::once(server("other", "x", State::Ready));
        let status = json!({ "server": "web-a", "cluster": "web", "tier": "web", "version": "1",
            "pid": 1, "uptime_seconds": 1, "state": "ready",
            "servers": app.chain(other).collect::<Vec<_>>() });
        serde_json::from_value(status).unwrap()
    }

    #[test]
    fn the_last_one_has_nobody_beside_it_that_takes_new_requests() {
        use State::{Down, Drain, Evict, Joining, Leaving, Maintenance, Ready, Warming};
        #[rustfmt::skip]
        let table: [(State, &[State], bool); 9] = [
            // it          the others                                        last?
            (Ready,        &[],                                              true),
            (Ready,        &[Ready],                                         false),
            (Ready,        &[Down, Warming],                                 false),
            (Warming,      &[Down, Maintenance, Drain, Evict],               true),
            (Ready,        &[Joining, Leaving],                              true),
            (Drain,        &[Down],                                          true),
            (Maintenance,  &[Down],                                          true),
            (Down,         &[Down],                                          false),
            (Drain,        &[Ready, Down],                                   false),
        ];
        for (own, others, is_last) in table {
            let ids = ["b", "c", "d", "e"];
            let others = ids.into_iter().zip(others.iter().copied());
            let servers: Vec<_> = std::iter::once(("a", own)).chain(others).collect();
            let status = status(&servers);
            assert_eq!(last_for("a", &[&status]), is_last.then_some("web-a").as_slice());
        }
    }

    #[test]
    fn a_neighbour_that_was_drained_a_moment_ago_does_not_count() {
        let web = status(&[("a", State::Ready), ("b", State::Ready)]);
        let neighbour = |state| Status { server: "b".to_owned(), state, ..status(&[]) };
        assert_eq!(last_for("a", &[&web, &neighbour(State::Drain)]), ["web-a"]);
        assert!(last_for("a", &[&web, &neighbour(State::Ready)]).is_empty());
    }

    #[test]
    fn web_servers_are_named_that_see_it_so() {
        let (lonely, not) = (status(&[("a", State::Ready)]), status(&[]));
        assert_eq!(last_for("a", &[&lonely, &not]), ["web-a"]);
        assert!(last_for("a", &[]).is_empty());
    }
}
