//! Changes that stay in the memory of this server until it stops, with `save-mode = "on-shutdown"`.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use copal_protocol::session_key::SessionKey;

use crate::changes::Changes;
use crate::loaded::Loaded;
use crate::seat::Seat;
use crate::web_app::WebApp;

/// Changes that stay in the memory of this server until it stops.
#[derive(Debug, Default)]
pub(crate) struct Held {
    /// Whether nothing is kept back any more.
    is_over: AtomicBool,
    /// How often something that was kept back was saved.
    saves: AtomicU64,
    entries: Mutex<HashMap<SessionKey, Vec<Entry>>>,
    /// Held by whoever saves, so that an older value never comes after a newer one.
    saving: tokio::sync::Mutex<()>,
}

/// What is kept back of a session for one web-app.
#[derive(Debug)]
struct Entry {
    web_app: Arc<WebApp>,
    seat: Seat,
    changes: Changes,
    used: Duration,
}

/// One of them, by name.
pub(crate) type Place = (Arc<WebApp>, Seat);

impl Held {
    /// Whether changes are kept back.
    pub(crate) fn is_on(&self) -> bool {
        !self.is_over.load(Ordering::Acquire)
    }

    /// Whether changes are kept back from now on. What is here stays until it is saved.
    pub(crate) fn turn(&self, on: bool) {
        // Under the lock, so that whoever looks next finds everything that was kept back.
        let _entries = self.entries();
        self.is_over.store(!on, Ordering::Release);
    }

    /// Waits for others who save.
    pub(crate) async fn turn_to_save(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.saving.lock().await
    }

    /// How often something was saved; it comes before that is gone from here.
    pub(crate) fn saves(&self) -> u64 {
        self.saves.load(Ordering::Acquire)
    }

    /// Keeps changes back; `false` when that is over.
    pub(crate) fn put(
        &self,
        web_app: &Arc<WebApp>,
        seat: &Seat,
        changes: &Changes,
        now: Duration,
    ) -> bool {
        let mut entries = self.entries();
        if !self.is_on() {
            return false;
        }
        let of_session = entries.entry(seat.id.key()).or_default();
        match of_session.iter_mut().find(|entry| entry.is_of(web_app)) {
            Some(entry) => {
                entry.changes.then(changes);
                (entry.seat, entry.used) = (bare(seat), now);
            }
            None => of_session.push(Entry {
                web_app: Arc::clone(web_app),
                seat: bare(seat),
                changes: changes.clone(),
                used: now,
            }),
        }
        true
    }

    /// The change of one attribute, if one is kept back; the inner `None` says that it goes.
    pub(crate) fn change(
        &self,
        web_app: &WebApp,
        key: SessionKey,
        name: &str,
        now: Duration,
    ) -> Option<Option<Bytes>> {
        self.look(web_app, key, now, |changes| changes.get(name).cloned()).flatten()
    }

    /// Everything that is kept back of a session for a web-app.
    pub(crate) fn changes(
        &self,
        web_app: &WebApp,
        key: SessionKey,
        now: Duration,
    ) -> Option<Changes> {
        self.look(web_app, key, now, Changes::clone)
    }

    /// These were saved, or are given up.
    pub(crate) fn saved(&self, web_app: &WebApp, key: SessionKey, done: &Changes) {
        let mut entries = self.entries();
        self.saves.fetch_add(1, Ordering::AcqRel);
        let Some(of_session) = entries.get_mut(&key) else { return };
        for entry in of_session.iter_mut().filter(|entry| entry.is_of(web_app)) {
            entry.changes.drop_those(done);
        }
        of_session.retain(|entry| !entry.changes.is_empty());
        if of_session.is_empty() {
            entries.remove(&key);
        }
    }

    /// The session has ended.
    pub(crate) fn forget(&self, key: SessionKey) {
        self.entries().remove(&key);
    }

    /// Everything that is kept back.
    pub(crate) fn all(&self) -> Vec<Place> {
        let entries = self.entries();
        entries.values().flatten().map(Entry::place).collect()
    }

    /// What was left alone for as long as its session may be, and the least used of more than
    /// `session-max`.
    pub(crate) fn overdue(&self, now: Duration) -> Vec<Place> {
        let entries = self.entries();
        let mut by_use: Vec<&Entry> = entries.values().flatten().collect();
        by_use.sort_unstable_by_key(|entry| std::cmp::Reverse(entry.used));
        let mut kept: HashMap<usize, usize> = HashMap::new();
        let is_overdue = |entry: &&Entry| {
            let count = kept.entry(entry.web_app.number()).or_default();
            *count += 1;
            *count > entry.web_app.config().session_max || entry.web_app.is_idle(entry.used, now)
        };
        by_use.into_iter().filter(is_overdue).map(Entry::place).collect()
    }

    fn look<T>(
        &self,
        web_app: &WebApp,
        key: SessionKey,
        now: Duration,
        what: impl FnOnce(&Changes) -> T,
    ) -> Option<T> {
        let mut entries = self.entries();
        let mut of_session = entries.get_mut(&key)?.iter_mut();
        let entry = of_session.find(|entry| entry.is_of(web_app))?;
        entry.used = now;
        Some(what(&entry.changes))
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<SessionKey, Vec<Entry>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn is_of(&self, web_app: &WebApp) -> bool {
        self.web_app.number() == web_app.number()
    }

    fn place(&self) -> Place {
        (Arc::clone(&self.web_app), bare(&self.seat))
    }
}

/// Without what its request has loaded, which is not kept in memory for this.
fn bare(seat: &Seat) -> Seat {
    Seat { loaded: Loaded::default(), ..seat.clone() }
}
