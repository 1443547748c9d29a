//! What was said in the log, so that it is not said again and again.

use std::collections::HashMap;
use std::time::Duration;

/// What was said in the log of others that try again and again, and when.
#[derive(Debug, Default)]
pub(crate) struct Said(HashMap<String, Duration>);

/// After so long the same thing is said again, if it is still so.
const AGAIN: Duration = Duration::from_secs(600);

/// So much is remembered. Of more different things that come at once nothing is said.
const REMEMBERED: usize = 64;

impl Said {
    /// Whether to say this: it was not said lately. Times are of a clock that nobody sets.
    pub(crate) fn is_news(&mut self, what: &str, now: Duration) -> bool {
        self.0.retain(|_, said| now < *said + AGAIN);
        if self.0.contains_key(what) || self.0.len() >= REMEMBERED {
            return false;
        }
        self.0.insert(what.to_owned(), now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_said_once_in_a_while() {
        let mut said = Said::default();
        let at = Duration::from_secs;
        let table =
            [("a", 0, true), ("a", 1, false), ("b", 2, true), ("a", 599, false), ("a", 600, true)];
        for (what, now, expected) in table {
            assert_eq!(said.is_news(what, at(now)), expected, "{what} {now}");
        }
    }

    #[test]
    fn a_flood_of_different_things_is_cut_off() {
        let mut said = Said::default();
        let times = (0..1000).filter(|time| said.is_news(&time.to_string(), Duration::ZERO));
        assert_eq!(times.count(), REMEMBERED);
        assert!(said.is_news("a", AGAIN));
    }
}
