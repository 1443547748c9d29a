//! What the disk's thread shares with those who put and get.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use copal_protocol::session_key::SessionKey;

use crate::disk::clock;
use crate::disk::error::DiskError;
use crate::disk::index::Index;
use crate::disk::limits::{AT_ONCE, BEHIND_AFTER, Bounds, HANGS_AFTER};
use crate::disk::log::Places;
use crate::disk::place::Place;
use crate::disk::pulse::Pulse;
use crate::disk::queue::{Batch, Done, Known, Queue};
use crate::disk::state::{DiskFigures, DiskState};

/// What the disk's thread shares with those who put and get.
pub(crate) struct Shared {
    inside: Mutex<Inside>,
    /// There is something to do for the disk's thread.
    wake: Condvar,
    /// The disk's thread has ended.
    ended: Condvar,
    pub(crate) pulse: Arc<Pulse>,
    /// How long changes are gathered.
    gather: Duration,
}

struct Inside {
    queue: Queue,
    index: Index,
    full_since: Option<Instant>,
    failed: Option<String>,
    compared: bool,
    doubtful: bool,
    closing: bool,
    ended: bool,
    figures: DiskFigures,
}

/// What the disk's thread does next.
pub(crate) enum Work {
    /// Write this.
    Batch(Batch),
    /// Note that all records were compared.
    Compared,
    /// Note that some record is damaged.
    Doubtful,
    /// There is time to clean up.
    Spare,
    /// All is written.
    End,
}

/// Where the newest version of a record is to be had.
pub(crate) enum Whereabouts {
    Here(Option<Bytes>),
    OnDisk(Place),
}

