//! How long a server is waited for, and whether memory has room.

use std::time::Duration;

use crate::server_id::ServerId;
use crate::surroundings::Surroundings;

impl Surroundings<'_> {
    /// The same where nobody counts on a server that left the table so long ago.
    #[must_use]
    pub const fn max_away(mut self, most: Duration) -> Self {
        self.max_away = most;
        self
    }

    /// Whether another server has left the table, and was not there for so long that nobody counts on it.
    #[must_use]
    pub fn is_given_up(&self, server: ServerId) -> bool {
        self.index_of(server).is_none() && self.liveness.away(self.clock, server) >= self.max_away
    }

    /// The same for a server that has more in memory than it should.
    #[must_use]
    pub const fn pressed(mut self, pressed: bool) -> Self {
        self.pressed = pressed;
        self
    }

    /// Whether nothing should be fetched from the disk that nobody waits for.
    #[must_use]
    pub const fn is_pressed(&self) -> bool {
        self.pressed
    }
}
