//! Sessions on several servers: they outlive each of them.
#![cfg(test)]
#![cfg(test)]

mod crowd;
mod disk;
mod encrypted;
mod farm;
mod files;
mod joining;
mod kills;
mod leaving;
mod members;
mod pauses;
mod requests;
mod save_modes;
mod seen;
mod strangers;
mod unsaved;
