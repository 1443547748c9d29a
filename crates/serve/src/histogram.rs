//! How long things took: counts in buckets that widen with the time.
//!
//! Eight buckets for each doubling, so that a bucket is at most an eighth as wide as what it
//! holds, from one microsecond to more than a hundred seconds. What took longer stands in the
//! last bucket.

use std::ops::AddAssign;

use crate::count::Count;

/// Buckets for each doubling, as a power of two.
const FINENESS: u32 = 3;

/// Doublings that have buckets: 2^27 microseconds are 134 seconds.
const DOUBLINGS: u32 = 27;

/// Buckets, with the one for everything above.
const BUCKETS: usize = (((DOUBLINGS - FINENESS + 1) << FINENESS) + 1) as usize;

/// Bounds for collectors that want few buckets, in microseconds: 64 µs, 128 µs, … 67 s. They are
/// edges of the buckets, so that [`Snapshot::below`] is exact for them.
#[rustfmt::skip]
pub const BOUNDS: [u64; 21] = [
    1 << 6, 1 << 7, 1 << 8, 1 << 9, 1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14, 1 << 15, 1 << 16,
    1 << 17, 1 << 18, 1 << 19, 1 << 20, 1 << 21, 1 << 22, 1 << 23, 1 << 24, 1 << 25, 1 << 26,
];

/// How long things took. One thread records, any thread takes snapshots.
#[derive(Debug)]
pub struct Histogram {
    buckets: [Count; BUCKETS],
    /// Of all that was recorded, in microseconds.
    sum: Count,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { buckets: std::array::from_fn(|_| Count::new()), sum: Count::new() }
    }
}

impl Histogram {
    /// Records that something took so long, in whole microseconds.
    pub fn record(&self, micros: u64) {
        if let Some(bucket) = self.buckets.get(index(micros)) {
            bucket.add(1);
        }
        self.sum.add(micros);
    }

    /// What was recorded so far.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot::default();
        for (ours, count) in snapshot.buckets.iter_mut().zip(&self.buckets) {
            *ours = count.get();
        }
        snapshot.sum = self.sum.get();
        snapshot
    }
}

/// What histograms held at some moment; those of several threads add up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    buckets: [u64; BUCKETS],
    sum: u64,
}

impl Default for Snapshot {
    fn default() -> Self {
        Self { buckets: [0; BUCKETS], sum: 0 }
    }
}

impl Snapshot {
    /// How much was recorded.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }

    /// The sum of all that was recorded, in microseconds.
    #[must_use]
    pub fn sum_micros(&self) -> u64 {
        self.sum
    }

    /// What was recorded since `earlier`, a snapshot of the same histograms.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let mut between = self.clone();
        for (ours, before) in between.buckets.iter_mut().zip(&earlier.buckets) {
            *ours = ours.saturating_sub(*before);
        }
        between.sum = between.sum.saturating_sub(earlier.sum);
        between
    }

    /// So many microseconds were enough for `per_mille` of 1000 recordings: 500 asks for the
    /// median, 990 for p99. Rounded up to the end of a bucket; 0 when nothing was recorded.
    #[must_use]
    pub fn quantile(&self, per_mille: u64) -> u64 {
        let count = u128::from(self.count());
        // The median of one recording is that recording, hence at least the first.
        let rank = (count * u128::from(per_mille.min(1000))).div_ceil(1000).max(1);
        let mut seen = 0;
        for (index, bucket) in self.buckets.iter().enumerate() {
            seen += u128::from(*bucket);
            if seen >= rank {
                return end(index).saturating_sub(1);
            }
        }
        0
    }

    /// How many took less than `bound` microseconds, as far as whole buckets tell; exact for
    /// every bound of [`BOUNDS`].
    #[must_use]
    pub fn below(&self, bound: u64) -> u64 {
        let buckets = self.buckets.iter().take(BUCKETS - 1).enumerate();
        buckets.take_while(|(index, _)| end(*index) <= bound).map(|(_, count)| count).sum()
    }
}

impl AddAssign<&Self> for Snapshot {
    fn add_assign(&mut self, other: &Self) {
        for (ours, theirs) in self.buckets.iter_mut().zip(&other.buckets) {
            *ours += theirs;
        }
        self.sum = self.sum.wrapping_add(other.sum);
    }
}

