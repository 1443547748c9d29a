//! What the control thread does for the servers that requests are balanced to.

pub(crate) mod verdict;
pub(crate) mod checks;
pub(crate) mod rates;
