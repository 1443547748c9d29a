//! The disk's thread: writes what waits, syncs, and cleans up when there is time.

use std::path::PathBuf;
use std::sync::Arc;

use crate::disk::cleaning::Cleaning;
use crate::disk::error::DiskError;
use crate::disk::folder::Marker;
use crate::disk::log::{Log, LogError, Places};
use crate::disk::queue::Batch;
use crate::disk::shared::{Shared, Work, tell};

/// The disk's thread.
pub(crate) struct Writer {
    pub(crate) shared: Arc<Shared>,
    pub(crate) log: Log,
    pub(crate) cleaning: Cleaning,
    pub(crate) marker: Marker,
    /// For what an operator reads.
    pub(crate) folder: PathBuf,
}

/// Tells that the thread has ended, also when it ended in a way that nobody thought of.
struct Ending(Arc<Shared>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl Writer {
    /// Works until the disk copy is closed, or the log has failed.
    pub(crate) fn run(mut self) {
        let ending = Ending(Arc::clone(&self.shared));
        if let Err(text) = self.work() {
            tracing::error!(
                folder = %self.folder.display(), error = %text,
                "the disk copy of the sessions has failed and is not used until the next start",
            );
            self.shared.fail(text);
            // It may be that this cannot be written either. Then the marks in the log are enough.
            drop(self.marker.set());
        }
        drop(ending);
    }

    fn work(&mut self) -> Result<(), String> {
        let mut may_clean = true;
        loop {
            let spare = may_clean && self.log.is_wasteful(self.shared.live());
            match self.shared.next(spare) {
                Work::Batch(batch) => {
                    let before = self.log.figures().bytes;
                    if !self.commit(batch)? {
                        return Ok(());
                    }
                    may_clean = self.keep_up(self.log.figures().bytes - before)?;
                }
                Work::Spare => may_clean = self.clean()?,
                Work::Compared => self.note(Marker::remove),
                Work::Doubtful => self.note(Marker::set),
                Work::End => return self.finish(),
            }
            self.publish();
        }
    }

    /// Writes a batch, however long there is no room for it; `false` if it was given up.
    fn commit(&mut self, mut batch: Batch) -> Result<bool, String> {
        let bounds = self.log.ground().bounds;
        let mut pause = bounds.retry_first;
        loop {
            match self.write(&batch) {
                Ok(places) => {
                    self.shared.written(places);
                    self.publish();
                    tell(batch.waiting, &Ok(()));
                    return Ok(true);
                }
                Err(LogError::Full) => {
                    if !self.shared.full(std::mem::take(&mut batch.waiting), pause) {
                        return Ok(false);
                    }
                    pause = (pause * 2).min(bounds.retry_last);
                }
                Err(LogError::Failed(text)) => {
                    // Refuse first: who is told may ask at once how the disk is doing.
                    self.shared.fail(text.clone());
                    tell(batch.waiting, &Err(DiskError::Failed(text.clone())));
                    return Err(text);
                }
            }
        }
    }

    fn write(&mut self, batch: &Batch) -> Result<Places, LogError> {
        if batch.changes.is_empty() {
            return Ok(Places::new());
        }
        let changes = batch.changes.iter().map(|(key, value)| (*key, value.as_ref()));
        let places = self.log.append(changes)?;
        self.log.settle()?;
        Ok(places)
    }

    /// Cleans up as much as was written makes necessary: a queue that is never empty must not let
    /// the log grow. `false` if there is no room for it.
    fn keep_up(&mut self, written: u64) -> Result<bool, String> {
        // At least half of what is looked through is given back in the long run, so twice as much
        // as was written would do.
        let steps = 2 + 3 * written / self.log.ground().bounds.cleaned_at_once;
        for _ in 0..steps {
            if !self.log.is_wasteful(self.shared.live()) {
                break;
            }
            if !self.clean()? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Cleans up a little; `false` if there is no room for it.
    fn clean(&mut self) -> Result<bool, String> {
        let shared = &self.shared;
        let moved = self.cleaning.step(&mut self.log, |segment, found| {
            shared.keep_newest(segment, found);
        });
        match moved {
            Ok(places) => {
                self.shared.moved(places);
                Ok(true)
            }
            Err(LogError::Full) => Ok(false),
            Err(LogError::Failed(text)) => Err(text),
        }
    }

    fn finish(&mut self) -> Result<(), String> {
        let finished = self.log.finish();
        self.publish();
        match finished {
            Ok(()) | Err(LogError::Full) => Ok(()),
            Err(LogError::Failed(text)) => Err(text),
        }
    }

    fn note(&self, change: impl FnOnce(&Marker) -> std::io::Result<()>) {
        if let Err(error) = change(&self.marker) {
            self.shared.count(|figures| figures.errors += 1);
            tracing::warn!(%error, "whether the sessions were compared could not be noted");
        }
    }

    fn publish(&self) {
        let (figures, total) = (self.log.figures(), self.log.total());
        self.shared.count(|shown| {
            shown.bytes = figures.bytes;
            shown.syncs = figures.syncs;
            shown.slowest_sync = figures.slowest_sync;
            shown.disk_bytes = total;
        });
    }
}
