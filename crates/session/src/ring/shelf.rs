//! The disk copy, as the ring uses it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use copal_protocol::session_key::SessionKey;
use copal_replica::kept_code;
use copal_replica::live::WallTime;
use copal_replica::record::Record;
use copal_replica::surroundings::Clocks;
use tokio::sync::mpsc::UnboundedSender;

use crate::disk::Disk;
use crate::disk::error::{DiskError, OpenError};
use crate::disk::files::DiskFiles;
use crate::disk::limits::Bounds;
use crate::disk::opened::Opened;
use crate::disk::real_files::RealFiles;
use crate::disk::settings::{DiskSettings, DiskSync};
use crate::disk::state::DiskState;
use crate::ring::bench::Bench;
use crate::ring::limits::COMPARED;
use crate::ring::receipt::Receipt;

/// The disk copy, as the ring uses it.
#[derive(Debug)]
pub(crate) struct Shelf {
    disk: Disk,
    /// Nothing is said before what it rests on is on the disk.
    always: bool,
    /// Some of what was read may be an older version, and some may be missing.
    doubtful: AtomicBool,
    /// What was said last of how it is doing.
    said: Mutex<&'static str>,
    /// Is told of which part of all sessions something is safe.
    safe: UnboundedSender<usize>,
    /// Since when all others are there.
    together: Mutex<Option<Duration>>,
    /// It hangs, is full, has failed or is too slow.
    ailing: AtomicBool,
    /// How often something was said although the disk does not have it.
    degraded: AtomicU64,
    /// What was damaged when it was opened.
    damaged: u64,
}

/// What became of something that was put.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kept {
    /// It will be on the disk.
    Taken,
    /// There is too much that waits; it is put again.
    NotYet,
    /// It will not be on the disk.
    Never,
}

impl Shelf {
    /// Opens it, and hands out what it has. A record that cannot be read is left out, and counts as one
    /// that may be missing. Who is alone has nobody to ask, and takes what there is.
    pub(crate) fn open(
        settings: &DiskSettings,
        safe: UnboundedSender<usize>,
        is_alone: bool,
        restore: impl Fn(Record, Option<WallTime>),
    ) -> Result<Self, OpenError> {
        Self::open_in(Arc::new(RealFiles), Bounds::USUAL, settings, safe, is_alone, restore)
    }

    /// The same, with files that may fail and bounds that are soon reached.
    pub(crate) fn open_in(
        files: Arc<dyn DiskFiles>,
        bounds: Bounds,
        settings: &DiskSettings,
        safe: UnboundedSender<usize>,
        is_alone: bool,
        restore: impl Fn(Record, Option<WallTime>),
    ) -> Result<Self, OpenError> {
        let mut unread = 0_u64;
        let take = |key, bytes| match kept_code::read(bytes) {
            Ok((record, used)) if record.key == key => restore(record, used),
            _ => unread += 1,
        };
        let (disk, opened) = Disk::open_in(files, settings, bounds, take)?;
        tell(settings, &opened, unread, is_alone);
        let is_doubtful = opened.to_be_compared || unread > 0;
        if is_doubtful && is_alone {
            disk.all_compared();
        }
        let damaged = u64::try_from(opened.damage.len()).unwrap_or(u64::MAX);
        Ok(Self {
            disk,
            always: settings.sync == DiskSync::Always,
            doubtful: AtomicBool::new(is_doubtful && !is_alone),
            damaged: damaged.saturating_add(unread),
            said: Mutex::new(""),
            safe,
            together: Mutex::new(None),
            ailing: AtomicBool::new(false),
            degraded: AtomicU64::new(0),
        })
    }

    /// Puts what a session is now, and when it was last used, or that there is nothing. What was not taken is
    /// put again later.
    pub(crate) fn put(
        &self,
        part: usize,
        key: SessionKey,
        bench: &mut Bench,
        clocks: Clocks,
    ) -> Kept {
        let what = bench.shard.kept(key, clocks);
        if what.is_some_and(|(record, _)| record.is_stowed()) {
            // A mistake of ours: what is on the disk must not be overwritten with less.
            tracing::error!(%key, "a session was to be written without what it holds, and was not");
            return Kept::Never;
        }
        let kept = match what {
            Some((record, used)) => self.disk.put(key, Bytes::from(kept_code::write(record, used))),
            None => self.disk.remove(key),
        };
        let kept = match kept {
            Ok(()) => Kept::Taken,
            Err(DiskError::Saturated) => Kept::NotYet,
            Err(error @ DiskError::TooLarge(_)) => {
                tracing::error!(%key, %error, "a session is not on the disk");
                Kept::Never
            }
            // That is told when it begins.
            Err(_) => Kept::Never,
        };
        if !self.always {
            return kept;
        }
        if kept == Kept::NotYet {
            bench.missing.insert(key);
        } else if bench.missing.remove(&key) && bench.missing.is_empty() {
            for receipt in std::mem::take(&mut bench.unwritten) {
                self.tell_when_safe(part, receipt);
            }
        }
        kept
    }

    /// Where it is told, of this part of all sessions, that everything is safe that was put before, of
    /// which at the worst this became; if it must be waited for.
    pub(crate) fn receipt(
        &self,
        part: usize,
        worst: Kept,
        bench: &mut Bench,
    ) -> Option<Arc<Receipt>> {
        if !self.always {
            return None;
        }
        if worst == Kept::Never || self.is_ailing() {
            return Some(Arc::new(Receipt::known(false)));
        }
        let receipt = Arc::new(Receipt::waits());
        if worst == Kept::NotYet {
            bench.unwritten.push(Arc::clone(&receipt));
        } else {
            self.tell_when_safe(part, Arc::clone(&receipt));
        }
        Some(receipt)
    }

