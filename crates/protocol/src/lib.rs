//! What both tiers agree on: letters, session ids, path parameter, cookies, the hello proof, ring links.
//!
//! A session id begins with three letters, each the place of a server in its cluster: the owner of
//! the session, its backup and the third. The web tier reads only these; the app tier reads the
//! key and the proof behind them too. Both take the id from the same places, a path parameter or a
//! cookie, and so both must find it by the same rules. They are here.
//!
//! Servers of the app tier are joined by ring links: a connection that begins with the
//! [hello] proof, is upgraded, and carries [frames](link_frame) from then on, of which each side's
//! first is its [ring hello](ring_hello). What frames say of sessions is not known here.
//!
//! No IO and no runtime; time and randomness are arguments.
//!
//! ```
//! use copal_protocol::letters::Letters;
//! use copal_protocol::placement::place;
//! use copal_protocol::server_index::ServerIndex;
//! use copal_protocol::session_id::SessionId;
//!
//! // app-b of two servers makes an id; 23 random bytes follow its three letters.
//! let (app_a, app_b) = (ServerIndex::new(0).unwrap(), ServerIndex::new(1).unwrap());
//! let letters = place(app_b, &[app_a], 0);
//! let id = SessionId::make(letters, 26, &[7; 23]).unwrap();
//! assert!(id.as_str().starts_with("bac"));
//!
//! // The web tier needs the letters only, and takes them from shorter values too.
//! assert_eq!(Letters::read(b"bac"), Some(letters));
//! assert_eq!(letters.in_order()[0], app_b);
//! ```

pub mod server_index;
pub mod letters;
pub mod placement;
pub mod session_key;
pub mod session_id;
pub mod path_parameter;
pub mod cookie;
pub mod hello;
pub mod limits;
pub mod name;
pub mod ring_hello;
pub mod ring_hello_code;
pub mod judgement;
pub mod link_frame;
pub mod link_decoder;
pub mod link_reason;
pub mod marks;
pub mod state;
pub mod status;
