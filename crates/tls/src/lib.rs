//! Mutual TLS between the servers of a cluster: certificates from files, who they are of, streams.
//!
//! [`files::Files`] is what a `[tls.NAME]` of the configuration names, read; it knows nothing of who
//! will use it. [`cluster_tls::ClusterTls`] makes of it both ends of the connections of a cluster port.
//! [`stream::Stream`] is such a connection, or a plain one: whoever reads and writes need not know.

pub mod tls_error;
pub mod files;
pub mod peer;
mod chain;
mod guests;
pub mod refused;
mod socket;
pub mod encrypted;
pub mod halves;
pub mod stream;
pub mod parked;
pub mod cluster_tls;

#[cfg(test)]
mod tests;