    fn tell_when_safe(&self, part: usize, receipt: Arc<Receipt>) {
        let safe = self.safe.clone();
        self.disk.when_safe(move |kept| {
            receipt.tell(kept.is_ok());
            // A ring that has ended says nothing any more.
            let _ = safe.send(part);
        });
    }

    /// Whether nothing is said before what it rests on is on the disk.
    pub(crate) const fn is_waited_for(&self) -> bool {
        self.always
    }

    /// Whether it is of no use to wait for it.
    pub(crate) fn is_ailing(&self) -> bool {
        self.ailing.load(Ordering::Relaxed)
    }

    /// So much was said that rests on what the disk does not have.
    pub(crate) fn degraded(&self, count: u64) {
        self.degraded.fetch_add(count, Ordering::Relaxed);
    }

    /// How often that has happened.
    pub(crate) fn degradations(&self) -> u64 {
        self.degraded.load(Ordering::Relaxed)
    }

    /// Sessions that were not taken when they were put, and may be put again.
    pub(crate) fn not_taken(&self) -> Vec<SessionKey> {
        const AT_ONCE: usize = 256;
        if self.disk.is_saturated() { Vec::new() } else { self.disk.not_taken(AT_ONCE) }
    }

    /// Whether some sessions may be missing that were here.
    pub(crate) fn is_doubtful(&self) -> bool {
        self.doubtful.load(Ordering::Relaxed)
    }

    /// Whether all others are there at this running time. When they have been for long enough, they have
    /// sent what this server should have.
    pub(crate) fn all_are_there(&self, now: Option<Duration>) {
        let mut since = self.together.lock().unwrap_or_else(PoisonError::into_inner);
        *since = now.map(|now| since.unwrap_or(now));
        let long = since.zip(now).is_some_and(|(since, now)| now >= since + COMPARED);
        drop(since);
        if long && self.doubtful.swap(false, Ordering::Relaxed) {
            self.disk.all_compared();
            tracing::info!("the disk copy is as good as those of the other servers again");
        }
    }

    /// How many places of it could not be read when it was opened.
    pub(crate) const fn damaged(&self) -> u64 {
        self.damaged
    }

    /// Whether the disk takes what it is given, so that memory may be left to it.
    pub(crate) fn takes(&self) -> bool {
        self.disk.state() == DiskState::Working && !self.disk.is_saturated()
    }

    /// The newest record of a session, as far as it can be read. Waits for the disk.
    pub(crate) fn read(&self, key: SessionKey) -> Option<Record> {
        let read = self.disk.get(key);
        if let Err(error) = &read {
            tracing::error!(%key, %error, "a session is asked for at the other servers");
        }
        let record = kept_code::read(read.ok()??).map(|(record, _)| record);
        if let Err(error) = &record {
            tracing::error!(%key, %error, "a session on the disk makes no sense");
        }
        record.ok()
    }

    /// The disk copy itself, for its figures.
    pub(crate) const fn disk(&self) -> &Disk {
        &self.disk
    }

    /// Says how it is doing, when that is something else than before.
    pub(crate) fn report(&self) {
        let state = self.disk.state();
        self.ailing.store(state != DiskState::Working, Ordering::Relaxed);
        let now = word(&state);
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if *said == now {
            return;
        }
        let first = std::mem::replace(&mut *said, now).is_empty();
        drop(said);
        match state {
            DiskState::Working if first => {}
            DiskState::Working => tracing::info!("the disk copy works again"),
            state => tracing::warn!(
                state = now,
                ?state,
                "the disk copy falls behind; memory and the copies on other servers lose nothing"
            ),
        }
    }

    /// Writes what waits, and ends.
    pub(crate) fn close(&self, deadline: Duration) {
        if let Err(error) = self.disk.close(deadline) {
            tracing::warn!(%error, "the disk copy is not complete");
        }
    }
}

/// What is said of damage where nobody has another copy.
const ALONE: &str = "the files of the sessions are damaged, and no other server has copies: sessions whose \
                     last change stood in a damaged place are gone, or as they were before it; a session \
                     that had ended may be back. To begin without any of them, stop this server and \
                     move the folder away";

/// The word for a state, in logs and figures.
pub(crate) const fn word(state: &DiskState) -> &'static str {
    match state {
        DiskState::Working => "working",
        DiskState::Behind { .. } => "behind",
        DiskState::Hanging { .. } => "hanging",
        DiskState::Full { .. } => "full",
        DiskState::Failed(_) => "failed",
    }
}

fn tell(settings: &DiskSettings, opened: &Opened, unread: u64, is_alone: bool) {
    let (found, left_out) = match is_alone {
        true => (ALONE, ALONE),
        false => (
            "the disk copy is damaged: all of it is compared with the others",
            "sessions on the disk could not be read, and are asked for",
        ),
    };
    let folder = settings.folder.display();
    if let Some(aside) = &opened.set_aside {
        let (now, why) = (aside.folder.display(), &aside.why);
        tracing::warn!(%folder, %now, ?why, "an older disk copy was set aside; nothing of it was deleted");
    }
    for damage in &opened.damage {
        tracing::error!(%folder, damage, "{found}");
    }
    if unread > 0 {
        tracing::error!(%folder, unread, "{left_out}");
    }
    tracing::info!(%folder, sessions = opened.records, cut = opened.cut, "disk copy open");
}