/// The bucket of a time.
fn index(micros: u64) -> usize {
    // Below 8 µs every microsecond has its own.
    let Some(doubling) = micros.checked_ilog2().filter(|log| *log >= FINENESS) else {
        return usize::try_from(micros).unwrap_or(0);
    };
    let coarse = doubling - FINENESS;
    let within = (micros >> coarse) & ((1 << FINENESS) - 1);
    let index = (u64::from(coarse + 1) << FINENESS) + within;
    usize::try_from(index).unwrap_or(usize::MAX).min(BUCKETS - 1)
}

/// The first time, in microseconds, that is too long for this bucket.
fn end(index: usize) -> u64 {
    let next = u64::try_from(index).unwrap_or(u64::MAX).saturating_add(1);
    match next.checked_shr(FINENESS) {
        None | Some(0) => next,
        Some(coarse) => {
            let within = next & ((1 << FINENESS) - 1);
            ((1 << FINENESS) + within) << (coarse - 1).min(u64::from(DOUBLINGS))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LAST: u64 = 1 << DOUBLINGS;

    fn of(times: impl IntoIterator<Item = u64>) -> Snapshot {
        let histogram = Histogram::default();
        times.into_iter().for_each(|time| histogram.record(time));
        histogram.snapshot()
    }

    #[test]
    fn buckets_follow_each_other_without_a_gap() {
        let mut begin = 0;
        for bucket in 0..BUCKETS - 1 {
            let end = end(bucket);
            assert!(end > begin, "bucket {bucket}");
            assert_eq!((index(begin), index(end - 1)), (bucket, bucket));
            assert!((end - begin - 1) * 8 <= begin, "bucket {bucket} of {begin} is too wide");
            begin = end;
        }
        assert_eq!(begin, LAST);
        const { assert!(LAST > 100_000_000) };
    }

    #[test]
    fn what_took_too_long_for_any_bucket_is_in_the_last() {
        let snapshot = of([LAST, 1 << 40, u64::MAX / 4]);
        assert_eq!(snapshot.count(), 3);
        assert_eq!(snapshot.buckets[BUCKETS - 1], 3);
        assert_eq!(snapshot.below(u64::MAX), 0);
        assert!(snapshot.quantile(500) >= LAST - 1);
    }

    #[test]
    fn quantiles() {
        let hundred = of(1..=100);
        for (snapshot, per_mille, at_least, at_most) in [
            (&of([]), 500, 0, 0),
            (&of([7]), 0, 7, 7),
            (&of([7]), 500, 7, 7),
            (&of([0]), 990, 0, 0),
            (&of([1, 2, 3, 4]), 500, 2, 2),
            (&of([1, 2, 3, 4]), 501, 3, 3),
            (&of([1, 2, 3, 4]), 1000, 4, 4),
            (&of([1, 2, 3, 4]), 5000, 4, 4),
            (&hundred, 500, 50, 56),
            (&hundred, 990, 99, 111),
        ] {
            let found = snapshot.quantile(per_mille);
            assert!((at_least..=at_most).contains(&found), "{per_mille}: {found}");
        }
    }

    #[test]
    fn bounds_for_collectors_are_edges() {
        for bound in BOUNDS {
            let snapshot = of([bound - 1, bound, bound + 1]);
            assert_eq!(snapshot.below(bound), 1, "{bound}");
        }
        assert_eq!(BOUNDS.last(), Some(&67_108_864));
    }

    proptest! {
        #[test]
        fn snapshots_add_up_and_can_be_taken_apart(
            first in prop::collection::vec(0_u64..1 << 30, 0..50),
            second in prop::collection::vec(0_u64..1 << 30, 0..50),
        ) {
            let histogram = Histogram::default();
            first.iter().for_each(|time| histogram.record(*time));
            let earlier = histogram.snapshot();
            second.iter().for_each(|time| histogram.record(*time));
            let later = histogram.snapshot();
            prop_assert_eq!(&later.since(&earlier), &of(second.iter().copied()));
            let mut sum = of(second.iter().copied());
            sum += &earlier;
            prop_assert_eq!(&sum, &later);
            prop_assert_eq!(later.sum_micros(), first.iter().chain(&second).sum::<u64>());
        }

        #[test]
        fn a_quantile_is_at_most_an_eighth_too_long(
            mut times in prop::collection::vec(0_u64..LAST, 1..100),
            per_mille in 1_u64..=1000,
        ) {
            let found = of(times.iter().copied()).quantile(per_mille);
            times.sort_unstable();
            let rank = (times.len() as u64 * per_mille).div_ceil(1000);
            let exact = times[usize::try_from(rank).unwrap() - 1];
            prop_assert!((exact..=exact + exact / 8).contains(&found), "{} for {}", found, exact);
        }
    }
}
