//! The servers of the ring.

use copal_config::cluster::Cluster;
use copal_config::server::Server;
use copal_protocol::server_index::ServerIndex;
use copal_replica::server_id::ServerId;
use copal_tls::peer::Peer;

/// The servers of the ring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    /// The cluster's name in the file.
    pub cluster: String,
    /// This server.
    pub own: Member,
    /// The others.
    pub others: Vec<Member>,
    /// Names and places of the others.
    table: Vec<(ServerId, ServerIndex)>,
}

/// A server of the ring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub id: ServerId,
    /// Its place in the table, which is its letter in session ids.
    pub index: ServerIndex,
    /// Where its cluster port is: a name or an address.
    pub address: String,
    /// Its cluster port.
    pub port: u16,
}

impl Member {
    fn of(server: &Server) -> Option<Self> {
        let (id, address) = (ServerId::new(&server.id)?, server.address.to_string());
        Some(Self { id, index: server.index, address, port: server.port? })
    }
}

impl From<&Member> for Peer {
    fn from(member: &Member) -> Self {
        Self { id: member.id.as_str().to_owned(), address: member.address.clone() }
    }
}

impl Roster {
    /// The servers of a cluster, of which `own` is this one; `None` when it is not in it, or when one of
    /// them has no cluster port.
    #[must_use]
    pub fn of(cluster: &Cluster, own: &str) -> Option<Self> {
        let members: Option<Vec<Member>> = cluster.servers.iter().map(Member::of).collect();
        let (own, others): (Vec<Member>, Vec<Member>) =
            members?.into_iter().partition(|member| member.id.as_str() == own);
        let own = own.into_iter().next()?;
        Some(Self::new(&cluster.name, own, others))
    }

    /// These servers.
    #[must_use]
    pub fn new(cluster: &str, own: Member, others: Vec<Member>) -> Self {
        let table = others.iter().map(|member| (member.id, member.index)).collect();
        Self { cluster: cluster.to_owned(), own, others, table }
    }

    /// The other server of this name.
    #[must_use]
    pub fn other(&self, id: ServerId) -> Option<&Member> {
        self.others.iter().find(|member| member.id == id)
    }

    /// Names and places of the others, as the engine takes them.
    #[must_use]
    pub fn table(&self) -> &[(ServerId, ServerIndex)] {
        &self.table
    }

    /// The names of the others.
    #[must_use]
    pub fn names(&self) -> Vec<ServerId> {
        self.others.iter().map(|member| member.id).collect()
    }

    /// The place of a server in the table, this one's too.
    #[must_use]
    pub fn index_of(&self, id: ServerId) -> Option<ServerIndex> {
        let mut all = std::iter::once(&self.own).chain(&self.others);
        all.find(|member| member.id == id).map(|member| member.index)
    }

    /// The server of a letter, this one too.
    #[must_use]
    pub fn at(&self, index: ServerIndex) -> Option<ServerId> {
        let mut all = std::iter::once(&self.own).chain(&self.others);
        all.find(|member| member.index == index).map(|member| member.id)
    }
}
