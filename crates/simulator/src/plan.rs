//! What a seed stands for: how large the cluster is, and what goes wrong.

use std::time::Duration;

use copal_replica::safety::{Acknowledge, Degraded, Safety};

use crate::chance::Chance;

/// What a seed stands for.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) servers: usize,
    pub(crate) clients: usize,
    pub(crate) sessions: usize,
    pub(crate) safety: Safety,
    /// How long clients and faults are at work, in milliseconds.
    pub(crate) length: u64,
    /// Milliseconds between two faults.
    pub(crate) faults: u64,
    pub(crate) kind: Kind,
    /// Whether clients go to the server that the id names first, or to any.
    pub(crate) sticky: bool,
    /// Of a thousand messages so many are lost, doubled or delayed by the network itself.
    pub(crate) tricks: u64,
}

/// Which faults there are, and what is promised then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One server at a time is killed or stands still, and the next one when all is well again: all
    /// promises hold.
    OneAtATime,
    /// The connection between two servers is cut, one pair at a time, while everybody else hears both:
    /// all promises hold.
    OneLink,
    /// Cuts, broken connections and servers that stand still, at any time; but nobody is killed, so
    /// what was acknowledged is still somewhere.
    Cuts,
    /// Anything at any time, cuts too: everything must agree in the end, and nothing be made up.
    Anything,
}

impl Kind {
    /// Whether all promises hold.
    pub(crate) const fn is_strict(self) -> bool {
        matches!(self, Self::OneAtATime | Self::OneLink)
    }
}

impl Plan {
    pub(crate) fn new(chance: &mut Chance) -> Self {
        let servers = usize::try_from(chance.of(1..8)).unwrap_or(3);
        let servers = if chance.percent(40) { 3 } else { servers };
        let copies = if chance.percent(25) { 3 } else { 2 };
        let copies = copies.min(servers);
        // With one copy nothing is promised.
        let kind = match chance.of(0..100) {
            0..40 if copies > 1 => Kind::OneAtATime,
            40..65 => Kind::Cuts,
            65..75 if copies > 1 && servers > 2 => Kind::OneLink,
            _ => Kind::Anything,
        };
        let acknowledge =
            if copies == 3 && chance.percent(50) { Acknowledge::All } else { Acknowledge::Backup };
        Self {
            servers,
            clients: usize::try_from(chance.of(1..5)).unwrap_or(2),
            sessions: usize::try_from(chance.of(1..6)).unwrap_or(2),
            safety: Safety {
                copies,
                acknowledge,
                acknowledge_timeout: Duration::from_millis(chance.of(200..1000)),
                recovery_wait: Duration::from_millis(chance.of(2_000..30_000)),
                degraded: Degraded::Accept,
            },
            length: chance.of(20_000..90_000),
            faults: chance.of(300..8000),
            kind,
            sticky: chance.percent(60),
            tricks: match kind {
                _ if chance.percent(70) => 0,
                Kind::OneAtATime | Kind::OneLink => chance.of(5..80),
                _ => chance.of(1..20),
            },
        }
    }
}
