//! The sessions of a cluster on this server: the engine of `replica`, with what carries its effects out.

pub mod roster;
pub mod plan;
pub mod census;
pub mod line;
pub mod acceptance;
pub mod runner;
pub(crate) mod engine;
mod bench;
mod clockwork;
mod outbox;
mod news;
mod relinking;
mod tables;
mod panics;
mod alarm;
mod address;
mod said;
pub mod traffic;
mod shelf;
mod receipt;
mod keeping;
mod fetcher;
mod reading;
mod room;
mod stowing;
mod overview;
mod joining;
mod leaving;
mod caller;
mod dialer;
mod greeting;
mod link;
mod socket;
mod link_error;
mod links;
mod pulse;
mod flood;
mod limits;
pub mod ring_error;

#[cfg(test)]
mod tests;
