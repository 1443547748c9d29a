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
    /// Whether the server that is asked now hung already when it was chosen, and ever since.
    pub(crate) hung_before: Cell<bool>,
    pub(crate) prospects: &'t dyn Prospects,
}

/// What a second try needs beside a request that allows it.
pub(crate) trait Prospects: std::fmt::Debug {
    /// Whether there is a server that is up and was not sent the request.
    fn others(&self) -> bool;
    /// Whether one of these is known to be well. Where something can be lost, an answer that a hanging
    /// server may still give, it takes more than a pause that ran out.
    fn refuge(&self) -> bool;
    /// Whether the budget has one more; if so, it is taken out.
    fn spend(&self) -> bool;
}

impl SecondTry<'_> {
    /// Whether a server came or went since the last look, this one hangs, and the request may go
    /// elsewhere. `rings` is how often that had happened at the last look.
    pub(crate) fn is_due(&self, server: &Server, rings: &mut u64) -> bool {
        let now = server.rings();
        if std::mem::replace(rings, now) == now {
            return false;
        }
        if !server.hangs() {
            self.hung_before.set(false);
            return false;
        }
        self.allows(Again::Down)
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
        let once = !self.used.get() || self.is_rescue(reason);
        let others = match reason {
            Again::Down => prospects.refuge(),
            _ => prospects.others(),
        };
        repeatable && once && others && (free || prospects.spend())
    }

    /// The request goes elsewhere for this reason.
    pub(crate) fn goes_on(&self, reason: Again) {
        if reason != Again::Unreached && !self.is_rescue(reason) {
            self.used.set(true);
        }
    }

    /// Whether the request leaves a server that hung before it came. "Once more" is there so that no
    /// request can fell one server after the other; that one was not felled by it.
    fn is_rescue(&self, reason: Again) -> bool {
        reason == Again::Down && self.hung_before.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Counted {
        others: bool,
        refuge: bool,
        full: bool,
        spent: Cell<bool>,
    }

    impl Prospects for Counted {
        fn others(&self) -> bool {
            self.others
        }

        fn refuge(&self) -> bool {
            self.refuge
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
            let prospects =
                Counted { others, refuge: others, full: budget, spent: Cell::new(false) };
            let second = SecondTry {
                idempotent,
                foreign,
                believed: Cell::new(believed),
                held: Cell::new(held),
                used: Cell::new(used),
                hung_before: Cell::new(false),
                prospects: &prospects,
            };
            assert_eq!(second.allows(reason), allowed, "{second:?} {reason:?}");
            let free = matches!(reason, Unreached | Down | NotBegun);
            assert!(!(free && prospects.spent.get()), "{reason:?} costs nothing");
        }
    }

    /// A request that may be sent twice, and was sent to a server that hung already.
    fn at_a_last_resort(prospects: &Counted) -> SecondTry<'_> {
        SecondTry {
            idempotent: true,
            foreign: false,
            believed: Cell::new(false),
            held: Cell::new(true),
            used: Cell::new(false),
            hung_before: Cell::new(true),
            prospects,
        }
    }

    #[test]
    fn leaving_a_server_that_hung_before_is_no_second_try() {
        use Again::{Down, NoAnswer, Unreached};
        let prospects = Counted { others: true, refuge: true, full: true, spent: Cell::new(false) };
        let second = at_a_last_resort(&prospects);
        second.goes_on(Unreached);
        second.goes_on(Down);
        assert!(second.allows(Down) && second.allows(NoAnswer));
        second.hung_before.set(false);
        second.goes_on(Down);
        assert!(!second.allows(Down) && !second.allows(NoAnswer));
        // Sent again, and to one that hung: it may leave that one, and only for an answer.
        second.hung_before.set(true);
        assert!(second.allows(Down) && !second.allows(NoAnswer));
    }

    #[test]
    fn a_pause_that_ran_out_is_no_reason_to_leave_a_server_that_may_still_answer() {
        let prospects =
            Counted { others: true, refuge: false, full: true, spent: Cell::new(false) };
        let second = at_a_last_resort(&prospects);
        assert!(!second.allows(Again::Down));
        assert!(second.allows(Again::NoAnswer), "nothing comes from there any more");
    }
}
