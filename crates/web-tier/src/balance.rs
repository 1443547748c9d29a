//! Which servers are tried for a request, and in which order.

pub(crate) mod health;
pub(crate) mod server;
pub(crate) mod attempts;
pub(crate) mod retry_budget;
pub(crate) mod cluster;
