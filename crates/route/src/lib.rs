//! From host and path to a decision: normal form, hosts, rules, targets.
//!
//! [`normal_path::NormalPath`] is made once for each request; [`table::Table::decide`] says what
//! is done with it. Everything here computes from its arguments alone.

pub mod escape;
pub mod bad_path;
pub mod path_policy;
pub mod normal_path;
pub mod authority;
pub mod request;
pub mod host;
pub mod host_names;
pub mod filling;
pub mod decision;
pub mod table;
