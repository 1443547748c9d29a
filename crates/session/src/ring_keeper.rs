//! The sessions of a cluster, as a request uses them: each server asks the one that acts.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use copal_protocol::server_index::ServerIndex;
use copal_protocol::session_id::SessionId;
use copal_replica::answer::Answer;
use copal_replica::call::{Birth, Call, Want, Wish};
use copal_replica::change::{Add, Change};
use copal_replica::live::{Admission, Live, WallTime};
use copal_replica::proof::Proof;
use copal_replica::version::Version as RingVersion;

use crate::changes::{Changes, size};
use crate::error::Error;
use crate::failure::failure;
use crate::loaded::{Copy, Loaded};
use crate::not_reached::NotReached;
use crate::ring::engine::Engine;
use crate::save::Save;
use crate::seat::Seat;
use crate::sum::Sum;
use crate::surroundings::NoRandom;
use crate::table::Found;
use crate::version::Version;
use crate::web_app::WebApp;

/// The sessions of a cluster, as a request uses them.
#[derive(Debug)]
pub(crate) struct RingKeeper {
    engine: Arc<Engine>,
}

impl RingKeeper {
    /// On this engine.
    pub(crate) const fn new(engine: Arc<Engine>) -> Self {
        Self { engine }
    }

    /// Those of these servers that may be named in new ids.
    pub(crate) fn nameable(&self, listed: &[ServerIndex]) -> Vec<ServerIndex> {
        listed.iter().copied().filter(|index| self.engine.is_known_to_all(*index)).collect()
    }

    /// A web-app, with how many of its sessions may be in memory.
    pub(crate) fn allow(&self, path: &str, most: usize) {
        self.engine.room.allow(path, most);
    }

    /// Those of these servers that take new sessions.
    pub(crate) fn ready(&self, listed: &[ServerIndex]) -> Vec<ServerIndex> {
        let ready = self.engine.ready();
        listed.iter().copied().filter(|index| ready.contains(index)).collect()
    }

    /// Whether a session is not even read while it may be on a server that does not answer.
    pub(crate) fn refuses(&self) -> bool {
        self.engine.refuses()
    }

    /// The servers that have all of what was loaded and are there, the one that acts first; none where
    /// nothing was loaded.
    pub(crate) fn present_holders(&self, loaded: &Loaded) -> Vec<ServerIndex> {
        let last = loaded.last();
        last.map_or_else(Vec::new, |copy| self.engine.present_holders(copy.record()))
    }

    /// How many sessions this server acts for.
    pub(crate) fn len(&self) -> usize {
        usize::try_from(self.engine.census().own).unwrap_or(usize::MAX)
    }

    /// Looks a presented id up for a web-app.
    pub(crate) async fn find(
        &self,
        web_app: &WebApp,
        id: &SessionId,
    ) -> Result<Option<Found>, NotReached> {
        let Some(copy) = self.load(id).await? else { return Ok(None) };
        let current = match copy.admission(id) {
            Admission::Whole => true,
            Admission::Former { .. } => false,
            Admission::None => return Ok(None),
        };
        let member = copy.live().is_some_and(|live| has_part(live, web_app));
        if !member && !web_app.shares_ids() {
            return Ok(None);
        }
        let loaded = Loaded::default();
        loaded.put(copy);
        Ok(Some(Found { id: *id, current, member, loaded }))
    }

    /// One attribute of a web-app.
    pub(crate) async fn read(
        &self,
        web_app: &WebApp,
        seat: &Seat,
        name: &str,
    ) -> Result<Option<Bytes>, Error> {
        let copy = self.copy(seat).await?;
        let Some((live, horizon)) = copy.as_ref().and_then(|copy| seen_by(seat, copy)) else {
            return Ok(None);
        };
        let (attributes, of) = (&live.attributes, web_app.name());
        let is_seen = attributes.changed_at(of, name).is_some_and(|at| horizon.shows(at));
        Ok(attributes.get(of, name).filter(|_| is_seen).cloned())
    }

