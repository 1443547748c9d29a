//! HTTP/1 as a strict codec without IO.
//!
//! Bytes go in, judged messages come out. Whatever two readers could understand in two ways is
//! refused: the other reader is the server behind us, and a message with two meanings is how
//! requests are smuggled past rules. Both sides of the web tier speak through this crate, and
//! [`judge::Judge`] lays the same rules in front of a server that parses for itself.

pub mod limits;
mod alphabet;
pub mod version;
pub mod field;
mod connection;
pub mod framing;
pub mod field_block;
mod facts;
pub mod chunked;
pub mod body;
pub mod refusal;
mod authority;
mod target;
mod request_line;
pub mod request_head;
mod status_line;
pub mod response_head;
pub mod judge;
pub mod chunk;
pub mod write;
