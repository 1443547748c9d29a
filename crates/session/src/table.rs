//! All sessions of the process, in shards by key, each behind one short lock.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use copal_protocol::server_index::ServerIndex;
use copal_protocol::session_id::SessionId;
use copal_protocol::session_key::SessionKey;

use crate::changes::Changes;
use crate::error::Error;
use crate::loaded::Loaded;
use crate::record::{Record, Standing};
use crate::save::Save;
use crate::seat::Seat;
use crate::shard::Shard;
use crate::sum::Sum;
use crate::surroundings::NoRandom;
use crate::version::Version;
use crate::web_app::WebApp;

/// As many shards as there are letters: the first letter of a key says which one.
const SHARDS: usize = ServerIndex::COUNT;

/// All sessions of the process.
#[derive(Debug)]
pub(crate) struct Table {
    shards: [Mutex<Shard>; SHARDS],
    /// Held while sessions are pushed out, so that two who make room do not push out too many.
    /// Taken before a shard's lock, never under one.
    making_room: Mutex<()>,
    /// The shard at which the next sweep begins.
    sweep_from: AtomicUsize,
}

/// What a session's id opens for a web-app.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// The id by which it was found: its own, or that of a moment ago.
    pub(crate) id: SessionId,
    pub(crate) current: bool,
    pub(crate) member: bool,
    /// What was loaded of it, where it is not read in place.
    pub(crate) loaded: Loaded,
}

impl Table {
    pub(crate) fn new() -> Self {
        Self {
            shards: std::array::from_fn(|_| Mutex::default()),
            making_room: Mutex::new(()),
            sweep_from: AtomicUsize::new(0),
        }
    }

