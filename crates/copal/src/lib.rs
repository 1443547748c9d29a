//! The operator's command: starts, checks and explains a cluster.
//!
//! `main.rs` reads the [`arguments`] and calls one of three commands: [`up`], [`check`],
//! [`session_id`]. All else here serves one of them.

pub mod arguments;
pub mod check;
pub mod session_id;
pub mod decoded_id;
pub mod up;
pub mod plan;
pub mod bind_test;
pub mod demo;
pub mod port_moves;
pub mod moved_file;
pub mod binaries;
pub mod fleet;
pub mod child;
pub mod log_prefix;
pub mod listening;
pub mod interruption;
pub mod terminal;
pub mod failure;