    /// All attributes of a web-app.
    pub(crate) async fn read_all(
        &self,
        web_app: &WebApp,
        seat: &Seat,
    ) -> Result<BTreeMap<String, Bytes>, Error> {
        let copy = self.copy(seat).await?;
        let Some((live, horizon)) = copy.as_ref().and_then(|copy| seen_by(seat, copy)) else {
            return Ok(BTreeMap::new());
        };
        let all = live.attributes.of(web_app.name()).filter(|(.., at)| horizon.shows(*at));
        Ok(all.map(|(name, value, _)| (name.to_owned(), value.clone())).collect())
    }

    /// Makes a new session. `id` must be new, too: a key is used once.
    pub(crate) async fn create(
        &self,
        web_app: &WebApp,
        id: SessionId,
        changes: &Changes,
    ) -> Result<(), Error> {
        check_size(web_app, changes.size())?;
        if self.engine.room.is_full(web_app.name()) {
            return Err(Error::NoRoom { limit: web_app.config().session_max });
        }
        let created = self.engine.wall();
        let config = web_app.config();
        let lifetime = config.session_max_lifetime.map(|span| span.as_millis());
        let absolute_end = lifetime.map(|span| {
            WallTime(created.0.saturating_add(u64::try_from(span).unwrap_or(u64::MAX)))
        });
        let set = changes.iter().filter_map(|(name, value)| Some((name.into(), value?.clone())));
        let birth = Birth {
            created,
            absolute_end,
            idle: config.session_timeout,
            proof: Proof::of(&id),
            user: changes.user.clone().flatten(),
            web_app: web_app.name().into(),
            attributes: set.collect(),
        };
        match self.ask(&id, Want::Create(Box::new(birth))).await {
            Answer::Done { .. } => Ok(()),
            // It may be the one that was made when nobody could say so.
            Answer::Exists => self.create_again(web_app, id, changes).await,
            other => Err(failure(other)),
        }
    }

    /// A session of this key was made already: by this request, if it has the proof that nobody else
    /// could know. What the request has changed since then is changed.
    async fn create_again(
        &self,
        web_app: &WebApp,
        id: SessionId,
        changes: &Changes,
    ) -> Result<(), Error> {
        let copy = self.load(&id).await.map_err(|NotReached| Error::Unreached)?;
        let copy = copy.filter(|copy| copy.admission(&id) == Admission::Whole);
        let copy = copy.ok_or(Error::NoRandom(NoRandom))?;
        let change = change(web_app, changes);
        let wish = Wish { change, base: copy.base(), made: Vec::new() };
        match self.ask(&id, Want::Change(Box::new(wish))).await {
            Answer::Done { .. } => Ok(()),
            other => Err(failure(other)),
        }
    }

    /// Carries out what a request changed: all of it, or nothing.
    pub(crate) async fn apply(
        &self,
        web_app: &WebApp,
        seat: &Seat,
        save: Save<'_>,
    ) -> Result<(), Error> {
        let Save { changes, rotation, only_if } = save;
        let of_ring = only_if.map(|version| version.in_ring(seat.id.key()));
        let only_if = of_ring.map(|version| version.ok_or(Error::NotAsExpected)).transpose()?;
        let copy = self.copy_to_change(web_app, seat, rotation.is_some()).await?;
        let live = copy.live().ok_or(Error::Ended)?;
        check_size(web_app, size_after(live, web_app, changes))?;
        let proof = rotation.map(|rotation| Proof::of(&rotation.next));
        let own = rotation.iter().flat_map(|rotation| &rotation.own);
        let restamped = own.map(|name| name.as_str().into()).collect();
        let mut wish = Change { proof, restamped, only_if, ..change(web_app, changes) };
        if rotation.is_some_and(|rotation| rotation.own_user) {
            // Said once more, so that it counts as said after the rotation.
            wish.user.get_or_insert_with(|| live.user.value.clone());
        }
        self.change(seat, &copy, wish).await.map(drop)
    }

