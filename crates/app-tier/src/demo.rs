//! The built-in application: for the quick start, for tests and for measurements.
//!
//! It answers in JSON, and at `/` with a page where a client prefers HTML. It never blocks.

pub mod members;
pub mod service;
mod home;
mod keepers;
mod links;
mod resource;
mod outcome;
mod demo_body;
mod counter;
mod attributes;
mod forms;
mod form;
mod page;
mod html;
mod preference;
mod echo;
mod made;
mod websocket;
