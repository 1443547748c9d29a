//! When sessions are saved that are kept back with `save-mode = "on-shutdown"`.

use copal_protocol::state::State;
use copal_serve::drain::{Drain, Phase};
use copal_session::sessions::Sessions;

use crate::limits;
use crate::own_state::OwnState;

/// Whether a server in this state keeps its sessions, so that nobody else needs to know them.
pub(crate) const fn stays(state: State) -> bool {
    !matches!(state, State::Evict | State::Leaving | State::Maintenance | State::Down)
}

/// Sees to it that what is kept back is saved as soon as sessions move away from this server, and that
/// it is bounded before.
pub(crate) async fn mind(sessions: Sessions, state: OwnState, drain: Drain) {
    loop {
        let stays = stays(state.now());
        sessions.hold_back(stays);
        sessions.save_held().await;
        tokio::select! {
            () = tokio::time::sleep(limits::SWEEP) => {}
            // From the first moment on others are asked for its sessions.
            () = drain.reached(Phase::Draining), if stays => {}
        }
    }
}
