//! The servers that are tried for one request, in order, each once.

/// Some of a cluster's servers, by their position in it, which is below 64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Positions(u64);

impl Positions {
    pub(crate) fn none() -> Self {
        Self(0)
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

    /// The `turn`-th of them, counted round and round.
    pub(crate) fn pick(self, turn: usize) -> Option<usize> {
        let count = usize::try_from(self.0.count_ones()).ok()?;
        let mut all = self;
        all.nth(turn.checked_rem(count)?)
    }
}

impl Iterator for Positions {
    type Item = usize;

    /// The lowest of them, which is taken out.
    fn next(&mut self) -> Option<usize> {
        let lowest = usize::try_from(self.0.trailing_zeros()).ok().filter(|_| self.0 != 0);
        self.0 &= self.0.wrapping_sub(1);
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

fn bit(position: usize) -> u64 {
    u32::try_from(position).ok().and_then(|position| 1_u64.checked_shl(position)).unwrap_or(0)
}

/// The servers that are tried for one request, in order, each once: those that the session id
/// names, then the others; first the servers that are up, then, because an error is worse than a
/// vain try, those that are down.
#[derive(Debug, Clone)]
pub(crate) struct Attempts {
    /// Owner, backup, third, as far as they exist.
    bound: [Option<usize>; 3],
    /// Where among the others to begin.
    turn: usize,
    all: Positions,
    tried: Positions,
}

impl Attempts {
    pub(crate) fn new(bound: [Option<usize>; 3], turn: usize, all: Positions) -> Self {
        Self { bound, turn, all, tried: Positions::none() }
    }

    /// The next server, given which ones are up at this moment.
    pub(crate) fn next(&mut self, up: impl Fn(usize) -> bool) -> Option<usize> {
        let left = self.all.without(self.tried);
        let position = self.named(&up).or_else(|| self.other(left, &up)).or_else(|| {
            // Nobody is up: they are tried in the same order all the same.
            self.named(|_| true).or_else(|| left.pick(self.turn))
        })?;
        self.tried.insert(position);
        Some(position)
    }

    fn named(&self, up: impl Fn(usize) -> bool) -> Option<usize> {
        let mut named = self.bound.iter().flatten().copied();
        named.find(|position| !self.tried.contains(*position) && up(*position))
    }

    fn other(&self, left: Positions, up: impl Fn(usize) -> bool) -> Option<usize> {
        left.filter(|position| up(*position)).collect::<Positions>().pick(self.turn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The order in which servers are tried when every one fails.
    fn order(bound: [Option<usize>; 3], turn: usize, count: usize, down: &[usize]) -> Vec<usize> {
        let mut attempts = Attempts::new(bound, turn, (0..count).collect());
        std::iter::from_fn(|| attempts.next(|position| !down.contains(&position))).collect()
    }

    #[test]
    fn everyone_is_tried_once_in_the_right_order() {
        let abc = [Some(0), Some(1), Some(2)];
        let none = [None; 3];
        for (bound, turn, count, down, expected) in [
            // the three that the id names, then the others from the turn on
            (abc, 0, 4, &[][..], &[0, 1, 2, 3][..]),
            ([Some(2), Some(0), Some(1)], 9, 3, &[], &[2, 0, 1]),
            // a named server that is down comes after all that are up
            (abc, 0, 4, &[0], &[1, 2, 3, 0]),
            (abc, 0, 4, &[0, 1, 2], &[3, 0, 1, 2]),
            // letters without a server are passed over
            ([None, Some(1), None], 0, 2, &[], &[1, 0]),
            // no id: the turn decides
            (none, 0, 3, &[], &[0, 1, 2]),
            (none, 4, 3, &[], &[1, 0, 2]),
            // the turn counts only those that are up
            (none, 1, 3, &[1], &[2, 0, 1]),
            // all down: everyone is tried all the same
            (none, 0, 2, &[0, 1], &[0, 1]),
            (abc, 0, 3, &[0, 1, 2], &[0, 1, 2]),
            // an id that names one server three times
            ([Some(1), Some(1), Some(1)], 0, 2, &[], &[1, 0]),
            (none, 0, 0, &[], &[]),
        ] {
            assert_eq!(
                order(bound, turn, count, down),
                expected,
                "{bound:?} {turn} {count} {down:?}"
            );
        }
    }

    #[test]
    fn a_round_is_exact() {
        let all: Positions = (0..64).collect();
        let mut seen = [0; 64];
        (0..640).for_each(|turn| seen[all.pick(turn).unwrap()] += 1);
        assert_eq!(seen, [10; 64]);
        assert_eq!(Positions::none().pick(3), None);
    }
}
