//! The inside of a session handle: what is known of the session, and finding it once.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use copal_protocol::session_id::SessionId;

use crate::error::Error;
use crate::not_reached::NotReached;
use crate::presented::Ids;
use crate::seat::{Origin, Seat};
use crate::state::{Sitting, State};
use crate::store::Store;
use crate::table::Found;
use crate::web_app::WebApp;

/// The inside of a session handle; all clones of a `Session` share one.
#[derive(Debug)]
pub(crate) struct Handle {
    pub(crate) store: Arc<Store>,
    pub(crate) web_app: Arc<WebApp>,
    pub(crate) ids: Ids,
    /// Never held over an `.await`.
    state: Mutex<State>,
    /// Held by whoever finds or makes the session, or carries something out: one at a time.
    turn: tokio::sync::Mutex<()>,
}

impl Handle {
    pub(crate) fn new(store: Arc<Store>, web_app: Arc<WebApp>, ids: Ids) -> Self {
        let nothing_presented = ids.cookie.is_none() && ids.url.is_none();
        let state = State { found: nothing_presented.then_some(None), ..State::default() };
        let turn = tokio::sync::Mutex::new(());
        Self { store, web_app, ids, state: Mutex::new(state), turn }
    }

    /// The state, for a moment.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state, for a change that the client can still be told of.
    pub(crate) fn open_state(&self) -> Result<MutexGuard<'_, State>, Error> {
        let state = self.state();
        if state.closed { Err(Error::HeadSent) } else { Ok(state) }
    }

    /// The state, for a change that the client need not be told of.
    pub(crate) fn state_for_changes(&self) -> Result<MutexGuard<'_, State>, Error> {
        let state = self.state();
        if !state.takes_changes() {
            return Err(Error::HeadSent);
        }
        // As far as that was asked for. Else the response finds out.
        state.is_known()?;
        Ok(state)
    }

    /// Waits for the other tasks that find, make or carry out.
    pub(crate) async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// The session, if there is one.
    pub(crate) async fn seat(&self) -> Option<Seat> {
        let sitting = self.state().sitting();
        match sitting {
            Sitting::Here(seat) => Some(seat),
            Sitting::Nowhere => None,
            Sitting::Unknown => {
                let _turn = self.turn().await;
                self.find().await
            }
        }
    }

    /// The same for one who reads: with `degraded = "refuse"` nobody is told that there is nothing when
    /// there may be something.
    pub(crate) async fn seat_to_read(&self) -> Result<Option<Seat>, Error> {
        let seat = self.seat().await;
        let state = self.state();
        // What was destroyed in this request is not there for it.
        if seat.is_none() && !state.destroyed && self.store.keeper.refuses() {
            state.is_known()?;
        }
        Ok(seat)
    }

    /// The session, if there is one, for one who has the turn.
    pub(crate) async fn find(&self) -> Option<Seat> {
        self.ask().await;
        self.state().seat()
    }

    /// Finds out what the presented ids come to, unless that is known; for one who has the turn.
    ///
    /// The cookie is taken when it names a live session, else the URL. One in which this web-app
    /// has a part comes before one that it could only share.
    pub(crate) async fn ask(&self) {
        if self.state().found.is_some() {
            return;
        }
        let (mut best, mut unknown): (Option<Seat>, bool) = (None, false);
        for (id, origin) in self.presented() {
            match self.store.find(&self.web_app, &id).await {
                Ok(found) => best = better(best, found.map(|found| seat_of(found, origin))),
                Err(NotReached) => unknown = true,
            }
        }
        let mut state = self.state();
        state.unknown = unknown && best.is_none();
        state.found = Some(best);
    }

    /// Looks whether the id that was presented still leads to the session, unless that is known; for one
    /// who has the turn.
    ///
    /// Whoever came with the proof of a moment ago never learns the id that there is now.
    pub(crate) async fn look_at_letters(&self) {
        let presented = {
            let state = self.state();
            let asked = state.moved.is_some() || state.destroyed || state.made.is_some();
            let found = state.found.as_ref().and_then(Option::as_ref).filter(|_| !asked);
            let takes_part = |seat: &&Seat| seat.member || state.changes.sets_something();
            found.filter(|seat| seat.was_current).filter(takes_part).cloned()
        };
        let Some(seat) = presented else { return };
        let moved = if self.store.leads_astray(&seat.id, &seat.loaded) {
            self.store.moved(&self.web_app, &seat.id).await
        } else {
            None
        };
        self.state().moved = Some(moved);
    }

    /// The id that the client will have after the response, and where it came from.
    pub(crate) async fn outlook(&self) -> Result<Option<(SessionId, Origin)>, Error> {
        if self.seat_to_read().await?.is_some() {
            let _turn = self.turn().await;
            self.look_at_letters().await;
        }
        let mut state = self.state();
        let sets_something = state.changes.sets_something();
        match state.seat() {
            Some(seat) if !seat.member && !sets_something => Ok(None),
            Some(seat) if state.rotate && seat.was_current => {
                Ok(Some((self.rotated_id(&mut state, &seat)?, seat.origin)))
            }
            Some(seat) => Ok(Some((state.id_of(&seat), seat.origin))),
            None if sets_something => Ok(Some((self.fresh_id(&mut state)?, Origin::Made))),
            None => Ok(None),
        }
    }

    /// The id for a new session; the same one until there is that session.
    pub(crate) fn fresh_id(&self, state: &mut State) -> Result<SessionId, Error> {
        let id = match state.fresh {
            Some(id) => id,
            None => self.store.new_id(&self.web_app)?,
        };
        state.fresh = Some(id);
        Ok(id)
    }

    /// The id after the rotation; the same one until it is rotated.
    pub(crate) fn rotated_id(&self, state: &mut State, seat: &Seat) -> Result<SessionId, Error> {
        let id = match state.rotated {
            Some(id) => id,
            None => self.store.new_proof(&state.id_of(seat))?,
        };
        state.rotated = Some(id);
        Ok(id)
    }

    fn presented(&self) -> impl Iterator<Item = (SessionId, Origin)> {
        let cookie = self.ids.cookie.map(|id| (id, Origin::Cookie));
        let url = self.ids.url.map(|id| (id, Origin::Url));
        cookie.into_iter().chain(url)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        if state.closed && !state.changes.is_empty() {
            tracing::warn!(
                web_app = self.web_app.path(),
                "what an application set in a session after the response head had left is lost: it \
                 did not call `save`, or `save` failed"
            );
        }
    }
}

fn seat_of(found: Found, origin: Origin) -> Seat {
    let Found { id, current, member, loaded } = found;
    Seat { id, was_current: current, member, origin, loaded }
}

/// The one to take: the first, unless only the second is this web-app's own.
fn better(first: Option<Seat>, second: Option<Seat>) -> Option<Seat> {
    match (first, second) {
        (Some(first), Some(second)) if second.member && !first.member => Some(second),
        (Some(first), _) => Some(first),
        (None, second) => second,
    }
}
