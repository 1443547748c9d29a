//! The server tables that the others have announced.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use copal_protocol::ring_hello::ServerTable;
use copal_protocol::server_index::ServerIndex;
use copal_replica::server_id::ServerId;

/// The server tables that the others have announced last, each of them in its hello.
#[derive(Debug, Default)]
pub(crate) struct Tables(RwLock<BTreeMap<ServerId, ServerTable>>);

impl Tables {
    /// A server knows these.
    pub(crate) fn announced(&self, by: ServerId, table: ServerTable) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(by, table);
    }

    /// Whether all of these servers know one at this place: a letter that one of them cannot follow is put
    /// into no id.
    pub(crate) fn all_know(&self, all: &[ServerId], index: ServerIndex) -> bool {
        let tables = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.iter().all(|one| tables.get(one).is_some_and(|table| table.contains_key(&index)))
    }
}
