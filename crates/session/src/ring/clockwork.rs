//! The clocks by which the ring goes.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use copal_replica::live::WallTime;
use copal_replica::running_time::RunningTime;
use copal_replica::surroundings::Clocks;
use rustix::time::{ClockId, clock_gettime};

/// The clocks by which the ring goes.
#[derive(Debug, Default)]
pub(crate) struct Clockwork(Mutex<RunningTime>);

impl Clockwork {
    /// All of them, now.
    pub(crate) fn read(&self) -> Clocks {
        let clock = clock();
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner).tick(clock);
        Clocks { clock, running, wall: wall() }
    }
}

/// The clock that nobody sets. It goes on while the machine sleeps: a lease that was given before must
/// be over afterwards.
pub(crate) fn clock() -> Duration {
    let now = clock_gettime(ClockId::Boottime);
    let seconds = u64::try_from(now.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(now.tv_nsec).unwrap_or_default())
}

/// The time of day.
#[expect(clippy::disallowed_methods, reason = "this room reads the clocks")]
pub(crate) fn wall() -> WallTime {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    WallTime(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
