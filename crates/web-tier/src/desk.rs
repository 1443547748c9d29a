//! What an operator can ask of a web-tier server.

pub(crate) mod figures;
pub(crate) mod status;
pub(crate) mod metrics;
pub(crate) mod reload;
pub(crate) mod front;
