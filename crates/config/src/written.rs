//! The file as it was written: every value with its place, nothing that depends on another value.

pub(crate) mod repair;
pub(crate) mod forgive;
pub(crate) mod document;
pub(crate) mod problem;
pub(crate) mod leaf;
pub(crate) mod nearest;
pub(crate) mod quote;
pub(crate) mod section;
pub(crate) mod table;
pub(crate) mod duration;
pub(crate) mod size;
pub(crate) mod address;
pub(crate) mod network;
pub(crate) mod name;
pub(crate) mod regexp;
pub(crate) mod target;
pub(crate) mod secret;
pub(crate) mod limits;
pub(crate) mod log;
pub(crate) mod session_config;
pub(crate) mod web_app;
pub(crate) mod rule;
pub(crate) mod host;
pub(crate) mod server;
pub(crate) mod cluster;
pub(crate) mod file;
