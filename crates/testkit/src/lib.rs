//! For tests: a raw client, a misbehaving origin, clusters of real processes.
//!
//! Threads and blocking sockets only. Nothing here sleeps: whoever waits, waits for an event
//! (a byte, a log line, an exit, a [`gate::Gate`]) and gives up at a deadline with a message.

#![expect(
    clippy::panic,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "this is test code: what fails here is a failed test, and deadlines need the clock"
)]

pub mod skip;
pub mod response;
pub mod door;
pub mod raw;
pub mod visitor;
pub mod websocket;
pub mod gate;
pub mod deadline;
pub mod call;
pub mod step;
mod record;
mod played;
pub mod origin;
pub mod deaf;
pub mod port;
pub mod recipe;
pub mod authority;
pub mod binary;
pub mod process;
pub mod desk;
pub mod wall_clock;
mod namespace;
pub mod cut;
pub mod network;
pub mod cluster;
