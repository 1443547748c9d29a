//! The listener for operators, and whether it is kept from others.

use std::net::{IpAddr, Ipv4Addr};

use crate::cluster::Protocol;
use crate::finding::Finding;
use crate::finding_rule::FindingRule;
use crate::meant::scope::Scope;
use crate::meant::secret;
use crate::network::Address;
use crate::server::Admin;
use crate::written::admin::WrittenAdmin;
use crate::written::cluster::WrittenCluster;
use crate::written::leaf::Leaf;
use crate::written::server::WrittenServer;

const ADDRESS: Address = Address::Ip(IpAddr::V4(Ipv4Addr::LOCALHOST));

/// The address of an admin listener.
pub(crate) fn address(written: &WrittenAdmin) -> Address {
    written.address.or(ADDRESS)
}

/// The admin listener of a server; reports what it lacks. Servers of others have none.
pub(crate) fn admin(
    server: &WrittenServer,
    cluster: &WrittenCluster,
    scope: &Scope<'_>,
) -> Option<Admin> {
    let Leaf::Given(written, place) = &server.admin else {
        return None;
    };
    if cluster.protocol() == Protocol::Http {
        return None;
    }
    if written.port.is_absent() {
        let message = format!("the `admin` listener of {} has no `port`", scope.server(server));
        scope.findings.add(
            Finding::error(FindingRule::MissingKey, *place, message)
                .hint("write `admin = { port = … }`; no port is the usual one"),
        );
    }
    let address = address(written);
    let exposed = written.address.place().filter(|_| !address.is_loopback());
    if let Some(place) = exposed.filter(|_| written.token.is_absent()) {
        let message = format!(
            "the `admin` listener of {} is at {address}, which other hosts can reach, and has no \
             `token`",
            scope.server(server)
        );
        scope.findings.add(Finding::error(FindingRule::MissingToken, place, message).hint(
            "add `token = { env = \"NAME\" }` or `token = { file = \"path\" }`: 16 bytes or more",
        ));
    }
    let token = secret::fetched(&written.token, "token", scope);
    Some(Admin { address, port: *written.port.given()?, token })
}
