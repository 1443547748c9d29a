//! Secrets themselves, wherever they were written, and whether one is needed.

use crate::bounds;
use crate::cluster::{Protocol, Tier};
use crate::finding::Finding;
use crate::finding_rule::FindingRule;
use crate::meant::scope::Scope;
use crate::place::Place;
use crate::secret::Secret;
use crate::written::leaf::Leaf;
use crate::written::quote::quoted;
use crate::written::secret::WrittenSecret;

/// Fetches the secret of the cluster and reports when it is too short, not there, or missed.
pub(crate) fn secret(written: &Leaf<WrittenSecret>, scope: &Scope<'_>) -> Option<Secret> {
    if written.is_absent() {
        check_not_needed(scope);
    }
    fetched(written, "secret", scope)
}

/// Fetches a secret, called `what`, and reports when it is too short or not there.
pub(crate) fn fetched(
    written: &Leaf<WrittenSecret>,
    what: &str,
    scope: &Scope<'_>,
) -> Option<Secret> {
    let Leaf::Given(written, place) = written else {
        return None;
    };
    let bytes = fetch(written, *place, scope)?;
    check_length(bytes.len(), what, *place, scope).then(|| Secret::new(bytes))
}

fn fetch(written: &WrittenSecret, place: Place, scope: &Scope<'_>) -> Option<Vec<u8>> {
    let unreadable = |message: String| {
        scope.findings.add(Finding::error(FindingRule::UnreadableSecret, place, message));
    };
    match written {
        WrittenSecret::Text(text) => Some(text.as_bytes().to_vec()),
        WrittenSecret::Variable(name) => {
            let value = scope.world.environment.variable(name);
            if value.is_none() {
                unreadable(format!("the environment variable {} is not set", quoted(name)));
            }
            value
        }
        WrittenSecret::File(name) => {
            let path = scope.path(name);
            match scope.world.environment.file(&path, *bounds::SECRET_BYTES.end()) {
                Ok(bytes) => Some(without_line_feed(bytes)),
                Err(error) => {
                    unreadable(format!("the file {} cannot be read: {error}", path.display()));
                    None
                }
            }
        }
    }
}

/// Editors and `echo` end a file with a line feed that nobody means.
fn without_line_feed(mut bytes: Vec<u8>) -> Vec<u8> {
    while matches!(bytes.last(), Some(b'\n' | b'\r')) {
        bytes.pop();
    }
    bytes
}

fn check_length(length: usize, what: &str, place: Place, scope: &Scope<'_>) -> bool {
    let (least, most) = (bounds::SECRET_BYTES.start(), bounds::SECRET_BYTES.end());
    if length < *least {
        let message = format!("the {what} has {length} bytes; {least} or more are needed");
        scope.findings.add(
            Finding::error(FindingRule::ShortSecret, place, message)
                .hint("for example what `openssl rand -hex 32` prints"),
        );
    } else if length > *most {
        let message = format!("the {what} has more than {most} bytes; is it the right file?");
        scope.findings.add(Finding::error(FindingRule::OutOfRange, place, message));
    }
    bounds::SECRET_BYTES.contains(&length)
}

const CLUSTER_PORT: &str = "cluster port";

/// Without a secret, only processes on the same host may reach a cluster port, or an admin listener.
fn check_not_needed(scope: &Scope<'_>) {
    let ours = scope.clusters.iter().filter(|cluster| cluster.protocol() == Protocol::Copal);
    let mut exposed = ours.flat_map(|cluster| {
        // With certificates nobody at the cluster port needs a secret.
        let has_port = cluster.tier() == Tier::App && cluster.cluster_tls.is_absent();
        cluster.servers.iter().flat_map(move |server| {
            let port = Some(&server.address).filter(|_| has_port);
            let admin = server.admin.given().map(|admin| &admin.address);
            let both = [(CLUSTER_PORT, port), ("`admin` listener", admin)];
            both.into_iter().filter_map(move |(what, address)| match address? {
                Leaf::Given(address, place) if !address.is_loopback() => {
                    Some((what, server, address, *place))
                }
                _ => None,
            })
        })
    });
    let Some((what, server, address, place)) = exposed.next() else {
        return;
    };
    let more = match exposed.count() {
        0 => String::new(),
        count => format!(" (and {count} more)"),
    };
    let missing = match what {
        CLUSTER_PORT => "neither a `secret` nor a `cluster-tls`",
        _ => "no `secret`",
    };
    let message = format!(
        "the {what} of {} is at {address}, which other hosts can reach{more}, and there is {missing}",
        scope.server(server)
    );
    scope.findings.add(Finding::error(FindingRule::MissingSecret, place, message).hint(
        "write `secret = { env = \"NAME\" }` or `secret = { file = \"path\" }` at the top of the \
         file: 16 bytes or more, the same for every server",
    ));
}
