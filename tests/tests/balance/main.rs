//! Who gets which request: shares, states, health checks, queues, and what is sent again when a
//! server does not answer.
#![cfg(test)]

mod budget;
mod busy;
mod checks;
mod client_gone;
mod command;
mod continued;
mod farm;
mod figures;
mod foreign_states;
mod half_answer;
mod held;
mod lost;
mod no_answer;
mod prometheus;
mod queue;
mod refused;
mod rolling;
mod seen;
mod shares;
mod states;
mod stopped;
mod stopping;
mod unavailable;
mod warming;
