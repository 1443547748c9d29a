//! The replication of sessions: events in, effects out.
//!
//! No IO, no clock, no randomness, no runtime: what happens on one server, on a whole cluster or in
//! a simulation of one is a function of what is put in here.
//!
//! So far there is the vocabulary: the [`Record`](record::Record) of a session as every server that
//! holds it has it, the [`Version`](version::Version)s that order what is done to it, a
//! [`Change`](change::Change) as a request asks for it and the [`Step`](step::Step) that the acting
//! owner makes of it, the [merge] of two lines that went on apart, and the canonical bytes of
//! it all; [`Liveness`](liveness::Liveness), by which a server knows whom it can rely on; how an
//! acting owner keeps the other holders in step ([`Owned`](owned::Owned), [`Copy`](copy::Copy)); and
//! the [`Inquiry`](inquiry::Inquiry) who acts for a session, by which another server takes over. What
//! puts these together, hands sessions back and ends them is not here yet, and nothing uses this
//! crate.

pub mod incarnation;
pub mod server_id;
pub mod epoch;
pub mod version;
pub mod stamped;
pub mod proof;
pub mod holders;
pub mod seen;
pub mod attributes;
pub mod operations;
pub mod live;
pub mod record;
pub mod step;
pub mod change;
pub mod merge;
pub mod timing;
pub mod running_time;
pub mod heartbeat;
pub mod peer;
pub mod liveness;
pub mod opinion;
pub mod beginning;
pub mod inquiry;
pub mod safety;
pub mod copy;
pub mod act;
pub mod scene;
mod progress;
mod journal;
mod others;
pub mod deposed;
pub mod not_taken;
pub mod owned;
pub mod call;
pub mod answer;
pub mod frame;
pub mod counts;
pub mod effects;
pub mod surroundings;
pub mod place;
mod asking;
mod news;
mod post;
mod hand_back;
mod care;
mod serve;
mod waiting;
mod desk;
mod reception;
mod referral;
mod seat;
pub mod shard;
pub mod writer;
pub mod reader;
mod fields;
mod values;
pub mod record_code;
pub mod step_code;

#[cfg(test)]
mod samples;
