//! What has happened to connections, until the thread of the ring tells all sessions of it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use copal_replica::server_id::ServerId;
use tokio::sync::Notify;

use crate::ring::line::{End, LinkKind};
use crate::ring::outbox::Outbox;

/// What has happened to a connection.
#[derive(Debug)]
pub(crate) enum Item {
    /// It is there.
    Begun(LinkKind, End),
    /// It is over.
    Over(LinkKind, Arc<Outbox>),
    /// Nothing is to be said to that server any more.
    Unwanted,
}

/// What has happened to connections, in its order. Only one thread takes it out: whoever else tells of a
/// connection has heartbeats to send, and waits for no session.
#[derive(Debug, Default)]
pub(crate) struct News {
    items: Mutex<VecDeque<(ServerId, Item)>>,
    came: Notify,
}

impl News {
    /// This has happened to a connection to that server.
    pub(crate) fn put(&self, server: ServerId, item: Item) {
        let mut items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        items.push_back((server, item));
        drop(items);
        self.came.notify_one();
    }

    /// What has happened next, if anything has.
    pub(crate) fn next(&self) -> Option<(ServerId, Item)> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    /// Waits until something may have happened. For one thread.
    pub(crate) async fn came(&self) {
        self.came.notified().await;
    }
}
