//! What an operator can ask of a running app-tier server.

use std::time::SystemTime;

use copal_protocol::state::{State, Wish};
use copal_protocol::status::Status;
use copal_serve::clock;
use copal_serve::desk::{Desk, Refused, Reloaded};
use copal_session::ring::census::Census;
use copal_session::ring::runner::Ring;
use copal_session::sessions::Sessions;

use crate::figures::AllFigures;
use crate::kept_back;
use crate::late_saves::LateSaves;
use crate::metrics::{self, Facts};
use crate::own_state::OwnState;
use crate::recent;
use crate::reload::Reload;

/// What an operator can ask of a running app-tier server.
pub(crate) struct AppDesk {
    pub(crate) reload: Reload,
    /// The name of its cluster.
    pub(crate) cluster: String,
    pub(crate) state: OwnState,
    pub(crate) figures: AllFigures,
    pub(crate) sessions: Sessions,
    pub(crate) late: LateSaves,
    pub(crate) ring: Option<Ring>,
    /// Whether other servers have copies.
    pub(crate) replicates: bool,
    /// When the server began.
    pub(crate) began: SystemTime,
}

impl AppDesk {
    /// How many sessions this server acts for, those of its ring too.
    fn sessions(&self, census: Option<&Census>) -> u64 {
        let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        match census {
            Some(census) => census.own + count(self.sessions.outside_ring()),
            None => count(self.sessions.live()),
        }
    }
}

impl Desk for AppDesk {
    fn status(&self) -> Status {
        let totals = self.figures.totals(clock::now());
        let (reloads, reload_error) = self.reload.outcome();
        let census = self.ring.as_ref().map(Ring::census);
        let replicated = census.as_ref().filter(|_| self.replicates);
        Status {
            server: self.reload.id.clone(),
            cluster: self.cluster.clone(),
            tier: "app".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
            uptime_seconds: totals.uptime,
            state: self.state.now(),
            connections: totals.public.open,
            in_flight: totals.in_flight(),
            requests: totals.requests,
            requests_per_second: recent::per_second(totals.recent, totals.uptime),
            sessions: Some(self.sessions(census.as_ref())),
            copies: replicated.map(|census| census.copies),
            short_of_copies: replicated.map(|census| census.short),
            surplus_copies: replicated.map(|census| census.surplus),
            reloads,
            reload_error,
            needs_restart: self.reload.needs_restart(),
            servers: Vec::new(),
        }
    }

    fn metrics(&self) -> String {
        let (reloads, error) = self.reload.outcome();
        let census = self.ring.as_ref().map(Ring::census);
        metrics::text(&Facts {
            totals: self.figures.totals(clock::now()),
            state: self.state.now(),
            sessions: self.sessions(census.as_ref()),
            late_saves_failed: self.late.failed(),
            census,
            replicates: self.replicates,
            reloads,
            reloaded: error.is_none(),
            began: self.began,
        })
    }

    fn ready(&self) -> Result<(), String> {
        match self.state.now() {
            State::Ready => Ok(()),
            state => Err(format!("the state of this server is {state}")),
        }
    }

    fn wish(&self, server: &str, wish: Wish) -> Result<State, Refused> {
        let own = &self.reload.id;
        if server != *own {
            return Err(Refused::Unknown(format!(
                "this is the app-tier server \"{own}\", which knows no state but its own: ask \
                 \"{server}\" itself"
            )));
        }
        if self.state.now() == State::Leaving {
            return Err(Refused::NotHere(format!("\"{own}\" is stopping already")));
        }
        self.state.grant(wish);
        self.sessions.hold_back(kept_back::stays(self.state.now()));
        Ok(self.state.now())
    }

    async fn reload(&self) -> Result<Reloaded, String> {
        self.reload.run().await
    }
}
