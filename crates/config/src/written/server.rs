//! A server as it was written.

use std::time::Duration;

use copal_protocol::server_index::ServerIndex;

use crate::bounds;
use crate::finding::Finding;
use crate::finding_rule::FindingRule;
use crate::network::Address;
use crate::place::Place;
use crate::written::address::address;
use crate::written::admin::WrittenAdmin;
use crate::written::leaf::Leaf;
use crate::written::load_balance::WrittenLoadBalance;
use crate::written::name::plain_name;
use crate::written::port::port;
use crate::written::section::Section;
use crate::written::table::Table;

/// A server as it was written, or the defaults of a cluster's servers.
#[derive(Clone, Default)]
pub(crate) struct WrittenServer {
    /// Its header.
    pub(crate) place: Place,
    pub(crate) id: Leaf<String>,
    pub(crate) index: Leaf<ServerIndex>,
    pub(crate) address: Leaf<Address>,
    pub(crate) port: Leaf<u16>,
    pub(crate) http: Leaf<Vec<WrittenListener>>,
    pub(crate) admin: Leaf<WrittenAdmin>,
    pub(crate) keepalive_timeout: Leaf<Duration>,
    pub(crate) socket_timeout: Leaf<Duration>,
    pub(crate) load_balance: WrittenLoadBalance,
}

/// A public listener as it was written.
#[derive(Clone)]
pub(crate) struct WrittenListener {
    pub(crate) address: Leaf<Address>,
    pub(crate) port: Leaf<u16>,
    pub(crate) keepalive_timeout: Leaf<Duration>,
}

impl WrittenServer {
    /// Reads the servers of a cluster, each with what it inherits from `server-default`.
    pub(crate) fn read_all(cluster: &Table<'_>) -> Vec<Self> {
        let default = Self::read_default(cluster);
        let mut servers = Vec::new();
        for table in cluster.tables("server", Section::Server) {
            let mut server = Self::read(&table).over(&default);
            server.id = table
                .parsed("id", |text| plain_name(text, "a server id", FindingRule::InvalidServerId));
            if server.id.is_absent() {
                let message = "the server has no `id`";
                table.findings.add(
                    Finding::error(FindingRule::MissingKey, table.place, message)
                        .hint("its process is started with it: `--server ID`"),
                );
            }
            let index = table.count("index", bounds::INDEX);
            server.index = index.and_then(|index, _| ServerIndex::new(index));
            table.finish();
            servers.push(server);
        }
        servers
    }

    /// Reads what the servers of a cluster inherit.
    fn read_default(cluster: &Table<'_>) -> Self {
        let Some(table) = cluster.table("server-default", Section::ServerDefault) else {
            return Self::default();
        };
        let read = Self::read(&table);
        table.finish();
        read
    }

    /// This server, with `base` for every key that it does not have.
    fn over(self, base: &Self) -> Self {
        Self {
            place: self.place,
            id: self.id,
            index: self.index,
            address: self.address.over(&base.address),
            port: self.port.over(&base.port),
            http: self.http.over(&base.http),
            admin: WrittenAdmin::over(&self.admin, &base.admin),
            keepalive_timeout: self.keepalive_timeout.over(&base.keepalive_timeout),
            socket_timeout: self.socket_timeout.over(&base.socket_timeout),
            load_balance: self.load_balance.over(&base.load_balance),
        }
    }

    fn read(table: &Table<'_>) -> Self {
        Self {
            place: table.place,
            id: Leaf::Absent,
            index: Leaf::Absent,
            address: table.parsed("address", address),
            port: port(table),
            http: WrittenListener::read_all(table),
            admin: WrittenAdmin::read(table),
            keepalive_timeout: table.duration("keepalive-timeout", bounds::PAUSE),
            socket_timeout: table.duration("socket-timeout", bounds::TIMEOUT),
            load_balance: WrittenLoadBalance::read(table),
        }
    }
}

impl WrittenListener {
    fn read_all(server: &Table<'_>) -> Leaf<Vec<Self>> {
        let Some(value) = server.value("http") else {
            return Leaf::Absent;
        };
        let listeners = server.tables("http", Section::Listener).into_iter().map(Self::read);
        Leaf::Given(listeners.collect(), value.span().into())
    }

    fn read(table: Table<'_>) -> Self {
        let read = Self {
            address: table.parsed("address", address),
            port: port(&table),
            keepalive_timeout: table.duration("keepalive-timeout", bounds::PAUSE),
        };
        if read.port.is_absent() {
            let message = "the listener has no `port`";
            table.findings.add(Finding::error(FindingRule::MissingKey, table.place, message));
        }
        table.finish();
        read
    }
}
