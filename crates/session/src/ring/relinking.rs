//! Connections to other servers come and go, and all sessions hear of it.

use std::sync::{Arc, PoisonError};

use copal_protocol::link_frame::Channel;
use copal_replica::server_id::ServerId;
use copal_replica::shard::Event;

use crate::ring::engine::Engine;
use crate::ring::greeting;
use crate::ring::line::{End, Line, LinkKind};
use crate::ring::news::Item;
use crate::ring::outbox::Outbox;
use crate::ring::roster::Roster;

impl Engine {
    /// There is a connection to another server.
    pub(crate) fn attach(&self, kind: LinkKind, server: ServerId, end: End) {
        self.news.put(server, Item::Begun(kind, end));
    }

    /// It is over.
    pub(crate) fn detach(&self, kind: LinkKind, server: ServerId, outbox: &Arc<Outbox>) {
        self.news.put(server, Item::Over(kind, Arc::clone(outbox)));
    }

    /// Whether there are connections to another server.
    pub(crate) fn is_joined(&self, server: ServerId) -> bool {
        let lines = self.lines();
        lines.get(&server).and_then(Line::joined).is_some()
    }

    /// The others are these from now on; this server stays what it is. To those that are not in it any
    /// more the connections end.
    pub(crate) fn set_roster(&self, roster: Roster) {
        let roster = Arc::new(roster);
        self.liveness_mut().table(&roster.names());
        self.roster.send_replace(Arc::clone(&roster));
        let lines = self.lines();
        let known: Vec<ServerId> = lines.keys().copied().collect();
        drop(lines);
        for server in known {
            if roster.other(server).is_some() {
                self.introduce(server);
            } else {
                self.news.put(server, Item::Unwanted);
            }
        }
    }

    /// Tells a server what this one's table is by now.
    fn introduce(&self, server: ServerId) {
        let lines = self.lines();
        let pulse = lines.get(&server).and_then(|line| line.outbox(LinkKind::Pulse));
        if let (Some(pulse), Some(hello)) = (pulse, greeting::again(self)) {
            pulse.put(Channel::Hello, &hello);
        }
    }

    /// Tells all sessions of connections, again and again. On one thread, which has no heartbeats to
    /// send: there may be many sessions.
    pub(crate) async fn follow_connections(&self) {
        loop {
            self.catch_up();
            self.news.came().await;
        }
    }

    /// Tells all sessions of what has happened to connections so far.
    pub(crate) fn catch_up(&self) {
        while let Some((server, item)) = self.news.next() {
            self.relink(server, |line| match item {
                Item::Begun(kind, end) => {
                    line.attach(kind, end);
                    true
                }
                Item::Over(kind, outbox) => line.detach(kind, &outbox),
                Item::Unwanted => line.close(),
            });
        }
    }

    /// Something is different about the connections to a server; all sessions hear of it when that
    /// makes a difference to them.
    fn relink(&self, server: ServerId, what: impl FnOnce(&mut Line) -> bool) {
        let mut lines = self.lines.write().unwrap_or_else(PoisonError::into_inner);
        let line = lines.entry(server).or_default();
        let before = line.joined();
        let changed = what(line);
        let now = line.joined();
        drop(lines);
        if !changed {
            return;
        }
        // A connection in the place of another one: what was under way on that is lost.
        if before.is_some() {
            if let Some(peer) = self.liveness_mut().peer_mut(server) {
                peer.disconnected();
            }
            self.with_all(&Event::Lost(server));
        }
        if let Some(start) = now {
            if let Some(peer) = self.liveness_mut().peer_mut(server) {
                peer.met(start);
                peer.connected();
            }
            self.with_all(&Event::Met(server));
            // The table may be another one since the two said who they are.
            self.introduce(server);
        }
        // Only now: all sessions know who is there before they hear anything of it.
        self.lines().get(&server).into_iter().for_each(Line::announce);
    }
}
