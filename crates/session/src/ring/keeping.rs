//! What the engine keeps on the disk, and what it says only when that is safe.

use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use copal_replica::effects::Fetch;
use copal_replica::live::WallTime;
use copal_replica::peer::Hearing;
use copal_replica::record::Record;
use copal_replica::safety::Degraded;
use copal_replica::shard::Event;
use tokio::sync::mpsc::UnboundedSender;

use crate::disk::error::OpenError;
use crate::disk::settings::DiskSettings;
use crate::ring::bench::Bench;
use crate::ring::clockwork::clock;
use crate::ring::engine::{Engine, lock, part};
use crate::ring::fetcher::Fetcher;
use crate::ring::limits::HELD;
use crate::ring::receipt::Receipt;
use crate::ring::shelf::{Kept, Shelf};

impl Engine {
    /// Takes in what the disk has, before anything else happens. From then on the disk follows; `safe`
    /// is told of parts whose [`release`](Self::release) is due. Returns where it is told what is to be
    /// [read](Self::fetch).
    pub(crate) fn unpack(
        &self,
        settings: &DiskSettings,
        safe: UnboundedSender<usize>,
    ) -> Result<Receiver<Fetch>, OpenError> {
        let is_alone = self.plan.roster.others.is_empty();
        self.unpack_from(|restore| Shelf::open(settings, safe, is_alone, restore))
    }

    /// The same from a shelf that is opened like this.
    pub(super) fn unpack_from(
        &self,
        open: impl FnOnce(&dyn Fn(Record, Option<WallTime>)) -> Result<Shelf, OpenError>,
    ) -> Result<Receiver<Fetch>, OpenError> {
        let shelf = open(&|record, used| {
            self.with(record.key, |bench, around| bench.shard.restore(record, used, true, around));
        })?;
        // There is one for each engine.
        let _ = self.shelf.set(shelf);
        let (fetcher, wanted) = Fetcher::new();
        let _ = self.fetcher.set(fetcher);
        Ok(wanted)
    }

    /// Reads what a session holds from the disk, and goes on with that. Waits for the disk.
    pub(crate) fn fetch(&self, Fetch { key, number }: Fetch) {
        let record = self.shelf().and_then(|shelf| shelf.read(key)).map(Box::new);
        let event = Event::Fetched { key, number, record };
        self.with(key, |bench, around| bench.shard.on(event, around, &mut bench.effects));
    }

    /// The disk copy, if there is one.
    pub(crate) fn shelf(&self) -> Option<&Shelf> {
        self.shelf.get()
    }

    /// Something of a part of all sessions is on the disk, or will not be: what rests on it is said.
    pub(crate) fn release(&self, part: usize) {
        let Some(bench) = self.benches.get(part) else { return };
        self.say(&mut lock(bench));
    }

    /// Puts again on the disk what was not taken, and looks how it is doing.
    pub(crate) fn mind_the_disk(&self) {
        let Some(shelf) = self.shelf() else { return };
        shelf.report();
        shelf.all_are_there(self.all_are_heard().then(|| self.clocks().running));
        let clocks = self.clocks();
        for key in shelf.not_taken() {
            let mut bench = self.bench(key);
            shelf.put(part(key), key, &mut bench, clocks);
        }
        if shelf.is_waited_for() {
            // Whoever asked waits for nothing that may never come.
            let longest = if shelf.is_ailing() { Duration::ZERO } else { HELD };
            for bench in &self.benches {
                let mut bench = lock(bench);
                bench.give_up(clock().saturating_sub(longest));
                self.say(&mut bench);
            }
        }
    }

    /// Keeps on the disk what has changed. Returns where it is told that it is safe, if that must be
    /// waited for.
    pub(super) fn save(&self, bench: &mut Bench, part: usize) -> Option<Arc<Receipt>> {
        if bench.effects.changed.is_empty() {
            return None;
        }
        let mut changed = std::mem::take(&mut bench.effects.changed);
        let shelf = self.shelf()?;
        changed.sort_unstable();
        changed.dedup();
        let clocks = self.clocks();
        let kept = changed.iter().map(|key| shelf.put(part, *key, bench, clocks));
        let kept = kept.max().unwrap_or(Kept::Taken);
        shelf.receipt(part, kept, bench)
    }

    /// Lets go of what may be said by now, and counts what rests on a disk that does not have it.
    pub(super) fn let_go(&self, bench: &mut Bench) {
        let refuses = self.plan.safety.degraded == Degraded::Refuse;
        let unsafe_ones = bench.release(refuses);
        if let Some(shelf) = self.shelf().filter(|_| unsafe_ones > 0) {
            shelf.degraded(unsafe_ones);
        }
    }

    fn say(&self, bench: &mut Bench) {
        self.let_go(bench);
        self.send(bench);
        bench.hand_out();
    }

    /// Whether every other server answers.
    pub(super) fn all_are_heard(&self) -> bool {
        let (roster, liveness) = (self.roster(), self.liveness());
        let now = clock();
        roster.others.iter().all(|member| liveness.hearing(now, member.id) == Hearing::Yes)
    }
}
