//! All connections of one kind, on a thread of their own.

use std::rc::Rc;
use std::sync::Arc;

use bytes::BytesMut;
use copal_protocol::server_index::ServerIndex;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::{JoinHandle, spawn_local};

use crate::ring::acceptance::Guest;
use crate::ring::dialer;
use crate::ring::engine::Engine;
use crate::ring::line::LinkKind;
use crate::ring::link;
use crate::ring::link_error::LinkError;
use crate::ring::roster::{Member, Roster};

/// Keeps all connections of one kind: calls the servers that come later in the table, and takes in
/// those that come earlier. So there is one connection of a kind between two servers.
pub(crate) async fn keep_all(
    engine: Arc<Engine>,
    kind: LinkKind,
    mut guests: UnboundedReceiver<Guest>,
) {
    let mut rosters = engine.rosters();
    let mut calls = Calls { engine: Arc::clone(&engine), kind, tasks: Vec::new() };
    loop {
        let roster = Arc::clone(&rosters.borrow_and_update());
        calls.follow(&roster);
        tokio::select! {
            // The engine lives as long as this.
            _ = rosters.changed() => {}
            guest = guests.recv() => match guest {
                Some(guest) => welcome(Arc::clone(&engine), kind, guest),
                None => return,
            },
        }
    }
}

/// The tasks that call other servers.
struct Calls {
    engine: Arc<Engine>,
    kind: LinkKind,
    tasks: Vec<(Member, JoinHandle<()>)>,
}

impl Calls {
    /// Calls those that are in the table, and nobody else.
    fn follow(&mut self, roster: &Roster) {
        self.tasks.retain(|(member, task)| {
            let stays = roster.others.contains(member);
            if !stays {
                task.abort();
            }
            stays
        });
        for member in &roster.others {
            if !self.tasks.iter().any(|(known, _)| known == member)
                && let Some(task) = self.begin(member, roster.own.index)
            {
                self.tasks.push((member.clone(), task));
            }
        }
    }

    fn begin(&self, member: &Member, own: ServerIndex) -> Option<JoinHandle<()>> {
        let (engine, member) = (Arc::clone(&self.engine), Rc::new(member.clone()));
        if own < member.index {
            Some(spawn_local(dialer::keep(engine, member, self.kind)))
        } else if self.kind == LinkKind::Sessions {
            Some(spawn_local(dialer::watch(engine, member)))
        } else {
            None
        }
    }
}

fn welcome(engine: Arc<Engine>, kind: LinkKind, guest: Guest) {
    spawn_local(async move {
        if let Err(error) = take_in(&engine, kind, guest).await {
            tracing::warn!(%error, "a connection of another server was refused");
        }
    });
}

async fn take_in(engine: &Engine, kind: LinkKind, guest: Guest) -> Result<(), LinkError> {
    link::run(engine, kind, guest.stream.unpark()?, BytesMut::from(&*guest.read)).await
}
