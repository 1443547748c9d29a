//! The disk copy: session records as opaque bytes, kept in a folder by a thread of its own.
//!
//! Nothing here waits for the disk but [`Disk::open`], [`Disk::get`] and [`Disk::close`]. What is put
//! is known at once and written a little later; of versions that follow each other quickly only the
//! newest is written. How it is kept, and why so, stands in `docs/decisions/0019-the-disk-copy.md`.

pub mod settings;
pub mod opened;
pub mod error;
pub mod state;
pub(crate) mod limits;
mod clock;
mod pulse;
pub(crate) mod files;
pub(crate) mod real_files;
mod identity;
mod frame;
mod segment;
mod reader;
mod place;
mod index;
mod survey;
mod queue;
mod log;
mod cleaning;
mod folder;
mod opening;
mod shared;
mod writer;

#[cfg(test)]
pub(crate) mod tests;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use bytes::Bytes;
use copal_protocol::session_key::SessionKey;

use crate::disk::cleaning::Cleaning;
use crate::disk::error::{DiskError, OpenError};
use crate::disk::files::{DiskFiles, Lock};
use crate::disk::limits::{Bounds, NEVER_GATHERS};
use crate::disk::opened::Opened;
use crate::disk::opening::Opening;
use crate::disk::place::Place;
use crate::disk::queue::Done;
use crate::disk::real_files::RealFiles;
use crate::disk::settings::{DiskSettings, DiskSync};
use crate::disk::shared::{Shared, Whereabouts};
use crate::disk::state::{DiskFigures, DiskState};
use crate::disk::writer::Writer;

/// The disk copy of the records of one server.
///
/// When it is dropped, what waits is still written, and nobody waits for that.
pub struct Disk {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
    /// Reads go on in the folder when the thread has ended.
    lock: Mutex<Option<Arc<Lock>>>,
}

impl Disk {
    /// Opens the disk copy, or begins one, and hands out every record once, in no particular order.
    ///
    /// # Errors
    ///
    /// When the folder belongs to another server or is in use, or the operating system fails.
    /// Damage is no error: it is in [`Opened`].
    pub fn open(
        settings: &DiskSettings,
        for_each: impl FnMut(SessionKey, Bytes),
    ) -> Result<(Self, Opened), OpenError> {
        Self::open_in(Arc::new(RealFiles), settings, Bounds::USUAL, for_each)
    }

    /// The same, with files that may fail and bounds that are soon reached.
    pub(crate) fn open_in(
        files: Arc<dyn DiskFiles>,
        settings: &DiskSettings,
        bounds: Bounds,
        for_each: impl FnMut(SessionKey, Bytes),
    ) -> Result<(Self, Opened), OpenError> {
        let Opening { folder, log, index, opened } =
            opening::open(files, settings, bounds, for_each)?;
        let gather = match settings.sync {
            DiskSync::Every(time) => time,
            DiskSync::Always => Duration::ZERO,
            DiskSync::Never => NEVER_GATHERS,
        };
        let pulse = Arc::clone(&log.ground().pulse);
        let shared = Arc::new(Shared::new(index, bounds, pulse, gather));
        let writer = Writer {
            shared: Arc::clone(&shared),
            log,
            cleaning: Cleaning::default(),
            marker: folder.marker(),
            folder: settings.folder.clone(),
        };
        let lock = folder.lock();
        let thread = thread::Builder::new().name("disk".to_owned()).spawn(move || {
            // It has the lock until it has ended, and not only as long as somebody wants it.
            let _folder = folder;
            writer.run();
        });
        let thread = thread.map_err(OpenError::io("no thread can be started", &settings.folder))?;
        Ok((
            Self { shared, thread: Mutex::new(Some(thread)), lock: Mutex::new(Some(lock)) },
            opened,
        ))
    }

    /// Puts a record. It never waits: the record is known from now on, and is written soon.
    ///
    /// # Errors
    ///
    /// The record was not taken, and the disk has an older version at most, which
    /// [`get`](Self::get) does not return. With [`DiskError::Saturated`], put it again later.
    pub fn put(&self, key: SessionKey, record: Bytes) -> Result<(), DiskError> {
        self.shared.change(key, Some(record), &mut None)
    }

    /// Removes a record. It never waits. There need not be one.
    ///
    /// # Errors
    ///
    /// When the log has failed or is closed.
    pub fn remove(&self, key: SessionKey) -> Result<(), DiskError> {
        self.shared.change(key, None, &mut None)
    }

