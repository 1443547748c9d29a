//! What is done with a request.

use copal_config::cluster_index::ClusterIndex;
use copal_config::rule::Rule;

use crate::host::Host;
use crate::normal_path::NormalPath;

/// What is done with a request. `rule` is the line that said so; `None` when none matched.
#[derive(Debug)]
pub enum Decision<'t> {
    /// This server answers itself, with the path as it is.
    Here {
        /// Whose web-apps answer.
        host: &'t Host,
        /// The rule that said so.
        rule: Option<&'t Rule>,
    },
    /// This server answers itself, with another path and query.
    HereAt {
        /// Whose web-apps answer.
        host: &'t Host,
        /// The rule that said so.
        rule: &'t Rule,
        /// The path to answer. The session id is still that of the request's own path.
        path: NormalPath<'static>,
        /// The query to answer.
        query: Option<Vec<u8>>,
    },
    /// A server of `cluster` answers.
    LoadBalance {
        /// The cluster.
        cluster: ClusterIndex,
        /// The rule that said so.
        rule: &'t Rule,
    },
    /// The client is sent elsewhere.
    Redirect {
        /// 301 or 302.
        status: u16,
        /// The value of `Location`: visible ASCII only.
        location: Vec<u8>,
        /// The rule that said so.
        rule: &'t Rule,
    },
    /// The request is refused.
    Refuse {
        /// 400, 403 or 404.
        status: u16,
        /// The rule that said so; `None` for paths that no rule may touch.
        rule: Option<&'t Rule>,
    },
}
