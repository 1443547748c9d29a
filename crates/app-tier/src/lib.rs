//! The app tier: runs web applications and gives each request its session.
//!
//! [`command::run_with`] makes a whole program of an application, and [`server::Server`] is the way
//! in for programs that are one already:
//!
//! ```no_run
//! use axum::routing::{get, post};
//! use axum::{Extension, Router};
//! use copal_app_tier::command;
//! use copal_session::error::Error;
//! use copal_session::session::Session;
//!
//! // The session is an extension of every request, beside whatever else a handler takes.
//! async fn visits(Extension(session): Extension<Session>) -> String {
//!     match session.increment("visits", 1).await {
//!         Ok(visits) => format!("visit {visits}\n"),
//!         Err(error) => format!("no session: {error}\n"),
//!     }
//! }
//!
//! async fn name(Extension(session): Extension<Session>, name: String) -> String {
//!     let kept: Result<(), Error> = session.insert("name", &name);
//!     format!("{kept:?}\n")
//! }
//!
//! fn main() -> std::process::ExitCode {
//!     let shop = Router::new().route("/visits", get(visits)).route("/name", post(name));
//!     command::run_with(|server| server.web_app("/shop", shop))
//! }
//! ```
//!
//! An application is a [`tower`](https://docs.rs/tower) service over [`body::Body`]; an axum
//! `Router` is one. It finds in the extensions of its requests: the session, the
//! [`client_info::ClientInfo`], and the target as the client wrote it, an
//! [`original_uri::OriginalUri`]. What it answers leaves after the session is saved.
//!
//! A connection is served by hyper behind `judged_io`, which hands on nothing that was not judged
//! by the rules of `copal_http1`; `exchange` is the road of one request: trust, host, rules and
//! web-app, session, application, save, respond.

pub mod command;
mod leaving;
mod limits;
pub mod server;
pub mod start_error;
mod assembly;
mod own_settings;
mod own_app;
mod fixtures;
mod mounting;
mod mount;
pub mod running;
mod app_desk;
mod reload;
mod metrics;
mod figures;
mod recent;
mod tally;
mod entrance;
mod own_state;
mod own_tls;
mod own_wish;
mod seldom;
mod own_ring;
mod site;
mod in_force;
mod current_site;
mod tier_worker;
mod guests;
mod connection;
mod answering;
mod line;
mod encryption;
mod judged_io;
mod conversation;
mod patience;
mod pace;
mod farewell;
mod caller;
mod exchange;
mod upgrade;
mod own_requests;
mod ring_door;
mod trust;
mod fields;
mod forwarded;
pub mod client_info;
pub mod original_uri;
mod way;
mod destination;
mod static_files;
mod file_body;
mod request_end;
pub mod body;
pub mod box_error;
mod untyped;
mod panicked;
mod pump;
mod any_body;
mod application;
mod content_length;
mod delivery;
mod reply_body;
mod late_saves;
mod kept_back;
mod respond;
pub mod demo;