    /// How many sessions there are, those whose time is over included until they are swept.
    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).len()).sum()
    }

    /// Looks a presented id up for a web-app and counts as use when it has a part there.
    pub(crate) fn find(&self, web_app: &WebApp, id: &SessionId, now: Duration) -> Option<Found> {
        let mut shard = self.shard(id.key());
        let found = look(shard.live(id.key(), now)?, web_app, id, now)?;
        if found.member {
            shard.touch(id.key(), web_app.number(), now);
        }
        Some(found)
    }

    /// One attribute of a web-app.
    pub(crate) fn read(
        &self,
        web_app: &WebApp,
        id: &SessionId,
        name: &str,
        now: Duration,
    ) -> Option<Bytes> {
        let mut shard = self.shard(id.key());
        let record = shard.live(id.key(), now)?;
        let horizon = record.standing(id, now)?.horizon();
        let value = record.part(web_app.number())?.get(name, horizon);
        shard.touch(id.key(), web_app.number(), now);
        value
    }

    /// All attributes of a web-app.
    pub(crate) fn read_all(
        &self,
        web_app: &WebApp,
        id: &SessionId,
        now: Duration,
    ) -> Option<BTreeMap<String, Bytes>> {
        let mut shard = self.shard(id.key());
        let record = shard.live(id.key(), now)?;
        let horizon = record.standing(id, now)?.horizon();
        let all = record.part(web_app.number())?.all(horizon);
        shard.touch(id.key(), web_app.number(), now);
        Some(all)
    }

    /// Whose session it is.
    pub(crate) fn user(&self, web_app: &WebApp, id: &SessionId, now: Duration) -> Option<String> {
        let mut shard = self.shard(id.key());
        let record = shard.live(id.key(), now)?;
        let horizon = record.standing(id, now)?.horizon();
        let user = record.user(horizon).map(ToOwned::to_owned);
        shard.touch(id.key(), web_app.number(), now);
        user
    }

    /// The session's last change.
    pub(crate) fn version(
        &self,
        web_app: &WebApp,
        id: &SessionId,
        now: Duration,
    ) -> Option<Version> {
        let mut shard = self.shard(id.key());
        let record = shard.live(id.key(), now)?;
        record.standing(id, now)?;
        let version = Version::in_memory(id.key(), record.sequence());
        shard.touch(id.key(), web_app.number(), now);
        Some(version)
    }

    /// Counts as use of a session.
    pub(crate) fn touch(&self, web_app: &WebApp, id: &SessionId, now: Duration) {
        let mut shard = self.shard(id.key());
        if shard.live(id.key(), now).is_some() {
            shard.touch(id.key(), web_app.number(), now);
        }
    }

    /// Makes a new session. `id` must be new, too: a key is used once.
    pub(crate) fn create(
        &self,
        web_app: &Arc<WebApp>,
        id: SessionId,
        changes: &Changes,
        now: Duration,
    ) -> Result<(), Error> {
        check_size(web_app, changes.size())?;
        let key = id.key();
        let mut shard = self.shard(key);
        if shard.contains(key) {
            return Err(Error::NoRandom(NoRandom));
        }
        shard.insert(Record::new(id));
        shard.join(key, web_app, now);
        shard.change(key, web_app.number(), changes);
        drop(shard);
        self.make_room(web_app, key);
        Ok(())
    }

    /// Carries out what a request changed: all of it, or nothing.
    pub(crate) fn apply(
        &self,
        web_app: &Arc<WebApp>,
        seat: &Seat,
        save: Save<'_>,
        now: Duration,
    ) -> Result<(), Error> {
        let Save { changes, rotation, only_if } = save;
        let key = seat.id.key();
        let mut shard = self.shard(key);
        let record = shard.live(key, now).ok_or(Error::Ended)?;
        let standing = record.standing(&seat.id, now);
        let current = standing == Some(Standing::Current);
        if !current && (rotation.is_some() || !seat.was_current) {
            return Err(Error::Rotated);
        }
        let part = record.part(web_app.number());
        if part.is_none() && seat.member {
            return Err(Error::Ended);
        }
        let joins = part.is_none();
        let now_at = Version::in_memory(key, record.sequence());
        if only_if.is_some_and(|expected| expected != now_at) {
            return Err(Error::NotAsExpected);
        }
        check_size(web_app, part.map_or(changes.size(), |part| part.size_after(changes)))?;
        if let Some(rotation) = rotation {
            record.rotate(rotation.next, now);
            record.mark_changed(web_app.number(), &rotation.own);
            if rotation.own_user {
                record.mark_user_changed();
            }
        }
        if joins {
            shard.join(key, web_app, now);
        }
        shard.change(key, web_app.number(), changes);
        shard.touch(key, web_app.number(), now);
        drop(shard);
        if joins {
            self.make_room(web_app, key);
        }
        Ok(())
    }

    /// Adds to an attribute that is a whole number, or not there, which counts as 0. `pending` is
    /// what the request did to it before, and is carried out first.
    pub(crate) fn increment(
        &self,
        web_app: &Arc<WebApp>,
        seat: &Seat,
        sum: Sum<'_>,
        now: Duration,
    ) -> Result<i64, Error> {
        let key = seat.id.key();
        let mut shard = self.shard(key);
        let record = shard.live(key, now).ok_or(Error::Ended)?;
        if record.standing(&seat.id, now) != Some(Standing::Current) {
            // The sum would tell the old proof what changed since.
            return Err(Error::Rotated);
        }
        let part = record.part(web_app.number());
        if part.is_none() && seat.member {
            return Err(Error::Ended);
        }
        let joins = part.is_none();
        let (value, changes) = sum.of(part.and_then(|part| part.latest(sum.name)))?;
        check_size(web_app, part.map_or(changes.size(), |part| part.size_after(&changes)))?;
        if joins {
            shard.join(key, web_app, now);
        }
        shard.change(key, web_app.number(), &changes);
        shard.touch(key, web_app.number(), now);
        drop(shard);
        if joins {
            self.make_room(web_app, key);
        }
        Ok(value)
    }

    /// Ends a session for all its web-apps. One that is gone already is no error.
    pub(crate) fn end(&self, seat: &Seat, now: Duration) -> Result<(), Error> {
        let mut shard = self.shard(seat.id.key());
        let Some(record) = shard.live(seat.id.key(), now) else {
            return Ok(());
        };
        if !seat.was_current && record.standing(&seat.id, now) != Some(Standing::Current) {
            return Err(Error::Rotated);
        }
        shard.end(seat.id.key());
        Ok(())
    }

    /// Ends at most `limit` sessions whose time is over; says how many. A session that several
    /// web-apps share counts once for each.
    pub(crate) fn sweep(&self, now: Duration, limit: usize) -> usize {
        let from = self.sweep_from.fetch_add(1, Ordering::Relaxed) % SHARDS;
        let shards = self.shards.iter().cycle().skip(from).take(SHARDS);
        shards.fold(0, |swept, shard| swept + lock(shard).sweep(now, limit - swept))
    }

    /// Pushes out what a web-app used least, until it has no more sessions than it may have.
    fn make_room(&self, web_app: &WebApp, keep: SessionKey) {
        if web_app.live() <= web_app.config().session_max {
            return;
        }
        let _one_at_a_time = lock(&self.making_room);
        while web_app.live() > web_app.config().session_max {
            let shards = self.shards.iter();
            let least_used =
                shards.filter_map(|shard| lock(shard).least_used(web_app.number(), keep)).min();
            let Some((_, key)) = least_used else { return };
            self.shard(key).leave(key, web_app.number());
        }
    }

    fn shard(&self, key: SessionKey) -> MutexGuard<'_, Shard> {
        let [first, ..] = key.as_bytes();
        let index = ServerIndex::from_letter(*first).map_or(0, ServerIndex::get);
        #[expect(clippy::indexing_slicing, reason = "an index is below 64, and so many there are")]
        lock(&self.shards[index])
    }
}

/// What `id` opens in a record.
fn look(record: &Record, web_app: &WebApp, id: &SessionId, now: Duration) -> Option<Found> {
    let standing = record.standing(id, now)?;
    let current = standing == Standing::Current;
    let part = record.part(web_app.number()).filter(|part| !part.is_over(now));
    let member = part.is_some();
    (member || web_app.shares_ids()).then(|| Found {
        id: *id,
        current,
        member,
        loaded: Loaded::default(),
    })
}

fn check_size(web_app: &WebApp, size: usize) -> Result<(), Error> {
    let limit = web_app.config().session_max_bytes;
    if size > limit { Err(Error::TooLarge { size, limit }) } else { Ok(()) }
}

/// A lock is held for a few map operations, which do not panic; a poisoned one is as good.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
