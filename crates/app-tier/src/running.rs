//! A server that runs.

use std::net::SocketAddr;

use copal_serve::control::Control;
use copal_serve::drain::{Drain, Phase};
use copal_serve::workers::Workers;
use copal_session::ring::runner::Ring;
use tokio::runtime::Runtime;

use crate::entrance::{Audience, Entrance};
use crate::late_saves::LateSaves;
use crate::limits;
use crate::start_error::StartError;

/// A server that runs.
#[derive(Debug)]
pub struct Running {
    pub(crate) workers: Workers,
    pub(crate) control: Control,
    pub(crate) ring: Option<Ring>,
    pub(crate) late: LateSaves,
    pub(crate) runtime: Option<Runtime>,
    pub(crate) entrances: Vec<Entrance>,
    pub(crate) drain: Drain,
}

impl Running {
    /// Stops it: [`Drain::begin`] politely, [`Drain::cut`] at once.
    #[must_use]
    pub fn drain(&self) -> Drain {
        self.drain.clone()
    }

    /// Where clients find it, in the order of the file.
    pub fn public_addresses(&self) -> impl Iterator<Item = SocketAddr> {
        self.addresses(Audience::Public)
    }

    /// Where web-tier servers find it.
    #[must_use]
    pub fn cluster_address(&self) -> Option<SocketAddr> {
        self.addresses(Audience::Cluster).next()
    }

    /// Where operators find it, beside its control socket.
    #[must_use]
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.control.admin_address()
    }

    fn addresses(&self, audience: Audience) -> impl Iterator<Item = SocketAddr> {
        let entrances = self.entrances.iter();
        entrances
            .filter(move |entrance| entrance.audience == audience)
            .map(|entrance| entrance.address)
    }

    /// Returns when it has stopped and everything that ran is done or cut off.
    ///
    /// # Errors
    /// [`StartError::WorkerFailed`].
    pub fn wait(self) -> Result<(), StartError> {
        let well = self.workers.wait();
        // What was begun first: what is kept back may be newer.
        self.late.end();
        let held = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let held = held.map(|runtime| {
            let over = self.drain.reached(Phase::Cut);
            runtime.block_on(self.late.save_held(over));
        });
        if let Err(error) = held {
            tracing::error!(%error, "sessions that were kept back until the stop are lost");
        }
        if let Some(ring) = &self.ring {
            let drain = self.drain.clone();
            ring.leave(move || drain.is_cut());
        }
        // Whoever waits for the end of the server waits for this phase.
        self.drain.cut();
        let well = self.control.end() && well;
        if let Some(runtime) = self.runtime {
            runtime.shutdown_timeout(limits::LAST_MOMENT);
        }
        if well { Ok(()) } else { Err(StartError::WorkerFailed) }
    }
}
