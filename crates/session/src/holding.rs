//! Keeping changes back on this server, and saving them after all.

use std::sync::Arc;

use copal_config::session_config::SaveMode;

use crate::changes::Changes;
use crate::error::Error;
use crate::keeper::Keeper;
use crate::save::Save;
use crate::seat::Seat;
use crate::sessions::HeldSaves;
use crate::store::Store;
use crate::web_app::WebApp;

impl Store {
    /// Whether a request that has this seat sees what is kept back of its session. Whoever came with a
    /// former proof never sees what was changed since.
    pub(crate) fn shows_held(&self, web_app: &WebApp, seat: &Seat) -> bool {
        seat.was_current && self.may_hold(web_app)
    }

    /// What is kept back of a request's session for its web-app, as far as it may see that. What the
    /// request has loaded before something of that was saved, is loaded anew.
    pub(crate) fn held_changes(&self, web_app: &WebApp, seat: &Seat) -> Option<Changes> {
        if !self.shows_held(web_app, seat) {
            return None;
        }
        let held = self.held.changes(web_app, seat.id.key(), self.surroundings.now());
        seat.loaded.forget_before(self.held.saves());
        held
    }

    /// Keeps changes of a session back; `false` when they have to be saved.
    pub(crate) async fn hold(
        &self,
        web_app: &Arc<WebApp>,
        seat: &Seat,
        changes: &Changes,
    ) -> Result<bool, Error> {
        let Keeper::Ring(ring) = &self.keeper else { return Ok(false) };
        if !self.held.is_on() {
            return Ok(false);
        }
        let now = self.surroundings.now();
        let mut all = self.held.changes(web_app, seat.id.key(), now).unwrap_or_default();
        all.then(changes);
        // What could not be saved is not taken.
        ring.allows(web_app, seat, &all).await?;
        Ok(self.held.put(web_app, seat, changes, now))
    }

    /// Saves what is kept back of a session for a web-app, so that what follows is done to all of it.
    pub(crate) async fn settle(&self, web_app: &Arc<WebApp>, seat: &Seat) -> Result<(), Error> {
        if !self.may_hold(web_app) {
            return Ok(());
        }
        let _turn = self.held.turn_to_save().await;
        let (key, now) = (seat.id.key(), self.surroundings.now());
        let (Keeper::Ring(ring), Some(changes)) =
            (&self.keeper, self.held.changes(web_app, key, now))
        else {
            return Ok(());
        };
        let save = Save { changes: &changes, rotation: None, only_if: None };
        let saved = ring.apply(web_app, seat, save).await;
        if matches!(saved, Ok(()) | Err(Error::Ended)) {
            self.held.saved(web_app, key, &changes);
        }
        saved
    }

    /// Saves everything that is kept back, or only what is overdue as long as it may be kept back.
    pub(crate) async fn save_held(&self, saves: &mut HeldSaves) {
        let due = match self.held.is_on() {
            true => self.held.overdue(self.surroundings.now()),
            false => self.held.all(),
        };
        for (web_app, seat) in due {
            match self.settle(&web_app, &seat).await {
                Ok(()) => saves.saved += 1,
                Err(Error::Ended) => saves.ended += 1,
                Err(error) => {
                    saves.failed += 1;
                    tracing::debug!(
                        web_app = web_app.path(), session = ?seat.id, %error,
                        "a session that was kept back could not be saved yet"
                    );
                }
            }
        }
    }

    fn may_hold(&self, web_app: &WebApp) -> bool {
        web_app.config().save_mode == SaveMode::OnShutdown && matches!(self.keeper, Keeper::Ring(_))
    }
}
