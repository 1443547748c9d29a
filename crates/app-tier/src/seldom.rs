//! Lines of the log that anybody out there could cause by the thousand.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A line of the log that is said once in a while, with how often it was left out.
#[derive(Debug)]
pub(crate) struct Seldom(Mutex<Turns>);

#[derive(Debug)]
struct Turns {
    said: Option<Instant>,
    left_out: u64,
}

/// So much time is between two such lines.
const PAUSE: Duration = Duration::from_secs(10);

impl Seldom {
    /// It was never said.
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Turns { said: None, left_out: 0 }))
    }

    /// How often it was left out since it was said last, if it is to be said now.
    pub(crate) fn turn(&self, now: Instant) -> Option<u64> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if turns.said.is_some_and(|said| now.saturating_duration_since(said) < PAUSE) {
            turns.left_out += 1;
            return None;
        }
        turns.said = Some(now);
        Some(std::mem::take(&mut turns.left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_at_once_and_then_once_in_a_while() {
        let (line, began) = (Seldom::new(), copal_serve::clock::now());
        let turns = [(0, Some(0)), (1, None), (9, None), (10, Some(2)), (11, None), (30, Some(1))];
        for (second, turn) in turns {
            assert_eq!(line.turn(began + Duration::from_secs(second)), turn, "{second}");
        }
    }
}
