//! One thread of an app-tier server.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use copal_serve::accepted::Accepted;
use copal_serve::door::Worker;
use copal_serve::workers::Workbench;
use copal_session::sessions::Sessions;
use tokio::task::spawn_local;

use crate::connection;
use crate::guests::Guests;
use crate::limits;
use crate::site::{Plan, Site};

/// One thread of an app-tier server.
pub(crate) struct TierWorker {
    site: Rc<Site>,
    guests: Rc<Guests>,
    bench: Workbench,
}

impl TierWorker {
    /// Takes its place on the thread. The first one of a server also sweeps the sessions.
    pub(crate) fn new(plan: Plan, sweeping: &Arc<AtomicBool>, bench: Workbench) -> Self {
        let guests = Rc::new(Guests::default());
        spawn_local(Rc::clone(&guests).see_off(bench.drain.clone()));
        if !sweeping.swap(true, Ordering::Relaxed) {
            spawn_local(sweep(plan.sessions.clone()));
        }
        Self { site: Rc::new(Site::new(plan, bench.drain.clone())), guests, bench }
    }
}

impl Worker for TierWorker {
    async fn serve(self: Rc<Self>, accepted: Accepted) {
        let Some(entrance) = self.site.entrances.get(accepted.door.0).copied() else {
            return;
        };
        let deadline = self.bench.deadlines.slot();
        let (site, guests) = (Rc::clone(&self.site), Rc::clone(&self.guests));
        connection::serve(site, guests, entrance, deadline, accepted).await;
    }
}

async fn sweep(sessions: Sessions) {
    loop {
        tokio::time::sleep(limits::SWEEP).await;
        while sessions.sweep(limits::SWEPT_AT_ONCE) == limits::SWEPT_AT_ONCE {
            tokio::task::yield_now().await;
        }
    }
}