impl Shared {
    pub(crate) fn new(index: Index, bounds: Bounds, pulse: Arc<Pulse>, gather: Duration) -> Self {
        let inside = Inside {
            queue: Queue::new(bounds),
            index,
            full_since: None,
            failed: None,
            compared: false,
            doubtful: false,
            closing: false,
            ended: false,
            figures: DiskFigures::default(),
        };
        let (wake, ended) = (Condvar::new(), Condvar::new());
        Self { inside: Mutex::new(inside), wake, ended, pulse, gather }
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a change: a new value, or that the key is gone. `done` is kept when it is taken.
    pub(crate) fn change(
        &self,
        key: SessionKey,
        value: Option<Bytes>,
        done: &mut Option<Done>,
    ) -> Result<(), DiskError> {
        let now = clock::now();
        let mut inside = self.lock();
        let on_disk = inside.index.get(&key).is_some();
        if let Some(error) = inside.refusal() {
            // Of others there is no older version either.
            if on_disk || inside.queue.find(&key) != Known::Nothing {
                inside.queue.refuse(key);
            }
            return Err(error);
        }
        let was_full = inside.queue.is_full();
        let was_idle = inside.queue.is_empty();
        match value {
            Some(value) => inside.queue.put(key, value, now)?,
            None => inside.queue.remove(key, on_disk, now),
        }
        if let Some(done) = done.take() {
            inside.queue.wait(done);
        }
        let is_due = was_idle || inside.queue.is_eager();
        let became_full = !was_full && inside.queue.is_full();
        drop(inside);
        if is_due {
            self.wake.notify_one();
        }
        if became_full {
            tracing::warn!("as much waits for the disk as may wait: it is too slow, or hangs");
        }
        Ok(())
    }

    /// Keeps `done` until everything that was put before is safe, if that will be.
    pub(crate) fn wait(&self, done: &mut Option<Done>) -> Result<(), DiskError> {
        let mut inside = self.lock();
        if let Some(error) = inside.refusal() {
            return Err(error);
        }
        if let Some(done) = done.take() {
            inside.queue.wait(done);
        }
        drop(inside);
        self.wake.notify_one();
        Ok(())
    }

    /// Where the newest version of a record is to be had.
    pub(crate) fn find(&self, key: &SessionKey) -> Result<Whereabouts, DiskError> {
        let inside = self.lock();
        match inside.queue.find(key) {
            Known::Newest(value) => Ok(Whereabouts::Here(value)),
            Known::NotTaken => Err(DiskError::NotTaken),
            Known::Nothing => match (inside.index.get(key), &inside.failed) {
                (Some(place), _) => Ok(Whereabouts::OnDisk(place.clone())),
                (None, Some(text)) => Err(DiskError::Failed(text.clone())),
                (None, None) => Ok(Whereabouts::Here(None)),
            },
        }
    }

    /// Whether the newest version of the record is written.
    pub(crate) fn has_newest(&self, key: &SessionKey) -> bool {
        matches!(self.find(key), Ok(Whereabouts::OnDisk(_)))
    }

    pub(crate) fn not_taken(&self, most: usize) -> Vec<SessionKey> {
        self.lock().queue.not_taken(most)
    }

    pub(crate) fn is_saturated(&self) -> bool {
        let inside = self.lock();
        inside.refusal().is_some() || inside.queue.is_full()
    }

    /// How the disk is doing at this time.
    pub(crate) fn state(&self, now: Instant) -> DiskState {
        let inside = self.lock();
        let late = |since: &Instant, after| now.saturating_duration_since(*since) > after;
        let hanging = self.pulse.since().filter(|since| late(since, HANGS_AFTER));
        let behind = inside.queue.oldest().filter(|since| late(since, self.gather + BEHIND_AFTER));
        match (&inside.failed, hanging, inside.full_since, behind) {
            (Some(text), ..) => DiskState::Failed(text.clone()),
            (_, Some(since), ..) => DiskState::Hanging { since },
            (_, _, Some(since), _) => DiskState::Full { since },
            (.., Some(since)) => DiskState::Behind { since },
            _ => DiskState::Working,
        }
    }

    pub(crate) fn figures(&self) -> DiskFigures {
        let inside = self.lock();
        DiskFigures {
            waiting: inside.queue.len(),
            waiting_bytes: inside.queue.waiting_bytes(),
            not_taken: inside.queue.not_taken_len(),
            records: inside.index.len(),
            live_bytes: inside.index.live(),
            ..inside.figures
        }
    }

    /// Asks the disk's thread to note that all records were compared.
    pub(crate) fn compared(&self) {
        self.lock().compared = true;
        self.wake.notify_one();
    }

    /// Asks the disk's thread to note that a record is damaged.
    pub(crate) fn doubtful(&self) {
        let mut inside = self.lock();
        inside.doubtful = true;
        inside.figures.errors += 1;
        drop(inside);
        self.wake.notify_one();
    }

    /// Asks the disk's thread to write what waits and to end.
    pub(crate) fn close(&self) {
        self.lock().closing = true;
        self.wake.notify_one();
    }

    /// Whether the disk's thread has not ended.
    pub(crate) fn is_running(&self) -> bool {
        !self.lock().ended
    }

    /// Waits until the disk's thread has ended, for this long at most.
    pub(crate) fn wait_for_end(&self, most: Duration) -> Result<(), DiskError> {
        let inside = self.lock();
        let waited = self.ended.wait_timeout_while(inside, most, |inside| !inside.ended);
        let (inside, _) = waited.unwrap_or_else(PoisonError::into_inner);
        match (&inside.failed, inside.queue.len()) {
            (Some(text), _) => Err(DiskError::Failed(text.clone())),
            (None, 0) if inside.ended => Ok(()),
            (None, left) => Err(DiskError::Unfinished(left)),
        }
    }
}

impl Inside {
    /// Why nothing is taken any more.
    fn refusal(&self) -> Option<DiskError> {
        match &self.failed {
            Some(text) => Some(DiskError::Failed(text.clone())),
            None => self.closing.then_some(DiskError::Closed),
        }
    }

