//! Whether two servers of the ring fit together, by what they say of themselves.

use std::collections::BTreeMap;
use std::fmt;

use crate::name::Name;
use crate::ring_hello::{Hello, Versions};
use crate::server_index::ServerIndex;

/// Two servers fit together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreed {
    /// The version of the protocol that they speak with each other.
    pub version: u16,
    /// Servers that only one of them knows: to be reported, and tolerated while a new configuration
    /// goes from server to server.
    pub differences: Vec<Difference>,
}

/// A server that one of the two does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// Its index.
    pub index: ServerIndex,
    /// Its id.
    pub server: Name,
    /// In whose table it is missing.
    pub missing_at: Name,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { index, server, missing_at } = self;
        write!(f, "{server} ({}) is missing in the server table of {missing_at}", Place(*index))
    }
}

/// Which id has which index, and who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The index.
    pub index: ServerIndex,
    /// The id.
    pub server: Name,
    /// Who says it.
    pub by: Name,
}

/// A server of a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Its id.
    pub server: Name,
    /// Its cluster.
    pub cluster: Name,
}

/// Why two servers are not joined. What it says is for whoever has to mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// They are of different clusters: this server first, then the other one.
    #[error(
        "{own} is of the cluster {own_cluster} and {other} is of the cluster {other_cluster}: \
         correct the address under which the one reaches the other, or give both the same \
         configuration file",
        own = .0[0].server, own_cluster = .0[0].cluster,
        other = .0[1].server, other_cluster = .0[1].cluster
    )]
    OtherCluster(Box<[Member; 2]>),
    /// There is no version of the protocol that both speak.
    #[error(
        "{own} speaks {own_versions} of the ring protocol and {theirs} speaks {their_versions}: \
         update the older one, over a release that speaks both when there is one"
    )]
    NoVersion {
        /// This server.
        own: Name,
        /// What it speaks.
        own_versions: Versions,
        /// The other one.
        theirs: Name,
        /// What that one speaks.
        their_versions: Versions,
    },
    /// A server has reached itself.
    #[error("{server} has reached itself: correct the addresses of the other servers in its file")]
    Itself {
        /// This server.
        server: Name,
    },
    /// There are two servers of the same id.
    #[error(
        "two servers say that they are {server}, this one with {own} and the other one with \
         {theirs}: stop one of them, or start it as another server",
        own = Place(*own), theirs = Place(*theirs)
    )]
    SameServer {
        /// The id of both.
        server: Name,
        /// The index of this one.
        own: ServerIndex,
        /// The index of the other one.
        theirs: ServerIndex,
    },
    /// One index has two ids.
    #[error(
        "{index} has two ids: {one} according to {by_one}, {other} according to {by_other}; an \
         index is never given to another server while sessions of the first one live: correct the \
         configuration file of one of the two, and reload it",
        index = Place(.0[0].index), one = .0[0].server, by_one = .0[0].by,
        other = .0[1].server, by_other = .0[1].by
    )]
    IndexTwice(Box<[Claim; 2]>),
    /// One id has two indexes.
    #[error(
        "{server} has two indexes: {one} according to {by_one}, {other} according to {by_other}; \
         a server keeps its index, because session ids name it: correct the configuration file of \
         one of the two, and reload it",
        server = .0[0].server, one = Place(.0[0].index), by_one = .0[0].by,
        other = Place(.0[1].index), by_other = .0[1].by
    )]
    IdTwice(Box<[Claim; 2]>),
}

/// Whether this server and the one that says `theirs` fit together. Both sides come to the same
/// judgement.
///
/// # Errors
/// [`Refusal`].
pub fn judge(own: &Hello, theirs: &Hello) -> Result<Agreed, Refusal> {
    if own.cluster != theirs.cluster {
        let member = |hello: &Hello| Member { server: hello.server, cluster: hello.cluster };
        return Err(Refusal::OtherCluster(Box::new([member(own), member(theirs)])));
    }
    let version = own.versions.common(theirs.versions).ok_or(Refusal::NoVersion {
        own: own.server,
        own_versions: own.versions,
        theirs: theirs.server,
        their_versions: theirs.versions,
    })?;
    if own.server == theirs.server {
        return Err(if own.incarnation == theirs.incarnation {
            Refusal::Itself { server: own.server }
        } else {
            Refusal::SameServer { server: own.server, own: own.index, theirs: theirs.index }
        });
    }
    contradiction(own, theirs)?;
    let differences = missing(own, theirs).chain(missing(theirs, own)).collect();
    Ok(Agreed { version, differences })
}

/// What a server says of all servers, itself first.
fn claims(hello: &Hello) -> impl Iterator<Item = Claim> {
    let by = hello.server;
    let own = std::iter::once((hello.index, hello.server));
    let table = hello.table.iter().map(|(index, server)| (*index, *server));
    own.chain(table).map(move |(index, server)| Claim { index, server, by })
}

fn contradiction(own: &Hello, theirs: &Hello) -> Result<(), Refusal> {
    let mut by_index: BTreeMap<ServerIndex, Claim> = BTreeMap::new();
    let mut by_id: BTreeMap<Name, Claim> = BTreeMap::new();
    for claim in claims(own).chain(claims(theirs)) {
        let before = *by_index.entry(claim.index).or_insert(claim);
        if before.server != claim.server {
            return Err(Refusal::IndexTwice(Box::new([before, claim])));
        }
        let before = *by_id.entry(claim.server).or_insert(claim);
        if before.index != claim.index {
            return Err(Refusal::IdTwice(Box::new([before, claim])));
        }
    }
    Ok(())
}

/// The servers that `one` knows and `other` does not, in the order of their indexes.
fn missing(one: &Hello, other: &Hello) -> impl Iterator<Item = Difference> {
    let known: BTreeMap<ServerIndex, Name> =
        claims(one).map(|claim| (claim.index, claim.server)).collect();
    let missing_at = other.server;
    let lacks = known.into_iter().filter(|(index, _)| !other.table.contains_key(index));
    lacks.map(move |(index, server)| Difference { index, server, missing_at })
}

/// An index, with the letter by which session ids name it.
struct Place(ServerIndex);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "index {} (letter {})", self.0.get(), char::from(self.0.letter()))
    }
}

#[cfg(test)]
mod tests;