    /// Whether these changes could be made to a session now.
    pub(crate) async fn allows(
        &self,
        web_app: &WebApp,
        seat: &Seat,
        changes: &Changes,
    ) -> Result<(), Error> {
        let copy = self.copy_to_change(web_app, seat, false).await?;
        let live = copy.live().ok_or(Error::Ended)?;
        check_size(web_app, size_after(live, web_app, changes))
    }

    /// Has every holder of a session know that it is used.
    pub(crate) async fn touch(&self, web_app: &WebApp, seat: &Seat) -> Result<(), Error> {
        let copy = self.copy_to_change(web_app, seat, false).await?;
        self.change(seat, &copy, Change::of(web_app.name())).await.map(drop)
    }

    /// Whose session it is.
    pub(crate) async fn user(&self, seat: &Seat) -> Result<Option<String>, Error> {
        let copy = self.copy(seat).await?;
        let seen = copy.as_ref().and_then(|copy| seen_by(seat, copy));
        let user = seen.filter(|(live, horizon)| horizon.shows(live.user.at));
        Ok(user.and_then(|(live, _)| Some(live.user.value.as_deref()?.to_owned())))
    }

    /// The last change of what the request has loaded.
    pub(crate) async fn version(&self, seat: &Seat) -> Result<Option<Version>, Error> {
        let copy = self.copy(seat).await?;
        let seen = copy.as_ref().and_then(|copy| seen_by(seat, copy));
        Ok(seen.map(|(live, _)| Version::of_ring(seat.id.key(), live.changed)))
    }

    /// Adds to an attribute that is a whole number, or not there, which counts as 0. What the request
    /// did to it before is carried out first.
    pub(crate) async fn increment(
        &self,
        web_app: &WebApp,
        seat: &Seat,
        sum: Sum<'_>,
    ) -> Result<i64, Error> {
        let copy = self.copy_to_change(web_app, seat, true).await?;
        let live = copy.live().ok_or(Error::Ended)?;
        // What it will be at least, to refuse early what cannot be added to.
        let before = live.attributes.get(web_app.name(), sum.name);
        let (_, mut changes) = sum.of(before)?;
        check_size(web_app, size_after(live, web_app, &changes))?;
        changes = Changes::default();
        match sum.pending {
            Some(Some(value)) => changes.set(sum.name, value.clone()),
            Some(None) => changes.remove(sum.name),
            None => {}
        }
        let add = Some(Add { name: sum.name.into(), by: sum.by });
        let wish = Change { add, ..change(web_app, &changes) };
        let answer = self.change(seat, &copy, wish).await.map_err(|error| match error {
            Error::Overflow { name, .. } => Error::Overflow { name, by: sum.by },
            error => error,
        })?;
        let text = std::str::from_utf8(&answer).ok();
        // The engine answers an addition with the sum.
        text.and_then(|text| text.parse().ok()).ok_or(Error::Unreached)
    }

