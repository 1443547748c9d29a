//! What a session handle asks of the place where sessions are kept.
//!
//! Whatever may have to wait for another server is `async`. A lock is never held over an `.await`.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use copal_protocol::placement::{names_a_stranger, place, place_at};
use copal_protocol::server_index::ServerIndex;
use copal_protocol::session_id::SessionId;

use crate::changes::Changes;
use crate::error::Error;
use crate::held::Held;
use crate::keeper::Keeper;
use crate::loaded::Loaded;
use crate::not_reached::NotReached;
use crate::save::Save;
use crate::seat::Seat;
use crate::sum::Sum;
use crate::surroundings::{NoRandom, Surroundings};
use crate::table::Found;
use crate::version::Version;
use crate::web_app::WebApp;

/// The sessions of this process, with what it takes to make new ones.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) keeper: Keeper,
    own: ServerIndex,
    others: RwLock<Vec<ServerIndex>>,
    /// Sessions made so far; decides who is backup and third of the next.
    turn: AtomicUsize,
    pub(crate) surroundings: Arc<Surroundings>,
    /// What is not saved before this server stops.
    pub(crate) held: Held,
}

impl Store {
    pub(crate) fn new(
        keeper: Keeper,
        own: ServerIndex,
        others: Vec<ServerIndex>,
        surroundings: Arc<Surroundings>,
    ) -> Self {
        let others = RwLock::new(others);
        let held = Held::default();
        Self { keeper, own, others, turn: AtomicUsize::new(0), surroundings, held }
    }

    /// New ids name these from now on.
    pub(crate) fn set_others(&self, others: Vec<ServerIndex>) {
        *self.others.write().unwrap_or_else(PoisonError::into_inner) = others;
    }

