//! Every order of events of a small ring: three servers, one session, two writers, on the engine itself.

#![expect(clippy::indexing_slicing, reason = "for tests: a wrong index is to be seen at once")]

mod budget;
mod node;
mod ring;
mod search;
mod witness;

use std::io::Write;
use std::process::ExitCode;

use crate::budget::Budget;
use crate::search::explore;

/// Explores all bounds, one after the other. Fails when one of them shows something wrong.
fn main() -> ExitCode {
    let mut good = true;
    for (name, budget) in Budget::ALL {
        let found = explore(budget);
        let _ = writeln!(std::io::stdout(), "{name}: {} states, all of them", found.states);
        for wrong in &found.wrong {
            let _ = writeln!(std::io::stdout(), "{name}: {wrong}");
        }
        good &= found.wrong.is_empty();
    }
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_goes_wrong_without_faults() {
        let found = explore(Budget { crashes: 0, stops: 0, passes: 0, ..Budget::ALL[0].1 });
        assert_eq!(found.wrong, Vec::<String>::new());
        assert!(found.states > 100, "{}", found.states);
    }
}