    /// What is to be done now, or how long to wait for more.
    fn next(
        &mut self,
        now: Instant,
        gather: Duration,
        spare: bool,
    ) -> Result<Work, Option<Duration>> {
        let due = self.queue.gathering_since().map(|since| since + gather);
        let is_due = self.closing || self.queue.is_eager() || due.is_some_and(|due| due <= now);
        if is_due && !self.queue.is_empty() {
            return Ok(Work::Batch(self.queue.take()));
        }
        if std::mem::take(&mut self.doubtful) {
            return Ok(Work::Doubtful);
        }
        if std::mem::take(&mut self.compared) {
            return Ok(Work::Compared);
        }
        match (self.closing, spare) {
            (true, _) => Ok(Work::End),
            (false, true) => Ok(Work::Spare),
            (false, false) => Err(due.map(|due| due.saturating_duration_since(now))),
        }
    }
}

/// What only the disk's thread does.
impl Shared {
    /// What to do next; waits for it. `spare`: there is something to clean up.
    pub(crate) fn next(&self, spare: bool) -> Work {
        let mut inside = self.lock();
        loop {
            inside = match inside.next(clock::now(), self.gather, spare) {
                Ok(work) => return work,
                Err(None) => self.wake.wait(inside).unwrap_or_else(PoisonError::into_inner),
                Err(Some(most)) => {
                    let waited = self.wake.wait_timeout(inside, most);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    /// The disk is full: tells those who wait, and waits for a while. `false`: do not try again.
    pub(crate) fn full(&self, mut waiting: Vec<Done>, pause: Duration) -> bool {
        let until = clock::now() + pause;
        let mut inside = self.lock();
        let first = inside.full_since.is_none();
        inside.full_since.get_or_insert_with(clock::now);
        inside.figures.errors += 1;
        let closing = inside.closing;
        waiting.append(&mut inside.queue.take_waiting());
        drop(inside);
        tell(waiting, &Err(DiskError::Full));
        if first {
            tracing::warn!("the disk is full; sessions wait in memory until there is room again");
        }
        if closing {
            return false;
        }
        loop {
            let mut inside = self.lock();
            let left = until.saturating_duration_since(clock::now());
            if left.is_zero() || inside.closing {
                return true;
            }
            let waiting = inside.queue.take_waiting();
            if waiting.is_empty() {
                drop(self.wake.wait_timeout(inside, left));
            } else {
                drop(inside);
                tell(waiting, &Err(DiskError::Full));
            }
        }
    }

    /// What was taken is on the disk, at these places.
    pub(crate) fn written(&self, places: Places) {
        let count = places.len() as u64;
        self.moved(places);
        let mut inside = self.lock();
        inside.figures.written += count;
        let full_since = inside.full_since.take();
        // The last reference to many values; they are freed when the lock is not held.
        let old = inside.queue.written();
        drop(inside);
        drop(old);
        if let Some(since) = full_since {
            let after = clock::now().saturating_duration_since(since);
            tracing::info!(?after, "there is room on the disk again");
        }
    }

    /// Records stand at these places now.
    pub(crate) fn moved(&self, places: Places) {
        let mut places = VecDeque::from(places);
        while !places.is_empty() {
            let mut inside = self.lock();
            for (key, place) in places.drain(..AT_ONCE.min(places.len())) {
                inside.index.set(key, place);
            }
        }
    }

    /// Keeps those whose newest version stands in that segment at that place.
    pub(crate) fn keep_newest(&self, segment: u32, found: &mut Vec<(SessionKey, u64, Bytes)>) {
        let inside = self.lock();
        found.retain(|(key, at, _)| {
            inside.index.get(key).is_some_and(|place| place.is(segment, *at))
        });
    }

    pub(crate) fn live(&self) -> u64 {
        self.lock().index.live()
    }

    /// Changes figures.
    pub(crate) fn count(&self, change: impl FnOnce(&mut DiskFigures)) {
        change(&mut self.lock().figures);
    }

    /// The log has failed: tells those who wait, and refuses everything from now on.
    pub(crate) fn fail(&self, text: String) {
        let error = Err(DiskError::Failed(text.clone()));
        let mut inside = self.lock();
        inside.figures.errors += u64::from(inside.failed.is_none());
        inside.failed.get_or_insert(text);
        let waiting = inside.queue.take_waiting();
        drop(inside);
        tell(waiting, &error);
    }

    /// The disk's thread has ended, in whatever way.
    pub(crate) fn end(&self) {
        let mut inside = self.lock();
        inside.ended = true;
        let finished = inside.closing || inside.failed.is_some();
        drop(inside);
        if !finished {
            self.fail("the disk's thread has ended".to_owned());
        }
        self.ended.notify_all();
    }
}

/// Tells all who wait how it went.
pub(crate) fn tell(waiting: Vec<Done>, result: &Result<(), DiskError>) {
    for done in waiting {
        done(result.clone());
    }
}
