//! The configuration file: read as it was written, then checked into what is meant.
//!
//! [`reader::read`] is the way in. Everything that it hands out is checked: no string is left
//! to parse, no name dangles, and no rule of the file is broken.

pub mod reader;
pub mod environment;
pub mod process_environment;
mod written;
mod meant;
mod bounds;
mod findings;
pub mod failure;
pub mod report;
pub mod finding;
pub mod finding_rule;
pub mod place;
pub mod lines;
mod excerpt;
mod shown;
pub mod summary;
pub mod cluster_index;
pub mod cluster;
pub mod server;
mod usual;
pub mod host;
pub mod rule;
pub mod template;
pub mod web_app;
pub mod session_config;
pub mod persistent_store;
pub mod limits;
pub mod log;
pub mod network;
pub mod secret;
pub mod tls;
pub mod config;
mod same;
mod letters;
pub mod restart;
pub mod in_place;
pub mod changes;
pub mod config_path;
pub mod config_file;
