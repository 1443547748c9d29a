//! The heartbeats of this server.

use std::sync::Arc;

use copal_protocol::state::State;

use crate::ring::clockwork::clock;
use crate::ring::engine::Engine;
use crate::ring::joining::Joining;
use crate::ring::limits::PULSE;

/// Asks the others again and again whether they are there, and tells them what this server does.
pub(crate) async fn beat(engine: Arc<Engine>, joining: Arc<Joining>) {
    let mut times = tokio::time::interval(PULSE);
    times.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        times.tick().await;
        if joining.look(&engine, clock()) {
            tracing::info!("joined the ring: it is known of all other servers what they are up to");
        }
        engine.beat(state(&engine, &joining));
    }
}

fn state(engine: &Engine, joining: &Joining) -> State {
    joining.state((engine.plan.wished)())
}
