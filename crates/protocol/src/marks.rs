//! Header fields by which servers of ours speak to each other; nobody else's are believed.

/// The state of the server, as a word of [`State`](crate::state::State), in the answer to a health
/// check. Servers of others may send it too.
pub const STATE: &str = "Copal-State";

/// With a 503: the application was never called, so that the request may go to another server
/// whatever its method. Its value is `1`.
pub const NOT_BEGUN: &str = "Copal-Not-Begun";

/// Where a server of ours says whether it takes requests; the usual path of a health check.
pub const READY_PATH: &str = "/.copal/ready";
