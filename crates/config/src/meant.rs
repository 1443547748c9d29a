//! What the file means: values are put together, defaults filled in, names looked up.

pub(crate) mod scope;
pub(crate) mod secret;
pub(crate) mod copies;
pub(crate) mod session_config;
pub(crate) mod persistent_store;
pub(crate) mod web_app;
pub(crate) mod balance;
pub(crate) mod rule;
pub(crate) mod rule_reach;
pub(crate) mod host;
pub(crate) mod admin;
pub(crate) mod load_balance;
pub(crate) mod server;
pub(crate) mod index;
pub(crate) mod tier;
pub(crate) mod port;
pub(crate) mod reach;
pub(crate) mod id;
pub(crate) mod tls;
pub(crate) mod cluster;
pub(crate) mod config;
