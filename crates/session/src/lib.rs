//! What an application touches: Session and its attributes; and where sessions are kept.
//!
//! # In an application
//!
//! A [`Session`](session::Session) comes with every request. Nothing is loaded before it is needed,
//! and only setting something makes a new session.
//!
//! ```
//! use copal_session::error::Error;
//! use copal_session::session::Session;
//!
//! async fn counter<B>(request: http::Request<B>) -> Result<String, Error> {
//!     let session = Session::of(&request);
//!     let name: Option<String> = session.get("name").await?;
//!     let visits = session.increment("visits", 1).await?; // at once, and once
//!     session.insert("last", "/counter")?; // when the response is returned
//!     Ok(format!("{}, visit {visits}", name.as_deref().unwrap_or("stranger")))
//! }
//! ```
//!
//! What was set is saved when the response is returned. [`save`](session::Session::save) does that in
//! between, [`save_if`](session::Session::save_if) on a condition, and for what goes on after the
//! response, streams and WebSockets, there is [`keep_open`](session::Session::keep_open).
//!
//! # In the app tier
//!
//! One [`Sessions`](sessions::Sessions) for the process, one [`WebApp`](web_app::WebApp) for each
//! web-app, one [`Session`](session::Session) for each request:
//!
//! 1. Before the application is called: [`open`](sessions::Sessions::open) with what the request
//!    [presents](presented::Presented), and put the session into the request's extensions. The
//!    table is not touched.
//! 2. When the application has returned its response, and before the head leaves:
//!    [`commit`](sessions::Sessions::commit). It carries out what the application wanted and
//!    returns the value of the `Set-Cookie` field that the response must carry, if any. Afterwards
//!    the session refuses changes with [`HeadSent`](error::Error::HeadSent). When it fails, throw
//!    the application's response away, answer 503, and do not call the application again.
//!    Where the web-app has another `save-mode` and the response is no redirect,
//!    [`commit_head`](sessions::Sessions::commit_head) takes its place, and
//!    [`finish`](sessions::Sessions::finish) follows when the body has ended.
//! 3. When another response leaves than the application's (a time-out, a failure, a commit that
//!    failed): [`abandon`](sessions::Sessions::abandon). What was wanted is dropped, and a session
//!    that the request made ends, because no client knows it.
//! 4. Once a second or so: [`sweep`](sessions::Sessions::sweep), and
//!    [`save_held`](sessions::Sessions::save_held).
//!
//! ```
//! use std::time::{Duration, Instant};
//!
//! use copal_config::cluster::{Cluster, Tier};
//! use copal_config::host::Hosts;
//! use copal_config::session_config::SessionConfig;
//! use copal_protocol::cookie;
//! use copal_protocol::path_parameter;
//! use copal_protocol::server_index::ServerIndex;
//! use copal_session::presented::Presented;
//! use copal_session::session::Session;
//! use copal_session::sessions::Sessions;
//! use copal_session::surroundings::{NoRandom, Surroundings};
//! use http::header::{COOKIE, SET_COOKIE};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), copal_session::error::Error> {
//! # let cluster = Cluster::new("app-tier", Tier::App);
//! # fn fill_from_the_operating_system(bytes: &mut [u8]) -> Result<(), NoRandom> {
//! #     bytes.fill(7);
//! #     Ok(())
//! # }
//! // At the start, for app-b of two servers:
//! let started = Instant::now();
//! let surroundings = Surroundings::new(move || started.elapsed(), fill_from_the_operating_system);
//! let (app_a, app_b) = (ServerIndex::new(0).unwrap(), ServerIndex::new(1).unwrap());
//! let sessions = Sessions::new(app_b, vec![app_a], surroundings);
//! let shop = sessions.web_app(&cluster, ("", "/shop"), &SessionConfig::default());
//!
//! // For each request:
//! let mut request = http::Request::get("/shop/cart").body(()).unwrap();
//! let secure = false;
//! let fields = request.headers().get_all(COOKIE);
//! let path = request.uri().path().as_bytes();
//! let session = sessions.open(&shop, Presented {
//!     cookie: cookie::find(fields.iter().map(|field| field.as_bytes()), shop.cookie_name(secure)),
//!     url: path_parameter::find(path, shop.url_prefix())
//!         .map(|parameter| parameter.value(path, shop.url_prefix())),
//!     secure,
//! });
//! request.extensions_mut().insert(session.clone());
//!
//! // The application is called, and sets something:
//! Session::of(&request).insert("cart", ["tea"])?;
//! let mut response = http::Response::new(());
//!
//! // Before the head leaves:
//! if let Some(cookie) = sessions.commit(&session).await? {
//!     response.headers_mut().append(SET_COOKIE, cookie);
//! }
//! let cookie = response.headers()[SET_COOKIE].to_str().unwrap();
//! assert!(cookie.starts_with("JSESSIONID=bac"));
//! assert!(cookie.ends_with("; Path=/shop; HttpOnly; SameSite=Lax"));
//!
//! // Now and then:
//! let ended = sessions.sweep(1000);
//! assert_eq!((ended, sessions.live(), shop.live()), (0, 1, 1));
//! # Ok(())
//! # }
//! ```
//!
//! # What holds
//!
//! - An id that a client names is never given to a new session. A web-app only shares an id under
//!   which another web-app of the process has a live session, and only when `reuse-session-id` is
//!   `live`; each sees its own attributes. A shared session is destroyed for all of them.
//! - Two requests at once that set different attributes never undo each other; of two that set the
//!   same one, the later commit wins. [`increment`](session::Session::increment) loses nothing.
//! - A save never brings a session back that ended meanwhile: it fails with
//!   [`Ended`](error::Error::Ended).
//! - After [`rotate_id`](session::Session::rotate_id) the old proof reads for 10 s what has not
//!   changed since, writes nothing ([`Rotated`](error::Error::Rotated)), and never learns the new
//!   id. A request that had loaded the session before may still save.
//! - After the response only [`increment`](session::Session::increment) and, once the application has
//!   called [`keep_open`](session::Session::keep_open), saves in between change a session.
//! - A session ends after `session-timeout` without use, at the age of `session-max-lifetime`, or
//!   when its web-app has more than `session-max` and it is the least used one.

pub mod sessions;
pub mod session;
pub mod presented;
pub mod web_app;
pub mod surroundings;
pub mod error;
pub mod version;
mod in_between;
mod saving;
mod save;
mod commit;
mod held;
mod holding;
mod handle;
mod state;
mod seat;
mod session_cookie;
mod encoded_url;
mod store;
mod keeper;
mod ring_keeper;
mod failure;
mod loaded;
mod not_reached;
pub mod ring;
mod table;
mod shard;
mod order;
mod record;
mod part;
mod changes;
mod sum;
pub mod disk;

#[cfg(test)]
mod tests;
