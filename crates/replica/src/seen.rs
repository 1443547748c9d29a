//! Which changes a record knows of.

use litemap::LiteMap;

use crate::epoch::Epoch;
use crate::snug::snug;
use crate::version::Version;

/// Which changes a record knows of, whether or not anything is left of them: of each epoch those up
/// to a number. By that a copy that is only older is told from one that has something new, and an
/// attribute that was removed from one that was never heard of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// All changes of lower epochs are known, or count as known.
    below: Option<Epoch>,
    /// The last known change of each other epoch.
    last: LiteMap<Epoch, u64>,
}

impl Seen {
    /// So many epochs are told apart. A session has more of them only when its servers came and
    /// went very often, and then the lowest are long over.
    pub const EPOCHS: usize = 32;

    /// What is known of the given epochs, and that all lower ones count as known.
    #[must_use]
    pub fn new(below: Option<Epoch>, last: impl IntoIterator<Item = (Epoch, u64)>) -> Self {
        let mut seen = Self { below, last: last.into_iter().collect() };
        seen.settle();
        snug(&mut seen.last);
        seen
    }

    /// Whether this change is known.
    #[must_use]
    pub fn contains(&self, version: Version) -> bool {
        self.below.is_some_and(|below| version.epoch < below)
            || self.last.get(&version.epoch).is_some_and(|last| *last >= version.sequence)
    }

    /// Whether everything that `other` knows of is known here.
    #[must_use]
    pub fn includes(&self, other: &Self) -> bool {
        let known = |(epoch, sequence): (&Epoch, &u64)| {
            self.contains(Version { epoch: *epoch, sequence: *sequence })
        };
        other.below <= self.below && other.last.iter().all(known)
    }

    /// One more change is known, and with it those before it in its epoch.
    pub fn add(&mut self, version: Version) {
        if let Some(last) = self.last.get_mut(&version.epoch) {
            *last = version.sequence.max(*last);
            return;
        }
        self.last.insert(version.epoch, version.sequence);
        self.settle();
        snug(&mut self.last);
    }

    /// Everything is known that either of the two knows of.
    #[must_use]
    pub fn union(mut self, other: &Self) -> Self {
        for (epoch, sequence) in other.iter() {
            let known = self.last.get(&epoch).copied();
            self.last.insert(epoch, sequence.max(known.unwrap_or_default()));
        }
        self.below = self.below.max(other.below);
        self.settle();
        self
    }

    /// The epoch below which everything counts as known.
    #[must_use]
    pub const fn below(&self) -> Option<Epoch> {
        self.below
    }

    /// The last known change of each epoch that is told apart, in the order of epochs.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (Epoch, u64)> {
        self.last.iter().map(|(epoch, sequence)| (*epoch, *sequence))
    }

    fn settle(&mut self) {
        let surplus = self.last.len().saturating_sub(Self::EPOCHS);
        if surplus > 0 {
            self.below = self.below.max(self.last.keys().nth(surplus).copied());
        }
        if let Some(below) = self.below {
            self.last.retain(|epoch, _| *epoch >= below);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::version;

    fn seen(versions: &[(u64, u64)]) -> Seen {
        let mut seen = Seen::default();
        versions.iter().for_each(|(counter, sequence)| seen.add(version(*counter, *sequence)));
        seen
    }

    #[test]
    fn of_each_epoch_everything_up_to_a_number_is_known() {
        let seen = seen(&[(1, 5), (3, 9), (3, 7)]);
        for (counter, sequence, known) in
            [(1, 5, true), (1, 6, false), (2, 1, false), (3, 9, true), (3, 10, false)]
        {
            assert_eq!(seen.contains(version(counter, sequence)), known, "{counter} {sequence}");
        }
    }

    #[test]
    fn a_copy_that_is_only_older_is_told_from_one_that_has_something_new() {
        let now = seen(&[(1, 5), (2, 9)]);
        assert!(now.includes(&seen(&[(1, 4)])) && now.includes(&now));
        assert!(!now.includes(&seen(&[(1, 6)])) && !seen(&[(1, 6)]).includes(&now));
        let both = now.union(&seen(&[(1, 6)]));
        assert!(both.includes(&seen(&[(1, 6), (2, 9)])));
    }

    #[test]
    fn of_very_many_epochs_the_lowest_count_as_known() {
        let all: Vec<(u64, u64)> = (1..=40).map(|counter| (counter, 10 * counter)).collect();
        let seen = seen(&all);
        assert_eq!(seen.iter().len(), Seen::EPOCHS);
        assert_eq!(seen.below(), Some(version(9, 0).epoch));
        assert!(seen.contains(version(8, 999)) && !seen.contains(version(9, 91)));
        assert_eq!(Seen::new(seen.below(), seen.iter()), seen);
    }
}
