//! What was answered to the last operations that must not be carried out twice.

use bytes::Bytes;
use litemap::LiteMap;

use crate::incarnation::Incarnation;
use crate::server_id::ServerId;
use crate::stamped::Stamped;

/// The name of one operation, given by the server that was asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperationNumber {
    /// The server that a client asked.
    pub server: ServerId,
    /// In which start.
    pub incarnation: Incarnation,
    /// As the how manieth.
    pub count: u64,
}

/// What was answered to the last operations. Whoever repeats one, because the answer was lost on
/// its way, gets the same answer, and nothing is done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Operations(LiteMap<OperationNumber, Stamped<Bytes>>);

impl Operations {
    /// So many are kept of each session: more than one session can have under way at a time.
    pub const KEPT: usize = 32;

    /// What was answered to this one, if that is known.
    #[must_use]
    pub fn answer(&self, number: &OperationNumber) -> Option<&Bytes> {
        self.0.get(number).map(|kept| &kept.value)
    }

    /// All that are kept.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&OperationNumber, &Stamped<Bytes>)> {
        self.0.iter()
    }

    /// Keeps an answer, and forgets the oldest one when there are too many.
    pub fn keep(&mut self, number: OperationNumber, answer: Stamped<Bytes>) {
        self.0.insert(number, answer);
        while self.0.len() > Self::KEPT {
            let oldest = self.0.iter().min_by_key(|(number, kept)| (kept.at, **number));
            let Some(oldest) = oldest.map(|(number, _)| *number) else { break };
            self.0.remove(&oldest);
        }
    }

    /// The newest ones of both.
    pub fn merge(&mut self, other: Self) {
        for (number, theirs) in other.0 {
            let newer = match self.0.remove(&number) {
                Some(ours) => ours.newer(theirs),
                None => theirs,
            };
            self.keep(number, newer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{number, version};

    fn answer(sequence: u64) -> Stamped<Bytes> {
        Stamped { value: Bytes::from(sequence.to_string()), at: version(1, sequence) }
    }

    #[test]
    fn the_newest_answers_are_kept_on_both_sides_of_the_bound() {
        let mut operations = Operations::default();
        for count in 0..32 {
            operations.keep(number(count), answer(100 + count));
        }
        assert_eq!(operations.answer(&number(0)).unwrap(), "100");
        operations.keep(number(32), answer(132));
        assert_eq!(operations.answer(&number(0)), None);
        assert_eq!(operations.answer(&number(1)).unwrap(), "101");
        assert_eq!(operations.iter().len(), Operations::KEPT);
    }
}
