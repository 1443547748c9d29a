//! Finds another port for every listener whose port is taken.

use copal_config::network::Address;

use crate::plan::{Door, Planned};

/// A listener that goes to another port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortMove {
    /// The id of its server.
    pub server: String,
    /// Which of the server's listeners it is.
    pub door: Door,
    /// The port in the file, which another process has.
    pub from: u16,
    /// The next port above it that is free.
    pub to: u16,
}

/// The moves that make every listener of `plan` free, in the order of the plan. A port that the
/// plan names anywhere is never moved to. A listener for which no higher port is free stays.
#[must_use]
pub fn decide(plan: &[Planned], is_taken: impl Fn(&Address, u16) -> bool) -> Vec<PortMove> {
    let listeners = || plan.iter().flat_map(|server| &server.listeners);
    let mut spoken_for: Vec<u16> = listeners().map(|listener| listener.port).collect();
    let mut moves = Vec::new();
    for server in plan {
        for listener in &server.listeners {
            if !is_taken(&listener.address, listener.port) {
                continue;
            }
            let next = (listener.port..=u16::MAX)
                .skip(1)
                .find(|port| !spoken_for.contains(port) && !is_taken(&listener.address, *port));
            let Some(to) = next else { continue };
            spoken_for.push(to);
            let (server, door) = (server.id.clone(), listener.door);
            moves.push(PortMove { server, door, from: listener.port, to });
        }
    }
    moves
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Listener;
    use copal_config::cluster::Tier;
    use std::net::{IpAddr, Ipv4Addr};

    fn plan() -> Vec<Planned> {
        let address = Address::Ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let server = |id: &str, tier, door, port| Planned {
            id: id.to_owned(),
            tier,
            listeners: vec![Listener { door, address: address.clone(), port }],
        };
        vec![
            server("app-a", Tier::App, Door::Cluster, 6800),
            server("app-b", Tier::App, Door::Cluster, 6801),
            server("web-a", Tier::Web, Door::Http(0), 8080),
        ]
    }

    #[test]
    fn taken_ports_move_to_the_next_free_one() {
        type Moves = &'static [(&'static str, u16, u16)];
        #[rustfmt::skip]
        let table: [(&[u16], Moves); 5] = [
            // taken                moves
            (&[],                   &[]),
            (&[8080],               &[("web-a", 8080, 8081)]),
            (&[8080, 8081],         &[("web-a", 8080, 8082)]),
            (&[6800],               &[("app-a", 6800, 6802)]), // 6801 is app-b's
            (&[6800, 6801, 6803],   &[("app-a", 6800, 6802), ("app-b", 6801, 6804)]),
        ];
        for (taken, expected) in table {
            let moves = decide(&plan(), |_, port| taken.contains(&port));
            let seen: Vec<_> = moves.iter().map(|m| (m.server.as_str(), m.from, m.to)).collect();
            assert_eq!(seen, expected, "{taken:?}");
        }
    }

    #[test]
    fn the_search_ends_at_the_last_port() {
        assert_eq!(decide(&plan(), |_, _| true), []);
    }
}
