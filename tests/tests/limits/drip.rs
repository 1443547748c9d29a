//! A client that sends so many drops a second.

use std::time::{Duration, Instant};

use copal_testkit::raw::Raw;

/// A client that sends so many drops a second, and listens meanwhile.
pub(crate) struct Drip {
    drops_per_second: u128,
    began: Instant,
    sent: u128,
}

impl Drip {
    /// How long it listens between two drops.
    const PAUSE: Duration = Duration::from_millis(100);

    /// So many drops a second.
    #[expect(clippy::disallowed_methods, reason = "a rate is drops in a time")]
    pub(crate) fn new(drops_per_second: u128) -> Self {
        Self { drops_per_second, began: Instant::now(), sent: 0 }
    }

    /// Sends drops until there is an answer, or `time` is over; whether there was none. However
    /// long this thread did not run, the rate is kept.
    #[expect(clippy::disallowed_methods, reason = "a rate is drops in a time")]
    pub(crate) fn send(&mut self, client: &mut Raw, drop: &str, time: Duration) -> bool {
        let end = Instant::now() + time;
        while Instant::now() < end {
            let due = self.began.elapsed().as_millis() * self.drops_per_second / 1000;
            while self.sent < due {
                client.send(drop);
                self.sent += 1;
            }
            if !client.is_silent_for(Self::PAUSE) {
                return false;
            }
        }
        true
    }

    /// How many drops were sent.
    pub(crate) fn sent(&self) -> u128 {
        self.sent
    }
}
