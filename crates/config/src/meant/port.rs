//! Whether two servers would listen at the same place.

use crate::cluster::Protocol;
use crate::finding::Finding;
use crate::finding_rule::FindingRule;
use crate::meant::scope::Scope;
use crate::meant::{admin, server};
use crate::network::Address;
use crate::place::Place;

/// Something that listens.
struct Listening {
    /// For messages: whose it is and what it is.
    name: String,
    /// The address where its server runs, as far as the file tells.
    home: Address,
    /// The address that it is bound to.
    address: Address,
    port: u16,
    /// Whether its server is one of ours.
    ours: bool,
    place: Place,
    /// The header of its server, for a port that two servers inherit.
    header: Place,
}

/// Reports cluster ports, public listeners and admin listeners that collide.
pub(crate) fn check(scope: &Scope<'_>) {
    let all = listening(scope);
    let mut seen: Vec<&Listening> = Vec::new();
    for one in &all {
        match seen.iter().find(|other| collide(one, other)) {
            Some(first) => scope.findings.add(report(first, one)),
            None => seen.push(one),
        }
    }
}

fn listening(scope: &Scope<'_>) -> Vec<Listening> {
    let mut all = Vec::new();
    for cluster in scope.clusters {
        let ours = cluster.protocol() == Protocol::Copal;
        for written in &cluster.servers {
            let server = scope.server(written);
            let home = server::address(written);
            let mut add = |name, address, port, place: Option<Place>| {
                let place = place.unwrap_or(written.place);
                let (home, header) = (home.clone(), written.place);
                all.push(Listening { name, home, address, port, ours, place, header });
            };
            let broken = !written.address.is_absent() && written.address.given().is_none();
            if let Some(port) = server::port(written, cluster).filter(|_| !broken) {
                let what = if ours { "the cluster port of " } else { "" };
                add(format!("{what}{server}"), home.clone(), port, written.port.place());
            }
            // Foreign servers have none, which is reported elsewhere.
            if let Some(admin) = written.admin.given().filter(|_| ours)
                && let Some(port) = admin.port.given()
            {
                let name = format!("the admin listener of {server}");
                add(name, admin::address(admin), *port, admin.port.place());
            }
            for listener in written.http.given().into_iter().flatten() {
                if let Some(port) = listener.port.given() {
                    let name = format!("a listener of {server}");
                    add(name, server::listener_address(listener), *port, listener.port.place());
                }
            }
        }
    }
    all
}

/// Whether both want the same port of the same host.
fn collide(a: &Listening, b: &Listening) -> bool {
    // Foreign servers listen already; one of them may stand in two clusters.
    if a.port != b.port || !(a.ours || b.ours) {
        return false;
    }
    let same_host = a.home == b.home || (a.home.is_loopback() && b.home.is_loopback());
    let everywhere = |one: &Listening| is_unspecified(&one.address);
    let covers = |wide: &Listening, other: &Listening| {
        everywhere(wide)
            && same_family(&wide.address, &other.address)
            && (same_host || wide.home == other.address)
    };
    if everywhere(a) || everywhere(b) {
        return covers(a, b) || covers(b, a);
    }
    // Every host has its own loopback addresses; any other address belongs to one host.
    a.address == b.address && (same_host || !a.address.is_loopback())
}

fn is_unspecified(address: &Address) -> bool {
    matches!(address, Address::Ip(ip) if ip.is_unspecified())
}

/// A name may stand for addresses of both families.
fn same_family(a: &Address, b: &Address) -> bool {
    match (a, b) {
        (Address::Ip(a), Address::Ip(b)) => a.is_ipv4() == b.is_ipv4(),
        _ => true,
    }
}

fn report(first: &Listening, second: &Listening) -> Finding {
    let shown = |one: &Listening| one.address.with_port(one.port);
    let message = format!(
        "{} at {} and {} at {} want the same port",
        first.name,
        shown(first),
        second.name,
        shown(second)
    );
    let inherited = first.place == second.place;
    let place = |one: &Listening| if inherited { one.header } else { one.place };
    let hint = if is_unspecified(&first.address) || is_unspecified(&second.address) {
        "0.0.0.0 and :: are every address of the host; when the servers run on different hosts, \
         give each its `address`"
    } else {
        "give one of them another `port`, or its own `address`"
    };
    Finding::error(FindingRule::DuplicatePort, place(second), message)
        .also(place(first), "the first one")
        .hint(hint)
}
