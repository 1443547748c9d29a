//! The configuration is read again while requests run: what changes in place, what waits for a
//! restart, and that nobody notices.
#![cfg(test)]

mod farm;
mod hanging;
mod in_flight;
mod letters;
mod limits;
mod refused;
mod restart;
mod rules;
mod seen;
mod servers;
mod under_load;
