//! What waits to be written to another server.

use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::BytesMut;
use copal_protocol::link_frame::{self, Channel};
use tokio::sync::Notify;

use crate::ring::limits::UNSENT;

/// What waits to be written on one connection, in its order. Shared by the threads that put something
/// in and the one that writes.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    waiting: Mutex<Waiting>,
    /// Something came in, or it was closed.
    news: Notify,
    /// It may be used, or it was closed.
    usable: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    bytes: BytesMut,
    /// How many bytes more were taken out last, and are written now.
    written: usize,
    closed: bool,
    /// The other connection to that server is there too.
    joined: bool,
}

impl Outbox {
    /// Something more is to be sent. With far too much waiting already the connection is given up.
    pub(crate) fn put(&self, channel: Channel, content: &[u8]) {
        let mut waiting = self.waiting();
        if waiting.closed {
            return;
        }
        let was_empty = waiting.bytes.is_empty();
        if let Err(error) = link_frame::put(&mut waiting.bytes, channel, content) {
            // Bounds of the configuration keep sessions far below this.
            tracing::error!(%error, "something is too long to be sent to another server");
            return;
        }
        let over = waiting.unsent() > UNSENT;
        if over {
            waiting.close();
        }
        drop(waiting);
        if was_empty || over {
            self.news.notify_one();
        }
        if over {
            self.usable.notify_one();
        }
    }

    /// Takes everything out as soon as there is something; `None` when it is closed.
    pub(crate) async fn take(&self) -> Option<BytesMut> {
        loop {
            {
                let mut waiting = self.waiting();
                if waiting.closed {
                    return None;
                }
                waiting.written = waiting.bytes.len();
                if !waiting.bytes.is_empty() {
                    return Some(mem::take(&mut waiting.bytes));
                }
            }
            self.news.notified().await;
        }
    }

    /// From now on what is put in reaches the other server, or does not any more, because there are both
    /// connections to it, or one of them alone.
    pub(crate) fn join(&self, joined: bool) {
        self.waiting().joined = joined;
        self.usable.notify_one();
    }

    /// Waits until there are both connections: what was heard before could not be answered. `false` when
    /// this one is closed.
    pub(crate) async fn is_joined(&self) -> bool {
        loop {
            {
                let waiting = self.waiting();
                if waiting.closed || waiting.joined {
                    return !waiting.closed;
                }
            }
            self.usable.notified().await;
        }
    }

    /// How many bytes wait.
    pub(crate) fn unsent(&self) -> usize {
        self.waiting().unsent()
    }

    /// Whether nothing is sent any more.
    pub(crate) fn is_closed(&self) -> bool {
        self.waiting().closed
    }

    /// Nothing is sent any more.
    pub(crate) fn close(&self) {
        self.waiting().close();
        self.news.notify_one();
        self.usable.notify_one();
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn unsent(&self) -> usize {
        self.bytes.len() + self.written
    }

    fn close(&mut self) {
        self.closed = true;
        self.bytes = BytesMut::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIECE: usize = 1 << 20;

    #[tokio::test]
    async fn whoever_is_too_far_behind_is_given_up() {
        let outbox = Outbox::default();
        let content = vec![0; PIECE];
        // Each piece has a head besides.
        let fit = UNSENT / (PIECE + 64);
        for _ in 0..fit {
            outbox.put(Channel::Session, &content);
        }
        assert!(!outbox.is_closed());
        for _ in fit..=UNSENT / PIECE {
            outbox.put(Channel::Session, &content);
        }
        assert!(outbox.is_closed());
        assert!(outbox.take().await.is_none(), "what waited is dropped, and whoever writes ends");
        assert!(!outbox.is_joined().await);
        outbox.put(Channel::Session, b"more");
        assert!(outbox.take().await.is_none());
    }

    #[tokio::test]
    async fn what_is_taken_makes_room() {
        let outbox = Outbox::default();
        let content = vec![0; PIECE];
        for _ in 0..2 * UNSENT / PIECE {
            outbox.put(Channel::Session, &content);
            let taken = outbox.take().await.unwrap();
            assert!(taken.len() > PIECE);
        }
        assert!(!outbox.is_closed());
    }
}
