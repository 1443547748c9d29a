//! Whole requests against sessions in memory, with a clock that the tests turn.
#![expect(clippy::string_slice, reason = "ids are ASCII")]

mod world;

mod laziness;
mod letters;
mod attributes;
mod identity;
mod rotation;
mod destruction;
mod abandoned;
mod lifetime;
mod cookies;
mod links;
mod parallel;
mod model;
mod in_between;
mod user;
mod unknown;
mod stores;
mod save_modes;
