//! The log: changes are appended to the last segment, and marked when they are safe.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use copal_protocol::session_key::SessionKey;

use crate::disk::files::DiskFiles;
use crate::disk::frame::{self, Entry, Mark};
use crate::disk::limits::{Bounds, GATHERED};
use crate::disk::place::Place;
use crate::disk::pulse::Pulse;
use crate::disk::segment::{HEADER, Segment};

/// Why something was not written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum LogError {
    /// There is no room. Nothing was changed; it can be tried again.
    Full,
    /// What is on the disk cannot be relied on any more.
    Failed(String),
}

impl LogError {
    /// What an error of the operating system means while something is written.
    fn of(what: &str, error: &io::Error) -> Self {
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Failed(format!("{what}: {error}")),
        }
    }
}

/// Where a log is kept, and how.
#[derive(Debug, Clone)]
pub(crate) struct Ground {
    pub(crate) files: Arc<dyn DiskFiles>,
    pub(crate) folder: PathBuf,
    pub(crate) bounds: Bounds,
    /// Whether it is synced.
    pub(crate) synced: bool,
    pub(crate) pulse: Arc<Pulse>,
}

/// What a log has done.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LogFigures {
    pub(crate) bytes: u64,
    pub(crate) syncs: u64,
    pub(crate) slowest_sync: Duration,
}

/// Where changes stand now.
pub(crate) type Places = Vec<(SessionKey, Option<Place>)>;

/// The log.
#[derive(Debug)]
pub(crate) struct Log {
    ground: Ground,
    tail: Arc<Segment>,
    length: u64,
    /// Nothing was appended since the last sync but marks.
    settled: bool,
    /// The segments before the tail, each with its length.
    sealed: BTreeMap<u32, (Arc<Segment>, u64)>,
    figures: LogFigures,
}

impl Log {
    /// Begins a log in an empty folder.
    pub(crate) fn begin(ground: Ground) -> Result<Self, LogError> {
        let tail = Self::segment(&ground, 1)?;
        let (sealed, figures) = (BTreeMap::new(), LogFigures::default());
        Ok(Self { ground, tail, length: HEADER, settled: true, sealed, figures })
    }

    /// Goes on with a log: after these segments, oldest first. What stands behind their lengths is
    /// cut off.
    pub(crate) fn resume(
        ground: Ground,
        mut segments: Vec<(Arc<Segment>, u64)>,
    ) -> Result<Self, LogError> {
        let Some((tail, length)) = segments.pop() else { return Self::begin(ground) };
        let sealed = segments.into_iter().map(|(s, length)| (s.number, (s, length))).collect();
        let figures = LogFigures::default();
        let mut log = Self { ground, tail, length, settled: false, sealed, figures };
        log.cut_back()?;
        log.roll()?;
        Ok(log)
    }

    /// Appends changes. They are not safe yet. When it fails, nothing was appended.
    pub(crate) fn append<'a>(
        &mut self,
        changes: impl Iterator<Item = (SessionKey, Option<&'a Bytes>)>,
    ) -> Result<Places, LogError> {
        if self.length >= self.ground.bounds.segment {
            self.roll()?;
        }
        self.settled = false;
        let written = self.write(changes);
        match &written {
            Ok((_, end)) => {
                self.figures.bytes += end - self.length;
                self.length = *end;
            }
            Err(_) => self.cut_back()?,
        }
        written.map(|(places, _)| places)
    }

    /// Makes all that was appended safe, and says so in the log.
    pub(crate) fn settle(&mut self) -> Result<(), LogError> {
        if !self.ground.synced {
            return Ok(());
        }
        self.sync()?;
        match self.mark(false) {
            // The next mark says it, too.
            Err(LogError::Full) => Ok(()),
            result => result,
        }
    }

    /// Makes all safe, and says so; nothing is appended afterwards.
    pub(crate) fn finish(&mut self) -> Result<(), LogError> {
        self.sync()?;
        self.mark(false)?;
        self.sync()
    }

    /// The oldest segment, if it is not the one that is written to.
    pub(crate) fn oldest(&self) -> Option<(Arc<Segment>, u64)> {
        self.sealed.first_key_value().map(|(_, (segment, length))| (Arc::clone(segment), *length))
    }

    /// Removes the oldest segment. All that counts in it must have been appended anew. Returns
    /// what went wrong that does no harm.
    pub(crate) fn drop_oldest(&mut self) -> Result<Option<io::Error>, LogError> {
        let Some((&number, (oldest, length))) = self.sealed.first_key_value() else {
            return Ok(None);
        };
        let saved = (Arc::clone(oldest), *length);
        self.sync()?;
        self.sealed.remove(&number);
        if let Err(error) = self.mark(false) {
            self.sealed.insert(number, saved);
            return Err(error);
        }
        self.sync()?;
        let path = Segment::path(&self.ground.folder, number);
        Ok(self.ground.files.remove_file(&path).err())
    }

