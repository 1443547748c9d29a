//! Sessions on several servers: they outlive each of them.
#![cfg(test)]

mod absences;
mod alone;
mod clocks;
mod crowd;
mod cut_off;
mod cut_pairs;
mod disk;
mod encrypted;
mod farm;
mod files;
mod joining;
mod kills;
mod late;
mod leaving;
mod members;
mod pauses;
mod reads;
mod requests;
mod room;
mod save_modes;
mod seen;
mod strangers;
mod twice;
mod unsaved;
