//! Whole servers in this process, over real sockets.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "this is test code: what fails here is a failed test"
)]

mod house;
mod ledger;
mod lengths;
mod unfinished;
mod in_between;
mod save_modes;
mod judging;
mod waiting;
mod trust;
mod sessions;
mod demo;
mod routing;
mod applications;
mod leaving;
mod starting;
mod operator;
mod asking;
mod reloading;
