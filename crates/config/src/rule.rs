//! One line of `rewrite-dispatch`.

use regex::bytes::Regex;

use crate::cluster_index::ClusterIndex;
use crate::template::Template;

/// One line of `rewrite-dispatch`.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The line of the file where the rule begins, from 1.
    pub line: usize,
    /// Searched anywhere in the decoded normal path without parameters; `None` matches always.
    pub regexp: Option<Regex>,
    /// What is done.
    pub action: Action,
}

/// What a rule does; every one of these ends the search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// This server answers itself, from its web-apps and files.
    Dispatch,
    /// The same with another path; no more rules are tried.
    DispatchTo(Template),
    /// To one of the servers of this cluster.
    LoadBalance(ClusterIndex),
    /// 302 to the target.
    Redirect(Template),
    /// 301 to the target.
    MovedPermanently(Template),
    /// 403.
    Forbidden,
    /// 404.
    NotFound,
}