    /// Ends a session for all its web-apps. One that is gone already is no error.
    pub(crate) async fn end(&self, seat: &Seat) -> Result<(), Error> {
        let Some(copy) = self.copy(seat).await? else { return Ok(()) };
        if !seat.was_current && copy.admission(&seat.id) != Admission::Whole {
            return Err(Error::Rotated);
        }
        let ends = Change { ends: true, ..Change::of("/") };
        match self.change(seat, &copy, ends).await {
            Ok(_) | Err(Error::Ended) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The session of a seat as the request knows it, to be changed by it.
    async fn copy_to_change(
        &self,
        web_app: &WebApp,
        seat: &Seat,
        needs_proof: bool,
    ) -> Result<Copy, Error> {
        let copy = self.copy(seat).await?.ok_or(Error::Ended)?;
        let live = copy.live().ok_or(Error::Ended)?;
        let current = copy.admission(&seat.id) == Admission::Whole;
        if !current && (needs_proof || !seat.was_current) {
            return Err(Error::Rotated);
        }
        if seat.member && !has_part(live, web_app) {
            return Err(Error::Ended);
        }
        Ok(copy)
    }

    /// What the request has loaded; loaded anew when it is not good any more.
    async fn copy(&self, seat: &Seat) -> Result<Option<Copy>, Error> {
        if let Some(copy) = seat.loaded.get() {
            return Ok(Some(copy));
        }
        let copy = self.load(&seat.id).await.map_err(|NotReached| Error::Unknown)?;
        copy.iter().for_each(|copy| seat.loaded.put(copy.clone()));
        Ok(copy)
    }

    async fn load(&self, id: &SessionId) -> Result<Option<Copy>, NotReached> {
        match self.ask(id, Want::Load(None)).await {
            Answer::Session { record, honours_former } => {
                Ok(Some(Copy::new(record, honours_former)))
            }
            Answer::Unknown if self.engine.may_replace() => Ok(None),
            Answer::Unknown | Answer::Failed | Answer::Unsaved => Err(NotReached),
            // A load is answered with nothing else.
            Answer::Absent
            | Answer::NotChanged { .. }
            | Answer::Done { .. }
            | Answer::Refused(_)
            | Answer::Exists => Ok(None),
        }
    }

    async fn change(&self, seat: &Seat, copy: &Copy, change: Change) -> Result<Bytes, Error> {
        let wish = Wish { change, base: copy.base(), made: Vec::new() };
        let answer = self.ask(&seat.id, Want::Change(Box::new(wish))).await;
        seat.loaded.forget();
        match answer {
            Answer::Done { answer, .. } => Ok(answer),
            other => Err(failure(other)),
        }
    }

    async fn ask(&self, id: &SessionId, want: Want) -> Answer {
        let order = self.engine.order(id.letters());
        self.engine.call(Call { key: id.key(), order, want }).await
    }
}

/// What a request may see of a session.
#[derive(Debug, Clone, Copy)]
enum Horizon {
    Everything,
    /// What is older than the rotation.
    Before(RingVersion),
}

impl Horizon {
    fn shows(self, at: RingVersion) -> bool {
        match self {
            Self::Everything => true,
            Self::Before(rotation) => at < rotation,
        }
    }
}

/// What a request may see of what it has loaded. One that came with the proof of its time sees
/// everything.
fn seen_by<'c>(seat: &Seat, copy: &'c Copy) -> Option<(&'c Live, Horizon)> {
    let horizon = match copy.admission(&seat.id) {
        Admission::Whole => Horizon::Everything,
        Admission::Former { before } => Horizon::Before(before),
        Admission::None => return None,
    };
    Some((copy.live()?, horizon))
}

/// Whether a web-app has attributes in a session, or had.
fn has_part(live: &Live, web_app: &WebApp) -> bool {
    live.attributes.iter().any(|(name, ..)| name == web_app.name())
}

fn change(web_app: &WebApp, changes: &Changes) -> Change {
    let attributes = changes.iter().map(|(name, value)| (name.into(), value.cloned()));
    let (attributes, user) = (attributes.collect(), changes.user.clone());
    Change { attributes, user, ..Change::of(web_app.name()) }
}

/// The bytes of a web-app's attributes after `changes`.
fn size_after(live: &Live, web_app: &WebApp, changes: &Changes) -> usize {
    let of = web_app.name();
    let stored = live.attributes.of(of).map(|(name, value, _)| size(name, Some(value)));
    let gone = changes.iter().map(|(name, _)| size(name, live.attributes.get(of, name)));
    let stored = stored.sum::<usize>().saturating_sub(gone.sum());
    stored.saturating_add(changes.size())
}

fn check_size(web_app: &WebApp, size: usize) -> Result<(), Error> {
    let limit = web_app.config().session_max_bytes;
    if size > limit { Err(Error::TooLarge { size, limit }) } else { Ok(()) }
}
