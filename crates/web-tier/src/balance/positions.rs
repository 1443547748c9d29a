//! Some of a cluster's servers, by their position in it.

/// Some of a cluster's servers, by their position in it, which is below 64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Positions(u64);

impl Positions {
    pub(crate) fn none() -> Self {
        Self(0)
    }

    pub(crate) fn only(position: usize) -> Self {
        Self(bit(position))
    }

    pub(crate) fn insert(&mut self, position: usize) {
        self.0 |= bit(position);
    }

    pub(crate) fn contains(self, position: usize) -> bool {
        self.0 & bit(position) != 0
    }

    pub(crate) fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    pub(crate) fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// The `turn`-th of them, counted round and round.
    pub(crate) fn pick(mut self, turn: u64) -> Option<usize> {
        let skipped = turn.checked_rem(u64::from(self.count()))?;
        for _ in 0..skipped {
            self.drop_lowest();
        }
        self.next()
    }

    fn drop_lowest(&mut self) {
        self.0 &= self.0.wrapping_sub(1);
    }
}

impl Iterator for Positions {
    type Item = usize;

    /// The lowest of them, which is taken out.
    fn next(&mut self) -> Option<usize> {
        let lowest = usize::try_from(self.0.trailing_zeros()).ok().filter(|_| self.0 != 0);
        self.drop_lowest();
        lowest
    }
}

impl FromIterator<usize> for Positions {
    fn from_iter<I: IntoIterator<Item = usize>>(positions: I) -> Self {
        let mut all = Self::none();
        positions.into_iter().for_each(|position| all.insert(position));
        all
    }
}

/// No bit for a position that no server can have.
fn bit(position: usize) -> u64 {
    u32::try_from(position).ok().and_then(|position| 1_u64.checked_shl(position)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_is_exact() {
        let all: Positions = (0..64).collect();
        let mut seen = [0; 64];
        (0..640).for_each(|turn| seen[all.pick(turn).unwrap()] += 1);
        assert_eq!(seen, [10; 64]);
        assert_eq!(Positions::none().pick(3), None);
    }

    #[test]
    fn they_are_a_set() {
        let mut some: Positions = [5, 63, 0, 5].into_iter().collect();
        assert_eq!(some.collect::<Vec<_>>(), [0, 5, 63]);
        assert_eq!(some.count(), 3);
        assert!(some.contains(63) && !some.contains(62));
        some = some.without(Positions::only(5));
        assert_eq!(some, [0, 63].into_iter().collect());
        assert_eq!(some.without(some), Positions::none());
    }

    #[test]
    fn a_position_beyond_the_last_is_in_no_set() {
        for position in [64, 65, usize::MAX] {
            assert_eq!(Positions::only(position), Positions::none());
            assert!(!(0..64).collect::<Positions>().contains(position));
        }
    }
}
