//! Whether a request may be sent again after one server did not answer it.

use std::cell::Cell;

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
    /// Whether there is a server that is up and was not tried.
    pub(crate) others: Cell<bool>,
    /// Whether the request was sent again already.
    pub(crate) used: Cell<bool>,
    /// Takes one out of the budget, if there is one left.
    pub(crate) purse: &'t dyn Purse,
}

/// Who grants second tries.
pub(crate) trait Purse: std::fmt::Debug {
    /// Whether one more may be made; if so, it is counted.
    fn spend(&self) -> bool;
}

impl SecondTry<'_> {
    /// Whether the request may go to another server for this reason. What is granted is taken out
    /// of the budget, so ask once.
    pub(crate) fn allows(&self, reason: Again) -> bool {
        if !self.held.get() {
            return false;
        }
        match reason {
            // 1. Nothing was sent: as often as there are servers.
            Again::Unreached => true,
            _ if self.used.get() || !self.others.get() => false,
            // 2. It was sent, and not one byte came back.
            Again::NoAnswer | Again::Down => self.idempotent && self.purse.spend(),
            // 3. It was not begun, says one that is believed; or somebody else's server, of which
            // nobody knows what its 503 means.
            Again::NotBegun => self.believed.get(),
            Again::Unavailable => self.foreign && self.idempotent && self.purse.spend(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Counted {
        full: bool,
        spent: Cell<bool>,
    }

    impl Purse for Counted {
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
            (Down,         true,      true,   false,   true,  true,  false, true,   true),
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
            let purse = Counted { full: budget, spent: Cell::new(false) };
            let second = SecondTry {
                idempotent,
                foreign,
                believed: Cell::new(believed),
                held: Cell::new(held),
                others: Cell::new(others),
                used: Cell::new(used),
                purse: &purse,
            };
            assert_eq!(second.allows(reason), allowed, "{second:?} {reason:?}");
            let free = matches!(reason, Unreached | NotBegun);
            assert!(!(free && purse.spent.get()), "rule 1 and marked answers cost nothing");
        }
    }
}
