//! Random numbers that a seed repeats.

use std::ops::Range;

/// Random numbers that a seed repeats on every machine, today and in ten years: splitmix64. Good
/// enough to choose what goes wrong, and for nothing else.
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    /// The numbers of this seed.
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One of these.
    pub(crate) fn of(&mut self, range: Range<u64>) -> u64 {
        let size = range.end.saturating_sub(range.start).max(1);
        range.start + self.next() % size
    }

    /// A place in a list of so many.
    pub(crate) fn place(&mut self, count: usize) -> usize {
        usize::try_from(self.of(0..count as u64)).unwrap_or_default()
    }

    /// Whether it happens, so many times in a hundred.
    pub(crate) fn percent(&mut self, percent: u64) -> bool {
        self.of(0..100) < percent
    }
}
