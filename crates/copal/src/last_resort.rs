//! Clusters in which no server is in service, so that others are used all the same.

use copal_protocol::state::State;

use crate::printable::first_line;
use crate::seen::{Seen, View};

/// A line for each cluster in which no server is in service, as some web server sees it.
#[must_use]
pub fn notes(seen: &[Seen]) -> Vec<String> {
    let mut clusters: Vec<&str> = Vec::new();
    for server in seen {
        if !clusters.contains(&server.cluster.as_str()) {
            clusters.push(&server.cluster);
        }
    }
    clusters.into_iter().filter_map(|cluster| note(cluster, seen)).collect()
}

fn note(cluster: &str, seen: &[Seen]) -> Option<String> {
    let servers: Vec<&Seen> = seen.iter().filter(|server| server.cluster == cluster).collect();
    let mut all: Vec<&str> = Vec::new();
    for view in servers.iter().flat_map(|server| &server.views) {
        if !all.contains(&view.by.as_str()) {
            all.push(&view.by);
        }
    }
    let states = |by: &str| {
        let views = servers.iter().filter_map(|server| view_by(server, by));
        views.map(|view| view.state).collect::<Vec<_>>()
    };
    let is_lonely = |by: &&str| states(by).iter().all(|state| unwillingness(*state) > 0);
    let lonely: Vec<&str> = all.iter().copied().filter(is_lonely).collect();
    // Whom each of them uses: all that it gives its requests to least unwillingly.
    let is_used = |server: &&&Seen| {
        lonely.iter().any(|by| {
            let least = states(by).into_iter().map(unwillingness).min();
            view_by(server, by).map(|view| unwillingness(view.state)) == least
        })
    };
    let used: Vec<String> = servers.iter().filter(is_used).map(|one| first_line(&one.id)).collect();
    if used.is_empty() {
        return None;
    }
    let seen_by = if lonely.len() == all.len() {
        String::new()
    } else {
        format!(", as {} sees it", lonely.join(", "))
    };
    let are = if used.len() == 1 { "is" } else { "are" };
    // An error is worse than a vain try.
    let is_vain = lonely.iter().all(|by| states(by).iter().all(|state| *state == State::Down));
    let used_or_tried = if is_vain { "tried" } else { "used" };
    Some(format!(
        "{}: no server is ready{seen_by}; {} {are} {used_or_tried} as a last resort",
        first_line(cluster),
        used.join(", ")
    ))
}

fn view_by<'s>(server: &'s Seen, by: &str) -> Option<&'s View> {
    server.views.iter().find(|view| view.by == by)
}

/// The order in which web servers fall back on servers that are not in service; 0 for those that
/// are.
const fn unwillingness(state: State) -> u8 {
    match state {
        State::Ready | State::Warming => 0,
        State::Drain => 1,
        State::Evict => 2,
        State::Joining => 3,
        State::Leaving => 4,
        State::Maintenance => 5,
        State::Down => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use State::{Down, Drain, Evict, Leaving, Maintenance, Ready, Warming};

    fn server(id: &str, views: &[(&str, State)]) -> Seen {
        let view =
            |(by, state): &(&str, State)| View { by: (*by).to_owned(), state: *state, why: None };
        Seen {
            cluster: "app-tier".to_owned(),
            id: id.to_owned(),
            is_backup: false,
            views: views.iter().map(view).collect(),
            weights: vec![100],
            in_flight: 0,
            queued: 0,
            requests_per_second: 0.0,
            requests: 0,
            failures: 0,
            p50_microseconds: 0,
            p99_microseconds: 0,
        }
    }

    #[test]
    fn those_are_named_that_are_used_all_the_same() {
        #[rustfmt::skip]
        let table: [([State; 3], Option<&str>); 8] = [
            // the servers a, b, c                    who is used
            ([Ready, Down, Down],                     None),
            ([Warming, Maintenance, Maintenance],     None),
            ([Maintenance, Maintenance, Maintenance], Some("a, b, c are used")),
            ([Down, Drain, Maintenance],              Some("b is used")),
            ([Evict, Leaving, Evict],                 Some("a, c are used")),
            ([Maintenance, Leaving, Down],            Some("b is used")),
            ([Down, Maintenance, Down],               Some("b is used")),
            ([Down, Down, Down],                      Some("a, b, c are tried")),
        ];
        for (states, used) in table {
            let servers = ["a", "b", "c"].into_iter().zip(states);
            let seen: Vec<Seen> =
                servers.map(|(id, state)| server(id, &[("web-a", state)])).collect();
            let line = |used| format!("app-tier: no server is ready; {used} as a last resort");
            assert_eq!(notes(&seen), Vec::from_iter(used.map(line)), "{states:?}");
        }
        assert!(notes(&[]).is_empty());
    }

    #[test]
    fn a_web_server_that_stands_alone_with_it_is_named() {
        let seen = [
            server("a", &[("web-a", Ready), ("web-b", Down)]),
            server("b", &[("web-a", Ready), ("web-b", Drain)]),
            Seen { cluster: "other".to_owned(), ..server("c", &[("web-a", Ready)]) },
        ];
        let line = "app-tier: no server is ready, as web-b sees it; b is used as a last resort";
        assert_eq!(notes(&seen), [line]);
    }

    #[test]
    fn clusters_are_looked_at_apart() {
        let other = Seen { cluster: "other".to_owned(), ..server("b", &[("web-a", Ready)]) };
        let seen = [server("a", &[("web-a", Drain)]), other];
        assert_eq!(notes(&seen), ["app-tier: no server is ready; a is used as a last resort"]);
    }
}
