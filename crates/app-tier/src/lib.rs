//! The app tier: runs web applications and gives each request its session.
//!
//! [`server::Server`] is the way in:
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use copal_app_tier::server::Server;
//! use copal_session::session::Session;
//!
//! async fn count(request: axum::extract::Request) -> String {
//!     match Session::of(&request).increment("visits", 1).await {
//!         Ok(visits) => format!("visit {visits}\n"),
//!         Err(error) => format!("no session: {error}\n"),
//!     }
//! }
//!
//! let shop = axum::Router::new().route("/count", axum::routing::get(count));
//! let file = copal_config::reader::read("copal.toml".as_ref())?;
//! Server::new(file.config, "app-a").web_app("/shop", shop).run()?;
//! # Ok(())
//! # }
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
mod limits;
pub mod server;
pub mod start_error;
mod assembly;
mod own_app;
mod mounting;
mod mount;
pub mod running;
mod entrance;
mod site;
mod tier_worker;
mod guests;
mod connection;
mod line;
mod judged_io;
mod conversation;
mod patience;
mod farewell;
mod caller;
mod exchange;
mod upgrade;
mod own_requests;
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
mod respond;
pub mod demo;
