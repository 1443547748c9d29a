//! One thread of an app-tier server.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use copal_serve::accepted::Accepted;
use copal_serve::door::Worker;
use copal_serve::workers::Workbench;
use copal_session::ring::runner::Ring;
use copal_session::sessions::Sessions;
use tokio::task::spawn_local;

use crate::connection::{self, House};
use crate::current_site::CurrentSite;
use crate::figures::{AllFigures, Figures};
use crate::guests::Guests;
use crate::in_force::InForce;
use crate::kept_back;
use crate::leaving;
use crate::limits;
use crate::own_state::OwnState;

/// One thread of an app-tier server.
pub(crate) struct TierWorker {
    site: Rc<CurrentSite>,
    figures: Arc<Figures>,
    guests: Rc<Guests>,
    bench: Workbench,
}

/// What all threads of a server have in common.
#[derive(Clone)]
pub(crate) struct Crew {
    pub(crate) in_force: Arc<InForce>,
    pub(crate) sessions: Sessions,
    pub(crate) state: OwnState,
    pub(crate) figures: AllFigures,
    pub(crate) ring: Option<Ring>,
    /// Whether one of them does what is done once for all.
    pub(crate) begun: Arc<AtomicBool>,
}

impl TierWorker {
    /// Takes its place on the thread. The first one of a server also sweeps the sessions, and sees to it
    /// that they are given away when it stops.
    pub(crate) fn new(crew: &Crew, bench: Workbench) -> Self {
        let guests = Rc::new(Guests::default());
        spawn_local(Rc::clone(&guests).see_off(bench.drain.clone()));
        let figures = crew.figures.of_thread();
        if !crew.begun.swap(true, Ordering::Relaxed) {
            spawn_local(sweep(crew.sessions.clone(), Arc::clone(&figures)));
            let (sessions, state) = (crew.sessions.clone(), crew.state.clone());
            spawn_local(kept_back::mind(sessions, state, bench.drain.clone()));
            if let Some(ring) = crew.ring.clone() {
                spawn_local(leaving::see_off(ring, crew.figures.clone(), bench.drain.clone()));
            }
        }
        let site = CurrentSite::new(Arc::clone(&crew.in_force), bench.drain.clone());
        Self { site: Rc::new(site), figures, guests, bench }
    }
}

impl Worker for TierWorker {
    async fn serve(self: Rc<Self>, accepted: Accepted) {
        let house = House {
            site: Rc::clone(&self.site),
            figures: Arc::clone(&self.figures),
            guests: Rc::clone(&self.guests),
        };
        connection::serve(house, self.bench.deadlines.slot(), accepted).await;
    }
}

async fn sweep(sessions: Sessions, figures: Arc<Figures>) {
    loop {
        tokio::time::sleep(limits::SWEEP).await;
        loop {
            let swept = sessions.sweep(limits::SWEPT_AT_ONCE);
            figures.expire(swept);
            if swept < limits::SWEPT_AT_ONCE {
                break;
            }
            tokio::task::yield_now().await;
        }
    }
}
