//! Listeners, workers, connection limits, deadlines, polite shutdown, the control socket, figures,
//! files: what both tiers do with sockets, without knowing a session or a rule.
//!
//! [`workers::run`] starts one single-threaded runtime per worker. Each has its own listener
//! sockets (`SO_REUSEPORT`), so the kernel spreads connections and no request crosses threads.

pub mod process;
pub mod workers;
pub mod door;
pub mod listener;
pub mod accepted;
pub mod file_limit;
pub mod connection_cap;
pub mod drain;
pub mod signals;
pub mod desk;
pub mod control;
pub mod count;
pub mod histogram;
pub mod exposition;
pub mod deadlines;
pub mod buffer;
pub mod turnstile;
pub mod unsent;
pub mod files;
pub mod clock;
pub mod log;
pub mod error;
