//! Where operators are heard: the desk of a web-tier server.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use copal_config::cluster::Protocol;
use copal_protocol::state::{State, Wish};
use copal_protocol::status::Status;
use copal_serve::desk::{Desk, Refused, Reloaded};
use copal_serve::process::Source;
use tokio::task::spawn_local;

use crate::care::checks::Checks;
use crate::care::rates::Rates;
use crate::desk::figures;
use crate::desk::metrics;
use crate::desk::reload::{self, Reloads};
use crate::desk::status;
use crate::live::Live;

/// The desk of a web-tier server. It lives on the control thread, and its health checks with it.
#[derive(Debug)]
pub(crate) struct Front {
    live: Arc<Live>,
    source: Option<Source>,
    checks: Rc<Checks>,
    rates: Rc<RefCell<Rates>>,
    reloads: RefCell<Reloads>,
}

impl Front {
    /// Begins to check servers and to measure, too. Called inside a local runtime.
    pub(crate) fn new(live: Arc<Live>, source: Option<Source>) -> Self {
        let checks = Checks::new(Arc::clone(&live));
        checks.follow();
        let rates = Rc::default();
        spawn_local(every_second(Arc::clone(&live), Rc::clone(&rates)));
        Self { live, source, checks, rates, reloads: RefCell::default() }
    }
}

/// Does what is done every second.
async fn every_second(live: Arc<Live>, rates: Rc<RefCell<Rates>>) {
    let mut seconds = tokio::time::interval(Duration::from_secs(1));
    seconds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        seconds.tick().await;
        let site = live.site();
        let requests = site.household.requests();
        site.household.budget.lock().unwrap_or_else(PoisonError::into_inner).second(requests);
        let servers = site.clusters.iter().flat_map(|cluster| &cluster.servers);
        servers.for_each(|server| server.settle());
        rates.borrow_mut().second(figures::sample(&site));
    }
}

impl Desk for Front {
    fn status(&self) -> Status {
        status::status(&self.live.site(), &self.rates.borrow(), &self.reloads.borrow())
    }

    fn metrics(&self) -> String {
        metrics::metrics(&self.live.site(), &self.reloads.borrow())
    }

    fn ready(&self) -> Result<(), String> {
        if self.live.site().household.drain.is_draining() {
            return Err("stopping".to_owned());
        }
        Ok(())
    }

    fn wish(&self, server: &str, wish: Wish) -> Result<State, Refused> {
        let site = self.live.site();
        if server == site.household.server {
            return Err(Refused::NotHere(format!(
                "{server} is a web-tier server: take it out of the balancer in front of it, or \
                 stop it with SIGTERM, which lets what runs finish"
            )));
        }
        let found = site.clusters.iter().find_map(|cluster| {
            let found = cluster.servers.iter().find(|known| known.id == server)?;
            Some((cluster, found))
        });
        match found {
            None => Err(Refused::Unknown(format!("no server is called \"{server}\""))),
            Some((cluster, _)) if cluster.protocol == Protocol::Copal => Err(Refused::NotHere(
                format!("{server} keeps its state itself: ask it on its own control socket"),
            )),
            Some((_, found)) => {
                found.record.wish(wish.state());
                site.household.bell.ring();
                Ok(found.state())
            }
        }
    }

    async fn reload(&self) -> Result<Reloaded, String> {
        let result = reload::reload(&self.live, self.source.as_ref()).await;
        self.reloads.borrow_mut().remember(&result);
        if result.is_ok() {
            self.checks.follow();
        }
        result
    }
}
