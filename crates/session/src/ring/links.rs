//! All connections of one kind, on a thread of their own.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use bytes::BytesMut;
use copal_protocol::server_index::ServerIndex;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinHandle;

use crate::ring::acceptance::Guest;
use crate::ring::clockwork::clock;
use crate::ring::dialer;
use crate::ring::engine::Engine;
use crate::ring::line::LinkKind;
use crate::ring::link;
use crate::ring::link_error::LinkError;
use crate::ring::panics;
use crate::ring::roster::{Member, Roster};
use crate::ring::said::Said;

/// Keeps all connections of one kind: calls the servers that come later in the table, and takes in
/// those that come earlier. So there is one connection of a kind between two servers.
pub(crate) async fn keep_all(
    engine: Arc<Engine>,
    kind: LinkKind,
    mut guests: UnboundedReceiver<Guest>,
) {
    let mut rosters = engine.rosters();
    let refused = Rc::new(RefCell::new(Said::default()));
    let mut calls = Calls { engine: Arc::clone(&engine), kind, tasks: Vec::new() };
    loop {
        let roster = Arc::clone(&rosters.borrow_and_update());
        calls.follow(&roster);
        tokio::select! {
            // The engine lives as long as this.
            _ = rosters.changed() => {}
            guest = guests.recv() => match guest {
                Some(guest) => welcome(Arc::clone(&engine), kind, guest, Rc::clone(&refused)),
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
            Some(panics::spawn(dialer::keep(engine, member, self.kind)))
        } else if self.kind == LinkKind::Sessions {
            Some(panics::spawn(dialer::watch(engine, member)))
        } else {
            None
        }
    }
}

fn welcome(engine: Arc<Engine>, kind: LinkKind, guest: Guest, refused: Rc<RefCell<Said>>) {
    panics::spawn(async move {
        if let Err(error) = take_in(&engine, kind, guest).await {
            // It comes again twice in a second.
            if refused.borrow_mut().is_news(&error.to_string(), clock()) {
                tracing::warn!(%error, "connections of another server are refused");
            }
        }
    });
}

async fn take_in(engine: &Engine, kind: LinkKind, guest: Guest) -> Result<(), LinkError> {
    link::run(engine, kind, guest.stream.unpark()?, BytesMut::from(&*guest.read)).await
}
