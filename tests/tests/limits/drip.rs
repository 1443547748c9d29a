//! A client that sends so many bytes a second.

use std::time::{Duration, Instant};

use copal_testkit::raw::Raw;

/// A client that sends so many bytes a second, and listens meanwhile.
pub(crate) struct Drip {
    bytes_per_second: u128,
    /// Until when what was sent so far pays for.
    began: Instant,
    sent: u128,
}

impl Drip {
    /// How long it listens between two drops.
    const PAUSE: Duration = Duration::from_millis(100);

    /// So many bytes a second.
    #[expect(clippy::disallowed_methods, reason = "a rate is bytes in a time")]
    pub(crate) fn new(bytes_per_second: u128) -> Self {
        Self { bytes_per_second, began: Instant::now(), sent: 0 }
    }

    /// Sends drops until there is an answer, or `time` is over; whether there was none. However
    /// long this thread did not run, the rate is kept.
    #[expect(clippy::disallowed_methods, reason = "a rate is bytes in a time")]
    pub(crate) fn send(&mut self, client: &mut Raw, drop: &str, time: Duration) -> bool {
        let end = Instant::now() + time;
        while Instant::now() < end {
            let due = self.began.elapsed().as_millis() * self.bytes_per_second / 1000;
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

    /// How many bytes were sent.
    pub(crate) fn sent(&self) -> u128 {
        self.sent
    }
}
