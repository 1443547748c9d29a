//! What a path may contain.

use copal_config::cluster::Cluster;
use copal_config::limits::Limits;

/// What a path may contain; the same for every stage of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPolicy {
    /// Whether `%2f`, `%5c` and `\` may stand in a path; they stay encoded.
    pub allow_encoded_slash: bool,
    /// Whether `//` becomes `/`.
    pub merge_slashes: bool,
    /// What begins the session parameter: `;`, a name, `=`.
    pub session_prefix: String,
}

impl PathPolicy {
    /// The policy of the listeners of `cluster`.
    #[must_use]
    pub fn new(cluster: &Cluster, limits: &Limits) -> Self {
        Self {
            allow_encoded_slash: limits.allow_encoded_slash,
            merge_slashes: limits.merge_slashes,
            session_prefix: cluster.session_url_prefix.clone(),
        }
    }
}