    /// Puts a record and tells `done` once when it is safe, or why that is not so. With
    /// [`DiskSync::Never`] it is told when the operating system has it. After
    /// [`DiskError::Full`] the record still waits and is written when there is room.
    ///
    /// `done` is called on the disk's thread, so it must be quick. If the record is not taken,
    /// it is called before this returns.
    pub fn put_synced(
        &self,
        key: SessionKey,
        record: Bytes,
        done: impl FnOnce(Result<(), DiskError>) + Send + 'static,
    ) {
        self.change_synced(key, Some(record), Box::new(done));
    }

    /// Removes a record and tells `done` once when it is gone, as [`put_synced`](Self::put_synced)
    /// does.
    pub fn remove_synced(
        &self,
        key: SessionKey,
        done: impl FnOnce(Result<(), DiskError>) + Send + 'static,
    ) {
        self.change_synced(key, None, Box::new(done));
    }

    /// Tells `done` once when everything is safe that was put or removed before, or why not.
    pub fn when_safe(&self, done: impl FnOnce(Result<(), DiskError>) + Send + 'static) {
        let mut done: Option<Done> = Some(Box::new(done));
        let taken = self.shared.wait(&mut done);
        refuse(taken, done);
    }

    /// The newest version of a record, or `None` if there is none. It may wait for the disk: call it
    /// where that does no harm.
    ///
    /// # Errors
    ///
    /// When the newest version was not taken, or is damaged: never an older one instead.
    pub fn get(&self, key: SessionKey) -> Result<Option<Bytes>, DiskError> {
        let place = match self.shared.find(&key)? {
            Whereabouts::Here(value) => return Ok(value),
            Whereabouts::OnDisk(place) => place,
        };
        place.read(key).map(Some).map_err(|what| self.damaged(key, &place, what))
    }

    /// Whether the newest version of the record is on the disk, so that memory may forget it.
    #[must_use]
    pub fn has_newest(&self, key: SessionKey) -> bool {
        self.shared.has_newest(&key)
    }

    /// Whether so much waits that records with new keys are not taken. Nothing may be pushed out of
    /// memory then.
    #[must_use]
    pub fn is_saturated(&self) -> bool {
        self.shared.is_saturated()
    }

    /// Some keys whose newest version was not taken, to be put again when the disk is not saturated
    /// any more.
    #[must_use]
    pub fn not_taken(&self, most: usize) -> Vec<SessionKey> {
        self.shared.not_taken(most)
    }

    /// All records that were [to be compared](Opened::to_be_compared) have been.
    pub fn all_compared(&self) {
        self.shared.compared();
    }

    /// How the disk is doing.
    #[must_use]
    pub fn state(&self) -> DiskState {
        self.state_at(clock::now())
    }

    /// How the disk is doing, if it is this late.
    #[must_use]
    pub fn state_at(&self, now: Instant) -> DiskState {
        self.shared.state(now)
    }

    /// What was counted.
    #[must_use]
    pub fn figures(&self) -> DiskFigures {
        self.shared.figures()
    }

    /// Writes and syncs what waits, and ends. It waits for that, for `deadline` at most.
    ///
    /// # Errors
    ///
    /// When something is not on the disk: the log has failed, the disk is full, or it took too long.
    pub fn close(&self, deadline: Duration) -> Result<(), DiskError> {
        self.shared.close();
        let ended = self.shared.wait_for_end(deadline);
        // From here on another process may use the folder, unless our thread still does.
        drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner).take());
        let hangs = matches!(ended, Err(DiskError::Unfinished(_))) && self.shared.is_running();
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = thread.take().filter(|_| !hangs) {
            // How it ended is known already.
            drop(thread.join());
        }
        ended
    }

    fn change_synced(&self, key: SessionKey, record: Option<Bytes>, done: Done) {
        let mut done = Some(done);
        let taken = self.shared.change(key, record, &mut done);
        refuse(taken, done);
    }

    fn damaged(&self, key: SessionKey, place: &Place, what: String) -> DiskError {
        let (segment, at) = (place.segment.number, place.at);
        tracing::error!(%key, segment, at, error = %what, "a session on the disk cannot be read");
        self.shared.doubtful();
        DiskError::Damaged(what)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        self.shared.close();
    }
}

impl fmt::Debug for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Disk").field("state", &self.state()).finish_non_exhaustive()
    }
}

/// Tells somebody whose change was not taken.
fn refuse(taken: Result<(), DiskError>, done: Option<Done>) {
    if let (Err(error), Some(done)) = (taken, done) {
        done(Err(error));
    }
}
