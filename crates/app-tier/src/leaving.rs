//! How long the cluster port of a server that stops stays open for the other servers of its ring.

use std::time::Duration;

use copal_serve::clock;
use copal_serve::drain::{Drain, Phase};
use copal_session::ring::runner::Ring;

use crate::figures::AllFigures;

/// Closes the cluster port of a server that stops, as soon as all of its requests are done, which may
/// begin and change sessions to the last, and the other servers have its sessions.
pub(crate) async fn see_off(ring: Ring, figures: AllFigures, drain: Drain) {
    drain.reached(Phase::Draining).await;
    while !drain.is_cut() {
        if !is_busy(&figures) {
            let over = drain.clone();
            ring.given_away(move || over.is_cut()).await;
            // Somebody may have come meanwhile.
            if !is_busy(&figures) {
                break;
            }
        }
        tokio::time::sleep(LOOK).await;
    }
    drain.close();
}

/// Whether there is anybody who may still change a session.
fn is_busy(figures: &AllFigures) -> bool {
    let totals = figures.totals(clock::now());
    totals.public.open > 0 || totals.in_flight() > 0 || totals.tunnels.open > 0
}

/// How often it is looked whether requests are done.
const LOOK: Duration = Duration::from_millis(50);
