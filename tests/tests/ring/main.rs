//! Sessions on several servers: they outlive each of them.
#![cfg(test)]
#![cfg(test)]

mod alone;
mod crowd;
mod disk;
mod farm;
mod joining;
mod kills;
mod leaving;
mod members;
mod pauses;
mod requests;
mod seen;
mod strangers;
mod unsaved;
