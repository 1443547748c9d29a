//! The road of a request: a client, a web tier, app servers, one session.
//!
//! Every cluster here is a file of `config/examples` with other ports.
#![cfg(test)]

mod balancer;
mod dispatch;
mod failover;
mod files;
mod foreign;
mod hello;
mod one_file;
mod rules;
mod seen;
mod sticky;
mod trouble;
