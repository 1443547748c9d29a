//! What is known of a server, for as long as the process runs and the file names it.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use copal_protocol::state::State;

use crate::balance::condition::Condition;
use crate::balance::places::Places;
use crate::tally::ServerTally;

/// What is known of a server. A reading of the configuration that leaves its address alone leaves
/// this alone, too. Shared by all threads.
#[derive(Debug)]
pub(crate) struct Record {
    /// Its place in the pools and tallies of all threads. No other server of the process has or
    /// had the same.
    pub(crate) number: usize,
    condition: Mutex<Condition>,
    /// What follows from `condition`, for a look without the lock.
    plain: AtomicBool,
    well: AtomicBool,
    down_until_ms: AtomicU64,
    warm_since_ms: AtomicU64,
    /// Positions in [`State::ALL`].
    announced: AtomicU8,
    wished: AtomicU8,
    /// Whether it was down when somebody last looked who asks for this.
    seen_down: AtomicBool,
    in_flight: AtomicU32,
    pub(crate) places: Places,
    tallies: Mutex<Vec<Arc<ServerTally>>>,
}

/// Stands for no time at all.
const NEVER: u64 = u64::MAX;

impl Record {
    pub(crate) fn new(number: usize, condition: Condition) -> Self {
        let record = Self {
            number,
            condition: Mutex::new(condition),
            plain: AtomicBool::new(true),
            well: AtomicBool::new(true),
            down_until_ms: AtomicU64::new(0),
            warm_since_ms: AtomicU64::new(NEVER),
            announced: AtomicU8::new(0),
            wished: AtomicU8::new(0),
            seen_down: AtomicBool::new(false),
            in_flight: AtomicU32::new(0),
            places: Places::default(),
            tallies: Mutex::default(),
        };
        record.publish(condition);
        record
    }

    /// Whether nothing at all is the matter with its health.
    pub(crate) fn is_plain(&self) -> bool {
        self.plain.load(Ordering::Relaxed)
    }

    /// Whether an answer would change nothing about it.
    pub(crate) fn is_well(&self) -> bool {
        self.well.load(Ordering::Relaxed)
    }

    pub(crate) fn is_down(&self, now: Duration) -> bool {
        Duration::from_millis(self.down_until_ms.load(Ordering::Relaxed)) > now
    }

    /// Whether it was down at the last such look; it is or is not now.
    pub(crate) fn was_down(&self, is_down: bool) -> bool {
        self.seen_down.swap(is_down, Ordering::Relaxed)
    }

    /// Since when its share of new sessions grows.
    pub(crate) fn warm_since(&self) -> Option<Duration> {
        let since = self.warm_since_ms.load(Ordering::Relaxed);
        (since != NEVER).then(|| Duration::from_millis(since))
    }

    pub(crate) fn condition(&self) -> Condition {
        *self.lock()
    }

    /// Makes the next condition of the present one. Returns both.
    pub(crate) fn change(
        &self,
        next: impl FnOnce(Condition) -> Condition,
    ) -> (Condition, Condition) {
        let mut condition = self.lock();
        let before = *condition;
        let after = next(before);
        *condition = after;
        self.publish(after);
        (before, after)
    }

    fn lock(&self) -> MutexGuard<'_, Condition> {
        self.condition.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn publish(&self, condition: Condition) {
        let in_ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(NEVER - 1);
        // Rounded up, so that a pause is over for the flag when it is over for the machine.
        let until = match condition.down_until() {
            Duration::ZERO => 0,
            until => in_ms(until).saturating_add(1),
        };
        self.down_until_ms.store(until, Ordering::Relaxed);
        let since = condition.warm_since().map_or(NEVER, in_ms);
        self.warm_since_ms.store(since, Ordering::Relaxed);
        self.plain.store(condition.is_plain(), Ordering::Relaxed);
        self.well.store(condition.is_well(), Ordering::Relaxed);
    }

    /// What an operator wants of it, or else what it says of itself.
    pub(crate) fn said(&self) -> State {
        match state(&self.wished) {
            State::Ready => state(&self.announced),
            wished => wished,
        }
    }

    /// It says of itself that it is in this state. Returns what it said before.
    pub(crate) fn announce(&self, said: State) -> State {
        set(&self.announced, said)
    }

    /// What an operator wants of it.
    pub(crate) fn wished(&self) -> State {
        state(&self.wished)
    }

    /// An operator wants it to be in this state; [`State::Ready`] leaves it to itself. Returns
    /// what was wanted before.
    pub(crate) fn wish(&self, wished: State) -> State {
        set(&self.wished, wished)
    }

    /// Requests that it is answering.
    pub(crate) fn in_flight(&self) -> u32 {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// One more request for it, until the flight is dropped.
    pub(crate) fn fly(&self) -> Flight<'_> {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        Flight(self)
    }

    /// A new tally, which one thread writes and everybody may read.
    pub(crate) fn tally(&self) -> Arc<ServerTally> {
        let tally = Arc::new(ServerTally::default());
        let mut tallies = self.tallies.lock().unwrap_or_else(PoisonError::into_inner);
        tallies.push(Arc::clone(&tally));
        tally
    }

    /// The tallies of all threads.
    pub(crate) fn tallies(&self) -> Vec<Arc<ServerTally>> {
        self.tallies.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn state(position: &AtomicU8) -> State {
    let position = usize::from(position.load(Ordering::Relaxed));
    State::ALL.get(position).copied().unwrap_or(State::Ready)
}

fn set(position: &AtomicU8, new: State) -> State {
    let place = State::ALL.iter().position(|known| *known == new);
    let before = state(position);
    position.store(place.and_then(|p| u8::try_from(p).ok()).unwrap_or(0), Ordering::Relaxed);
    before
}

/// A request that a server is answering.
#[derive(Debug)]
pub(crate) struct Flight<'r>(&'r Record);

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_remembered() {
        let record = Record::new(0, Condition::default());
        assert_eq!(record.said(), State::Ready);
        for state in State::ALL {
            record.announce(state);
            assert_eq!(record.said(), state);
        }
        assert_eq!(record.wish(State::Drain), State::Ready);
        record.announce(State::Evict);
        assert_eq!(record.said(), State::Drain);
        record.wish(State::Ready);
        assert_eq!(record.said(), State::Evict);
    }

    #[test]
    fn a_flight_is_counted_until_it_ends() {
        let record = Record::new(0, Condition::default());
        let first = record.fly();
        let _second = record.fly();
        assert_eq!(record.in_flight(), 2);
        drop(first);
        assert_eq!(record.in_flight(), 1);
    }
}
