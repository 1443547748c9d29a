//! An `admin` listener as it was written.

use crate::network::Address;
use crate::written::address::address;
use crate::written::leaf::Leaf;
use crate::written::port::port;
use crate::written::secret::WrittenSecret;
use crate::written::section::Section;
use crate::written::table::Table;

/// An `admin` listener as it was written.
#[derive(Clone)]
pub(crate) struct WrittenAdmin {
    pub(crate) address: Leaf<Address>,
    pub(crate) port: Leaf<u16>,
    pub(crate) token: Leaf<WrittenSecret>,
}

impl WrittenAdmin {
    /// Reads the key `admin` of a server.
    pub(crate) fn read(server: &Table<'_>) -> Leaf<Self> {
        let Some(value) = server.value("admin") else {
            return Leaf::Absent;
        };
        let place = value.span().into();
        let Some(table) = server.table("admin", Section::Admin) else {
            return Leaf::Broken(place);
        };
        let read = Self {
            address: table.parsed("address", address),
            port: port(&table),
            token: WrittenSecret::read(&table, "token"),
        };
        table.finish();
        Leaf::Given(read, place)
    }

    /// What a server has that inherits `base`: every key of its own first.
    pub(crate) fn over(own: &Leaf<Self>, base: &Leaf<Self>) -> Leaf<Self> {
        match (own, base) {
            (Leaf::Given(own, place), Leaf::Given(base, _)) => {
                let both = Self {
                    address: own.address.over(&base.address),
                    port: own.port.over(&base.port),
                    token: own.token.over(&base.token),
                };
                Leaf::Given(both, *place)
            }
            _ => own.over(base),
        }
    }
}
