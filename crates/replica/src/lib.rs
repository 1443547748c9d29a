//! The replication of sessions: events in, effects out.
//!
//! No IO, no clock, no randomness, no runtime: what happens on one server, on a whole cluster or in
//! a simulation of one is a function of what is put in here.
//!
//! A [`Shard`](shard::Shard) is a table of sessions. For each, this server is the one that acts
//! ([`Owned`](owned::Owned)), or has a [`Copy`](copy::Copy), or neither; what is not known is found out by
//! an [`Inquiry`](inquiry::Inquiry), and [`Liveness`](liveness::Liveness) says whom a server can rely on.
//! Below that stands the vocabulary: the [`Record`](record::Record) of a session as every server that
//! holds it has it, the [`Version`](version::Version)s that order what is done to it, a
//! [`Change`](change::Change) as a request asks for it, the [`Step`](step::Step) that the acting owner
//! makes of it, the [merge] of two lines that went on apart, and the canonical bytes of it all. What
//! carries out the [`Effects`](effects::Effects) with sockets and disks is not here, and not there yet.

pub mod plant;
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
pub mod outline;
pub mod step;
pub mod change;
pub mod merge;
pub mod timing;
pub mod running_time;
mod last_use;
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
mod muster;
pub mod needed;
mod others;
pub mod deposed;
pub mod not_taken;
pub mod owned;
pub mod call;
pub mod answer;
pub mod frame;
pub mod counts;
mod allowance;
mod denials;
mod strangers;
pub mod effects;
mod fnv;
pub mod surroundings;
pub mod place;
mod asking;
mod news;
mod post;
mod usage;
mod taking;
mod other_line;
mod hand_back;
mod care;
mod serve;
mod waiting;
mod desk;
mod reception;
mod happening;
mod referral;
mod seat;
mod finds;
mod residents;
mod dossier;
pub mod shard;
pub mod witness;
pub mod writer;
pub mod reader;
mod snug;
mod fields;
mod values;
pub mod record_code;
pub mod kept_code;
pub mod step_code;
mod frame_kind;
mod record_field;
mod opinion_code;
mod wish_code;
mod call_code;
mod answer_code;
pub mod frame_code;
pub mod heartbeat_code;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod frame_samples;
