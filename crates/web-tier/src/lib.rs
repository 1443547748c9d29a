//! The web tier: judges, routes, balances and forwards requests.
//!
//! `exchange` is the road of one request, from its head to its answer. The modules stand in
//! the order in which a request meets them.

pub mod command;
pub mod assembly;
pub mod error;
mod limits;
mod tally;
mod household;
mod site;
mod roots;
mod live;
mod worker;
mod station;
mod client;
mod connection;
mod after;
mod exchange;
mod facts;
mod plan;
mod balance;
mod queue;
mod forward;
mod file_plan;
mod file_answer;
mod own;
mod date;
mod respond;
mod care;
mod desk;
#[cfg(test)]
mod test_site;