    fn listed(&self) -> Vec<ServerIndex> {
        self.others.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// An id for a new session.
    pub(crate) fn new_id(&self, web_app: &WebApp) -> Result<SessionId, NoRandom> {
        let random = self.surroundings.random::<{ SessionId::MAX_LENGTH }>()?;
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let listed = self.keeper.nameable(&self.listed());
        // Sessions of a server that is away fall on all the others and not on one.
        let ready = self.keeper.ready(&listed);
        let letters = match &*ready {
            [] => place(self.own, &listed, turn),
            // The letter after it is that of a server that may come back, and no placeholder.
            [_] => place_at(&[self.own], &ready, &listed, turn).ok_or(NoRandom)?,
            _ => place(self.own, &ready, turn),
        };
        let length = web_app.config().cookie_length;
        let length = length.clamp(SessionId::MIN_LENGTH, SessionId::MAX_LENGTH);
        SessionId::make(letters, length, &random).ok_or(NoRandom)
    }

    /// Whether an id should name other servers: one that it names has left the table, or none of them is
    /// there and has the session, as far as that is known of what was `loaded`.
    pub(crate) fn leads_astray(&self, id: &SessionId, loaded: &Loaded) -> bool {
        let letters = id.letters();
        let mut table = self.listed();
        table.push(self.own);
        if names_a_stranger(letters, &table) {
            return true;
        }
        let holders = self.keeper.present_holders(self.own, loaded);
        !holders.is_empty() && !letters.in_order().iter().any(|index| holders.contains(index))
    }

    /// The same id with letters that lead to where the session is now; `None` when that is not known, or
    /// the id is not the session's any more.
    pub(crate) async fn moved(&self, web_app: &WebApp, id: &SessionId) -> Option<SessionId> {
        // Asked anew: whoever rotated the id meanwhile must not have its client get the old one back.
        let found = self.find(web_app, id).await.ok().flatten().filter(|found| found.current)?;
        let holders = self.keeper.present_holders(self.own, &found.loaded);
        let mut listed = self.keeper.nameable(&self.listed());
        let ready = self.keeper.ready(&listed);
        listed.push(self.own);
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        Some(id.with_letters(place_at(&holders, &ready, &listed, turn)?))
    }

    /// The same session with another proof.
    pub(crate) fn new_proof(&self, id: &SessionId) -> Result<SessionId, NoRandom> {
        let random = self.surroundings.random::<{ SessionId::MAX_LENGTH }>()?;
        id.with_new_proof(&random).ok_or(NoRandom)
    }

    pub(crate) async fn find(
        &self,
        web_app: &WebApp,
        id: &SessionId,
    ) -> Result<Option<Found>, NotReached> {
        match &self.keeper {
            Keeper::Memory(table) => Ok(table.find(web_app, id, self.surroundings.now())),
            Keeper::Ring(ring) => ring.find(web_app, id).await,
        }
    }

    pub(crate) async fn read(
        &self,
        web_app: &WebApp,
        seat: &Seat,
        name: &str,
    ) -> Result<Option<Bytes>, Error> {
        match &self.keeper {
            Keeper::Memory(table) => {
                Ok(table.read(web_app, &seat.id, name, self.surroundings.now()))
            }
            Keeper::Ring(ring) => {
                if self.shows_held(web_app, seat) {
                    let (key, now) = (seat.id.key(), self.surroundings.now());
                    if let Some(change) = self.held.change(web_app, key, name, now) {
                        return Ok(change);
                    }
                    seat.loaded.forget_before(self.held.saves());
                }
                ring.read(web_app, seat, name).await
            }
        }
    }

    pub(crate) async fn read_all(
        &self,
        web_app: &WebApp,
        seat: &Seat,
    ) -> Result<BTreeMap<String, Bytes>, Error> {
        match &self.keeper {
            Keeper::Memory(table) => {
                let all = table.read_all(web_app, &seat.id, self.surroundings.now());
                Ok(all.unwrap_or_default())
            }
            Keeper::Ring(ring) => {
                let held = self.held_changes(web_app, seat);
                let mut all = ring.read_all(web_app, seat).await?;
                held.iter().for_each(|held| held.overlay(&mut all));
                Ok(all)
            }
        }
    }

    pub(crate) async fn create(
        &self,
        web_app: &Arc<WebApp>,
        id: SessionId,
        changes: &Changes,
    ) -> Result<(), Error> {
        match &self.keeper {
            Keeper::Memory(table) => table.create(web_app, id, changes, self.surroundings.now()),
            Keeper::Ring(ring) => ring.create(web_app, id, changes).await,
        }
    }

    pub(crate) async fn apply(
        &self,
        web_app: &Arc<WebApp>,
        seat: &Seat,
        save: Save<'_>,
    ) -> Result<(), Error> {
        match &self.keeper {
            Keeper::Memory(table) => table.apply(web_app, seat, save, self.surroundings.now()),
            Keeper::Ring(ring) => {
                let held = self.held_changes(web_app, seat).is_some();
                if held && save.only_if.is_some() {
                    // It was changed since the version was told, when all of it was saved.
                    return Err(Error::NotAsExpected);
                }
                self.settle(web_app, seat).await?;
                ring.apply(web_app, seat, save).await
            }
        }
    }

    /// Counts as use of a session, for everybody who holds it.
    pub(crate) async fn touch(&self, web_app: &WebApp, seat: &Seat) -> Result<(), Error> {
        match &self.keeper {
            Keeper::Memory(table) => {
                table.touch(web_app, &seat.id, self.surroundings.now());
                Ok(())
            }
            Keeper::Ring(ring) => ring.touch(web_app, seat).await,
        }
    }

    pub(crate) async fn user(
        &self,
        web_app: &WebApp,
        seat: &Seat,
    ) -> Result<Option<String>, Error> {
        match &self.keeper {
            Keeper::Memory(table) => Ok(table.user(web_app, &seat.id, self.surroundings.now())),
            Keeper::Ring(ring) => match self.held_changes(web_app, seat) {
                Some(Changes { user: Some(user), .. }) => Ok(user.map(Into::into)),
                _ => ring.user(seat).await,
            },
        }
    }

    pub(crate) async fn version(
        &self,
        web_app: &Arc<WebApp>,
        seat: &Seat,
    ) -> Result<Option<Version>, Error> {
        match &self.keeper {
            Keeper::Memory(table) => Ok(table.version(web_app, &seat.id, self.surroundings.now())),
            Keeper::Ring(ring) => {
                self.settle(web_app, seat).await?;
                drop(self.held_changes(web_app, seat));
                ring.version(seat).await
            }
        }
    }

    pub(crate) async fn increment(
        &self,
        web_app: &Arc<WebApp>,
        seat: &Seat,
        sum: Sum<'_>,
    ) -> Result<i64, Error> {
        match &self.keeper {
            Keeper::Memory(table) => table.increment(web_app, seat, sum, self.surroundings.now()),
            Keeper::Ring(ring) => {
                self.settle(web_app, seat).await?;
                drop(self.held_changes(web_app, seat));
                ring.increment(web_app, seat, sum).await
            }
        }
    }

    pub(crate) async fn end(&self, seat: &Seat) -> Result<(), Error> {
        match &self.keeper {
            Keeper::Memory(table) => table.end(seat, self.surroundings.now()),
            Keeper::Ring(ring) => {
                ring.end(seat).await?;
                self.held.forget(seat.id.key());
                Ok(())
            }
        }
    }
}
