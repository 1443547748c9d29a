//! Which servers are tried for a request, and in which order.

pub(crate) mod positions;
pub(crate) mod rank;
pub(crate) mod share;
pub(crate) mod least;
pub(crate) mod choice;
pub(crate) mod condition;
pub(crate) mod warmup;
pub(crate) mod budget;
pub(crate) mod places;
pub(crate) mod bell;
pub(crate) mod record;
pub(crate) mod server;
pub(crate) mod cluster;
