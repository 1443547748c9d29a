//! Whether a request may be sent again after one server did not answer it.

use std::cell::Cell;

use crate::balance::server::Server;
use crate::tally::Again;

/// Whether a request may be sent again, through all its tries.
///
/// The rules have the numbers of "When a request is sent again" in `docs/request.md`.
#[derive(Debug)]
pub(crate) struct SecondTry<'t> {
    /// Doing it twice is the same as doing it once.
    pub(crate) idempotent: bool,
    /// The servers are not ours.
    pub(crate) foreign: bool,
    /// Whether the server that is asked now is believed when it says that it had not begun.
    pub(crate) believed: Cell<bool>,
    /// Whether all that was sent of the request is still here.
    pub(crate) held: Cell<bool>,
    /// Whether the request was sent again already.
    pub(crate) used: Cell<bool>,
    pub(crate) prospects: &'t dyn Prospects,
}

/// What a second try needs beside a request that allows it.
pub(crate) trait Prospects: std::fmt::Debug {
    /// Whether there is a server that is up and was not tried.
    fn others(&self) -> bool;
    /// Whether the budget has one more; if so, it is taken out.
    fn spend(&self) -> bool;
}

impl SecondTry<'_> {
    /// Whether a server came or went since the last look, this one hangs, and the request may go
    /// elsewhere. `rings` is how often that had happened at the last look.
    pub(crate) fn is_due(&self, server: &Server, rings: &mut u64) -> bool {
        let now = server.rings();
        std::mem::replace(rings, now) != now && server.hangs() && self.allows(Again::Down)
    }

    /// Whether the request may go to another server for this reason. What is granted is taken out
    /// of the budget, so ask once.
    pub(crate) fn allows(&self, reason: Again) -> bool {
        if !self.held.get() {
            return false;
        }
        let (repeatable, free) = match reason {
            // 1. Nothing was sent: as often as there are servers.
            Again::Unreached => return true,
            // 2. It was sent, and not one byte came back.
            Again::NoAnswer => (self.idempotent, false),
            // Those that waited for a server when it fell are no more than it had in flight, and
            // none of them would be answered otherwise.
            Again::Down => (self.idempotent, true),
            // 3. It was not begun, says one that is believed; or somebody else's server, of which
            // nobody knows what its 503 means.
            Again::NotBegun => (self.believed.get(), true),
            Again::Unavailable => (self.foreign && self.idempotent, false),
        };
        let prospects = self.prospects;
        repeatable && !self.used.get() && prospects.others() && (free || prospects.spend())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Counted {
        others: bool,
        full: bool,
        spent: Cell<bool>,
    }

    impl Prospects for Counted {
        fn others(&self) -> bool {
            self.others
        }

        fn spend(&self) -> bool {
            self.spent.set(true);
            self.full
        }
    }

    #[test]
    fn a_request_is_sent_again_only_where_that_does_no_harm() {
        use Again::{Down, NoAnswer, NotBegun, Unavailable, Unreached};
        #[rustfmt::skip]
        let table = [
            // reason      idempotent foreign believed held   others used   budget  allowed
            (Unreached,    false,     false,  false,   true,  false, true,  false,  true),
            (Unreached,    true,      false,  true,    false, true,  false, true,   false),
            (NoAnswer,     true,      false,  false,   true,  true,  false, true,   true),
            (NoAnswer,     false,     false,  true,    true,  true,  false, true,   false),
            (NoAnswer,     true,      false,  false,   true,  true,  true,  true,   false),
            (NoAnswer,     true,      false,  false,   true,  false, false, true,   false),
            (NoAnswer,     true,      false,  false,   false, true,  false, true,   false),
            (NoAnswer,     true,      false,  false,   true,  true,  false, false,  false),
            (Down,         true,      true,   false,   true,  true,  false, false,  true),
            (Down,         true,      false,  false,   true,  true,  true,  true,   false),
            (Down,         false,     true,   false,   true,  true,  false, true,   false),
            (NotBegun,     false,     false,  true,    true,  true,  false, false,  true),
            (NotBegun,     true,      false,  false,   true,  true,  false, true,   false),
            (NotBegun,     false,     false,  true,    true,  true,  true,  true,   false),
            (NotBegun,     false,     false,  true,    false, true,  false, true,   false),
            (Unavailable,  true,      true,   false,   true,  true,  false, true,   true),
            (Unavailable,  true,      false,  true,    true,  true,  false, true,   false),
            (Unavailable,  false,     true,   false,   true,  true,  false, true,   false),
            (Unavailable,  true,      true,   false,   true,  true,  false, false,  false),
        ];
        for (reason, idempotent, foreign, believed, held, others, used, budget, allowed) in table {
            let prospects = Counted { others, full: budget, spent: Cell::new(false) };
            let second = SecondTry {
                idempotent,
                foreign,
                believed: Cell::new(believed),
                held: Cell::new(held),
                used: Cell::new(used),
                prospects: &prospects,
            };
            assert_eq!(second.allows(reason), allowed, "{second:?} {reason:?}");
            let free = matches!(reason, Unreached | Down | NotBegun);
            assert!(!(free && prospects.spent.get()), "{reason:?} costs nothing");
        }
    }
}
