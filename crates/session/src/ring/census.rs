//! What there is on this server, counted.

use copal_replica::counts::Counts;
use copal_replica::holders::Holder;
use copal_replica::place::Place;
use copal_replica::record::Record;
use copal_replica::surroundings::Surroundings;

use crate::disk::state::DiskFigures;
use crate::ring::bench::Bench;
use crate::ring::traffic::Said;

/// What there is on this server, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Census {
    /// Live sessions for which it acts.
    pub own: u64,
    /// Live sessions with fewer copies than there should be: its own, and those of which it holds a copy
    /// and for which nobody acts any more.
    pub short: u64,
    /// Copies of live sessions for which others act.
    pub copies: u64,
    /// Copies of its own live sessions, on servers that are there, beyond what there should be.
    pub surplus: u64,
    /// Those of its own sessions of which memory has all, and not only the disk.
    pub own_in_memory: u64,
    /// The same of its copies.
    pub copies_in_memory: u64,
    /// Ended sessions that are remembered.
    pub ended: u64,
    /// How its disk copy is doing, in a word, and what that has counted; if it has one.
    pub disk: Option<(&'static str, DiskFigures)>,
    /// How much it said to the others about sessions since it was started.
    pub said: Said,
    /// How many places of its disk copy could not be read when it was opened.
    pub disk_damaged: u64,
    /// What happened since it was started, by name.
    pub happened: Vec<(&'static str, u64)>,
}

impl Census {
    /// How often something happened that has this name.
    #[must_use]
    pub fn count(&self, what: &str) -> u64 {
        self.happened.iter().find(|(name, _)| *name == what).map_or(0, |(_, count)| *count)
    }

    /// Adds what there is in one part of all sessions, and what happened there.
    pub(crate) fn take_in(&mut self, bench: &Bench, around: &Surroundings<'_>) {
        let scene = around.scene(&[]);
        for (_, place) in bench.shard.places() {
            match place {
                Place::Acts(owned) if owned.record().live().is_some() => {
                    self.own += 1;
                    self.short += u64::from(owned.short(scene) > 0);
                    self.surplus += surplus(owned.record(), around);
                }
                Place::Copy(copy) if copy.record().is_some_and(|one| one.live().is_some()) => {
                    self.copies += 1;
                    // Nobody acts for it until somebody needs it, and then one copy more is made.
                    let acting = copy.begun().and_then(|epoch| around.acting(epoch));
                    let forsaken = acting.is_none_or(|one| around.is_gone(one));
                    self.short += u64::from(forsaken);
                }
                Place::Acts(_) | Place::Copy(_) => self.ended += 1,
            }
        }
        self.add(&bench.effects.counts);
    }

    fn add(&mut self, counts: &Counts) {
        let rows = counts.rows();
        if self.happened.is_empty() {
            self.happened = rows.to_vec();
            return;
        }
        for ((_, sum), (_, count)) in self.happened.iter_mut().zip(rows) {
            *sum += count;
        }
    }
}

/// Copies on servers that are there beyond what there should be.
fn surplus(record: &Record, around: &Surroundings<'_>) -> u64 {
    let own = around.own.server;
    let is_there = |one: &&Holder| one.server == own || around.hears(one.server);
    let there = record.holders.current().filter(is_there).count();
    u64::try_from(there.saturating_sub(around.safety.copies)).unwrap_or(u64::MAX)
}
