//! What a session handle asks of the place where sessions are kept.
//!
//! Whatever may one day have to wait for another server is `async` here, though memory answers at
//! once. A lock of the table is never held over an `.await`.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use copal_protocol::placement::place;
use copal_protocol::server_index::ServerIndex;
use copal_protocol::session_id::SessionId;

use crate::changes::Changes;
use crate::error::Error;
use crate::seat::Seat;
use crate::sum::Sum;
use crate::surroundings::{NoRandom, Surroundings};
use crate::table::{Found, Rotation, Table};
use crate::web_app::WebApp;

/// The sessions of this process, with what it takes to make new ones.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) table: Table,
    own: ServerIndex,
    others: RwLock<Vec<ServerIndex>>,
    /// Sessions made so far; decides who is backup and third of the next.
    turn: AtomicUsize,
    pub(crate) surroundings: Surroundings,
}

impl Store {
    pub(crate) fn new(
        own: ServerIndex,
        others: Vec<ServerIndex>,
        surroundings: Surroundings,
    ) -> Self {
        let (table, others) = (Table::new(), RwLock::new(others));
        Self { table, own, others, turn: AtomicUsize::new(0), surroundings }
    }

    /// New ids name these from now on.
    pub(crate) fn set_others(&self, others: Vec<ServerIndex>) {
        *self.others.write().unwrap_or_else(PoisonError::into_inner) = others;
    }

    /// An id for a new session.
    pub(crate) fn new_id(&self, web_app: &WebApp) -> Result<SessionId, NoRandom> {
        let random = self.surroundings.random::<{ SessionId::MAX_LENGTH }>()?;
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let others = self.others.read().unwrap_or_else(PoisonError::into_inner);
        let letters = place(self.own, &others, turn);
        drop(others);
        let length = web_app.config().cookie_length;
        let length = length.clamp(SessionId::MIN_LENGTH, SessionId::MAX_LENGTH);
        SessionId::make(letters, length, &random).ok_or(NoRandom)
    }

    /// The same session with another proof.
    pub(crate) fn new_proof(&self, id: &SessionId) -> Result<SessionId, NoRandom> {
        let random = self.surroundings.random::<{ SessionId::MAX_LENGTH }>()?;
        id.with_new_proof(&random).ok_or(NoRandom)
    }

    pub(crate) async fn find(&self, web_app: &WebApp, id: &SessionId) -> Option<Found> {
        self.table.find(web_app, id, self.surroundings.now())
    }

    pub(crate) async fn read(
        &self,
        web_app: &WebApp,
        seat: &Seat,
        name: &str,
    ) -> Result<Option<Bytes>, Error> {
        Ok(self.table.read(web_app, &seat.id, name, self.surroundings.now()))
    }

    pub(crate) async fn read_all(
        &self,
        web_app: &WebApp,
        seat: &Seat,
    ) -> Result<BTreeMap<String, Bytes>, Error> {
        let all = self.table.read_all(web_app, &seat.id, self.surroundings.now());
        Ok(all.unwrap_or_default())
    }

    pub(crate) async fn create(
        &self,
        web_app: &Arc<WebApp>,
        id: SessionId,
        changes: &Changes,
    ) -> Result<(), Error> {
        self.table.create(web_app, id, changes, self.surroundings.now())
    }

    pub(crate) async fn apply(
        &self,
        web_app: &Arc<WebApp>,
        seat: &Seat,
        changes: &Changes,
        rotation: Option<&Rotation>,
    ) -> Result<(), Error> {
        self.table.apply(web_app, seat, changes, rotation, self.surroundings.now())
    }

    pub(crate) async fn increment(
        &self,
        web_app: &Arc<WebApp>,
        seat: &Seat,
        sum: Sum<'_>,
    ) -> Result<i64, Error> {
        self.table.increment(web_app, seat, sum, self.surroundings.now())
    }

    pub(crate) async fn end(&self, seat: &Seat) -> Result<(), Error> {
        self.table.end(seat, self.surroundings.now())
    }
}
