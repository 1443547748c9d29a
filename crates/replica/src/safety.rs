//! How many copies there are to be, and who must have a change before it counts.

use std::time::Duration;

/// How many copies there are to be, and who must have a change before it counts. All of this is in
/// `session-config`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Safety {
    /// Copies that there are to be, the acting owner's own included: 1 to 3.
    pub copies: usize,
    /// Who must have a change before it is acknowledged.
    pub acknowledge: Acknowledge,
    /// How long a holder may take before it is left behind.
    pub acknowledge_timeout: Duration,
    /// How long a server that was just started waits for those it has not met yet, before it speaks
    /// for sessions of which they may know more.
    pub recovery_wait: Duration,
    /// What becomes of a change that no second server can take.
    pub degraded: Degraded,
}

/// Who must have a change before it is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acknowledge {
    /// The acting owner.
    Owner,
    /// One more server.
    Backup,
    /// As many servers as there are to be copies.
    All,
}

/// What becomes of a change that no second server can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Degraded {
    /// It is acknowledged, and that is counted.
    Accept,
    /// It is not acknowledged.
    Refuse,
}

impl Safety {
    /// How many other servers must have confirmed a change.
    #[must_use]
    pub const fn others(&self) -> usize {
        let others = match self.acknowledge {
            Acknowledge::Owner => 0,
            Acknowledge::Backup => 1,
            Acknowledge::All => self.copies.saturating_sub(1),
        };
        // Nobody waits for copies that are not wanted.
        if self.copies == 0 {
            0
        } else if others < self.copies {
            others
        } else {
            self.copies - 1
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_must_have_a_change() {
        #[rustfmt::skip]
        let table = [
            // copies       acknowledge         others
            (1,             Acknowledge::Owner,  0),
            (1,             Acknowledge::Backup, 0),
            (1,             Acknowledge::All,    0),
            (2,             Acknowledge::Owner,  0),
            (2,             Acknowledge::Backup, 1),
            (2,             Acknowledge::All,    1),
            (3,             Acknowledge::Backup, 1),
            (3,             Acknowledge::All,    2),
        ];
        for (copies, acknowledge, others) in table {
            let acknowledge_timeout = Duration::from_millis(500);
            let degraded = Degraded::Accept;
            let recovery_wait = Duration::from_secs(30);
            let safety =
                Safety { copies, acknowledge, acknowledge_timeout, recovery_wait, degraded };
            assert_eq!(safety.others(), others, "{copies} {acknowledge:?}");
        }
    }
}