    /// All bytes of the log.
    pub(crate) fn total(&self) -> u64 {
        self.length + self.sealed.values().map(|(_, length)| length).sum::<u64>()
    }

    /// Whether so little of the log counts, or it is in so many pieces, that it is worth while to
    /// clean up.
    pub(crate) fn is_wasteful(&self, live: u64) -> bool {
        let segment = self.ground.bounds.segment;
        let total = self.total();
        let pieces = self.sealed.len() as u64;
        pieces > 0 && (total > 2 * live + 2 * segment || pieces > 8 + 2 * (total / segment))
    }

    pub(crate) const fn figures(&self) -> LogFigures {
        self.figures
    }

    pub(crate) const fn ground(&self) -> &Ground {
        &self.ground
    }

    fn segment(ground: &Ground, number: u32) -> Result<Arc<Segment>, LogError> {
        let Ground { files, folder, synced, .. } = ground;
        let (made, _) = ground.pulse.during(|| Segment::create(&**files, folder, number, *synced));
        made.map_err(|error| LogError::of("a segment cannot be made", &error))
    }

    /// Goes on in a new segment.
    fn roll(&mut self) -> Result<(), LogError> {
        // The end of the old one is safe before there is another, and says so.
        if !self.settled {
            self.sync()?;
        }
        self.mark(false)?;
        self.sync()?;
        let next = Self::segment(&self.ground, self.tail.number + 1)?;
        match self.mark(true) {
            Ok(()) => self.sync()?,
            // That the last segment is missing would not be seen. That is all.
            Err(LogError::Full) => {}
            Err(error) => return Err(error),
        }
        let old = std::mem::replace(&mut self.tail, next);
        self.sealed.insert(old.number, (old, self.length));
        self.length = HEADER;
        Ok(())
    }

    fn mark(&mut self, sealed: bool) -> Result<(), LogError> {
        let first = self.sealed.first_key_value().map_or(self.tail.number, |(first, _)| *first);
        let mut bytes = Vec::new();
        let spot = self.tail.spot(self.length);
        frame::write(&mut bytes, Entry::Mark(Mark { first, sealed }), spot);
        if let Err(error) = self.put_down(&bytes, self.length) {
            self.cut_back()?;
            return Err(error);
        }
        self.length += bytes.len() as u64;
        self.figures.bytes += bytes.len() as u64;
        Ok(())
    }

    fn write<'a>(
        &self,
        changes: impl Iterator<Item = (SessionKey, Option<&'a Bytes>)>,
    ) -> Result<(Places, u64), LogError> {
        let mut places = Vec::new();
        let mut gathered = Vec::with_capacity(GATHERED);
        let mut from = self.length;
        for (key, value) in changes {
            let at = from + gathered.len() as u64;
            let before = gathered.len();
            let entry = value.map_or(Entry::Remove { key }, |value| Entry::Put { key, value });
            frame::write(&mut gathered, entry, self.tail.spot(at));
            let length = gathered.len() - before;
            places.push((key, value.map(|_| self.place(at, length)).transpose()?));
            if gathered.len() >= GATHERED {
                self.put_down(&gathered, from)?;
                from += gathered.len() as u64;
                gathered.clear();
            }
        }
        self.put_down(&gathered, from)?;
        Ok((places, from + gathered.len() as u64))
    }

    fn place(&self, at: u64, length: usize) -> Result<Place, LogError> {
        let place = u32::try_from(at).ok().zip(u32::try_from(length).ok());
        let segment = Arc::clone(&self.tail);
        place
            .map(|(at, length)| Place { segment, at, length })
            .ok_or_else(|| LogError::Failed("a segment has become too long".to_owned()))
    }

    fn put_down(&self, bytes: &[u8], at: u64) -> Result<(), LogError> {
        if bytes.is_empty() {
            return Ok(());
        }
        let (written, _) = self.ground.pulse.during(|| self.tail.file.write_at(bytes, at));
        written.map_err(|error| LogError::of("the log cannot be written", &error))
    }

    /// Cuts off what was written and does not count, so that nothing of it is ever read.
    fn cut_back(&self) -> Result<(), LogError> {
        let (cut, _) = self.ground.pulse.during(|| self.tail.file.cut(self.length));
        cut.map_err(|error| LogError::Failed(format!("the log cannot be cut: {error}")))
    }

    /// After an error the operating system may have thrown away what was to be written, and says so
    /// only once. So any error is the end of this log.
    fn sync(&mut self) -> Result<(), LogError> {
        let (synced, took) = self.ground.pulse.during(|| self.tail.file.sync());
        self.figures.syncs += 1;
        self.settled = synced.is_ok();
        self.figures.slowest_sync = self.figures.slowest_sync.max(took);
        synced.map_err(|error| LogError::Failed(format!("the log cannot be synced: {error}")))
    }
}
