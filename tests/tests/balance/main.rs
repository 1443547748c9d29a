//! Who gets which request: shares, states, health checks, queues, and what is sent again when a
//! server does not answer.
#![cfg(test)]

mod budget;
mod busy;
mod busy_works;
mod checks;
mod client_gone;
mod command;
mod continued;
mod farm;
mod figures;
mod foreign_answers;
mod foreign_states;
mod gone_down;
mod half_answer;
mod held;
mod long_hello;
mod lost;
mod no_answer;
mod own_questions;
mod prometheus;
mod queue;
mod queue_lost;
mod refused;
mod rolling;
mod seen;
mod shares;
mod states;
mod stopped;
mod stopping;
mod unanswered;
mod unavailable;
mod warming;
