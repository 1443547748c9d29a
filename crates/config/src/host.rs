//! Virtual hosts of a cluster.

use regex::Regex;

use crate::rule::Rule;
use crate::web_app::WebApp;

/// The hosts of a cluster.
#[derive(Debug, Clone, Default)]
pub struct Hosts {
    /// Rules and web-apps of the default host. Its rules are tried before a named host's own.
    pub default: Host,
    /// The named hosts in the order of the file.
    pub named: Vec<NamedHost>,
}

/// What a host does with its requests.
#[derive(Debug, Clone, Default)]
pub struct Host {
    /// Tried in this order; the first that matches wins.
    pub rules: Vec<Rule>,
    /// In the order of the file; the longest path that matches wins.
    pub web_apps: Vec<WebApp>,
}

/// A host that is chosen by the request's authority.
#[derive(Debug, Clone)]
pub struct NamedHost {
    /// Its names: `name` first, then every `alias`. Lower case.
    pub names: Vec<HostName>,
    /// A pattern for the whole name, case ignored; already anchored.
    pub regexp: Option<Regex>,
    /// What it does.
    pub host: Host,
}

/// A host's name in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostName {
    /// The whole name, lower case, without a port.
    Exact(String),
    /// `*.example.com` as `.example.com`: any name that ends so and has more before it.
    Suffix(String),
}
