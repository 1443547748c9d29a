//! The hosts and rules of a cluster, ready to decide.

use copal_config::cluster::Cluster;
use copal_config::limits::Limits;
use copal_config::rule::{Action, Rule};
use copal_config::template::Template;

use crate::decision::Decision;
use crate::filling;
use crate::host::Host;
use crate::host_names::HostNames;
use crate::normal_path::NormalPath;
use crate::path_policy::PathPolicy;
use crate::request::Request;

/// The folder of the servers' own requests; never dispatched and never forwarded.
const RESERVED: &[u8] = b"/.copal";

/// The hosts and rules of a cluster, ready to decide.
///
/// Every worker has a table of its own: the compiled patterns keep scratch space, and threads
/// that share a table wait for each other. A clone shares the patterns and not the space.
#[derive(Debug, Clone)]
pub struct Table {
    policy: PathPolicy,
    default: Host,
    named: Vec<Host>,
    names: HostNames,
}

impl Table {
    /// The table of `cluster`.
    #[must_use]
    pub fn new(cluster: &Cluster, limits: &Limits) -> Self {
        Self {
            policy: PathPolicy::new(cluster, limits),
            default: Host::default_host(&cluster.hosts.default),
            named: cluster.hosts.named.iter().map(Host::named).collect(),
            names: HostNames::new(&cluster.hosts.named),
        }
    }

    /// What paths may contain; to be given to [`NormalPath::of`].
    #[must_use]
    pub fn policy(&self) -> &PathPolicy {
        &self.policy
    }

    /// What is done with `request`: the first rule that matches says so, the default host's rules
    /// before a named host's own; when none matches, the server answers itself. Allocates only
    /// for a redirect and for another path.
    #[must_use]
    pub fn decide(&self, request: &Request<'_>) -> Decision<'_> {
        let text = request.path.text();
        if matches!(text.strip_prefix(RESERVED), Some([] | [b'/', ..])) {
            return Decision::Refuse { status: 404, rule: None };
        }
        let named = self.names.find(request.authority).and_then(|host| self.named.get(host));
        let own = named.map(Host::rules).unwrap_or_default();
        let mut rules = self.default.rules().iter().chain(own);
        let host = named.unwrap_or(&self.default);
        match rules.find(|rule| rule.regexp.as_ref().is_none_or(|regexp| regexp.is_match(text))) {
            Some(rule) => self.carry_out(rule, host, request),
            None => Decision::Here { host, rule: None },
        }
    }

    fn carry_out<'t>(
        &'t self,
        rule: &'t Rule,
        host: &'t Host,
        request: &Request<'_>,
    ) -> Decision<'t> {
        match &rule.action {
            Action::Dispatch => Decision::Here { host, rule: Some(rule) },
            Action::DispatchTo(template) => self.dispatch_to(template, rule, host, request),
            Action::LoadBalance(cluster) => Decision::LoadBalance { cluster: *cluster, rule },
            Action::Redirect(template) => redirect(302, template, rule, request),
            Action::MovedPermanently(template) => redirect(301, template, rule, request),
            Action::Forbidden => Decision::Refuse { status: 403, rule: Some(rule) },
            Action::NotFound => Decision::Refuse { status: 404, rule: Some(rule) },
        }
    }

    fn dispatch_to<'t>(
        &self,
        template: &Template,
        rule: &'t Rule,
        host: &'t Host,
        request: &Request<'_>,
    ) -> Decision<'t> {
        let filled = filling::own_path(template, rule.regexp.as_ref(), request);
        let normal = filled.and_then(|(path, query)| {
            let path = NormalPath::of(&path, &self.policy).ok()?.into_owned();
            Some((path, query))
        });
        match normal {
            Some((path, query)) => Decision::HereAt { host, rule, path, query },
            None => Decision::Refuse { status: 400, rule: Some(rule) },
        }
    }
}

fn redirect<'t>(
    status: u16,
    template: &Template,
    rule: &'t Rule,
    request: &Request<'_>,
) -> Decision<'t> {
    match filling::location(template, rule.regexp.as_ref(), request) {
        Some(location) => Decision::Redirect { status, location, rule },
        None => Decision::Refuse { status: 400, rule: Some(rule) },
    }
}

#[cfg(test)]
mod tests;
