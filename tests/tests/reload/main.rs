//! The configuration is read again while requests run: what changes in place, what waits for a
//! restart, and that nobody notices.
#![cfg(test)]

mod farm;
mod hanging;
mod in_flight;
mod letters;
mod limits;
mod lost_wishes;
mod refused;
mod restart;
mod rules;
mod seen;
mod servers;
mod slow_disk;
mod under_load;
