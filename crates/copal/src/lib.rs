//! The operator's command: starts, checks, shows and steers a cluster.
//!
//! `main.rs` reads the [`arguments`] and calls one of the commands: [`up`], [`check`],
//! [`session_id`], [`status`], [`wish`], [`reload`]. All else here serves one of them. Servers that
//! run are asked over their control sockets, or their admin listeners: [`round`] asks many,
//! [`call`] one.

pub mod arguments;
pub mod check;
pub mod session_id;
pub mod decoded_id;
pub mod status;
pub mod watch;
pub mod look;
pub mod known;
pub mod unusable;
pub mod run_dir;
pub mod sockets;
pub mod told;
pub mod seen;
pub mod notes;
pub mod last_resort;
pub mod outline;
pub mod picture;
pub mod table;
pub mod printable;
pub mod wish;
pub mod errand;
pub mod witness;
pub mod taken;
pub mod last_one;
pub mod reload;
pub mod reloaded;
pub mod round;
pub mod question;
pub mod doors;
pub mod call;
pub mod connection;
pub mod answer;
pub mod silence;
pub mod limits;
pub mod up;
pub mod plan;
pub mod bind_test;
pub mod demo;
pub mod port_moves;
pub mod moved_file;
pub mod claimed_file;
pub mod binaries;
pub mod fleet;
pub mod child;
pub mod log_prefix;
pub mod listening;
pub mod interruption;
pub mod terminal;
pub mod failure;
