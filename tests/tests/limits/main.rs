//! Every bound of a connection and a request, with what is just allowed and what is too much.
//!
//! The times are short, and nobody measures them: of two clients that do the same, the elder is
//! over the limit when the younger, who began later, is still within it.
#![cfg(test)]

mod connections;
mod doors;
mod drip;
mod idle;
mod servers;
mod sizes;
mod slow_bodies;
mod slow_heads;
mod slow_readers;
