//! How often something happened in the last few seconds.

use std::sync::atomic::{AtomicU64, Ordering};

/// Whole seconds over which a rate is taken.
const SPAN: u64 = 10;

/// A place for each of those seconds, and one for the second that is not over.
const PLACES: usize = 11;

/// The half of a place that counts.
const COUNT: u64 = u32::MAX as u64;

/// How often something happened in the last few seconds. One thread records, any thread reads.
/// Seconds are counted from the start of the server.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    /// Which second it is about, and the count: 32 bits each, so that they are read together.
    places: [AtomicU64; PLACES],
}

impl Recent {
    /// Once more in this second.
    pub(crate) fn record(&self, second: u64) {
        let Some(place) = self.place(second) else { return };
        let before = place.load(Ordering::Relaxed);
        let same = before >> 32 == second & COUNT;
        let begun = if same { before } else { (second & COUNT) << 32 };
        // Nobody reads on at four billion a second.
        if begun & COUNT < COUNT {
            place.store(begun + 1, Ordering::Relaxed);
        }
    }

    /// How often in the last whole seconds before this one.
    pub(crate) fn count(&self, second: u64) -> u64 {
        let seconds = second.saturating_sub(SPAN)..second;
        let of = |second: u64| {
            let place = self.place(second)?.load(Ordering::Relaxed);
            (place >> 32 == second & COUNT).then_some(place & COUNT)
        };
        seconds.filter_map(of).sum()
    }

    fn place(&self, second: u64) -> Option<&AtomicU64> {
        let at = usize::try_from(second).unwrap_or(0) % PLACES;
        self.places.get(at)
    }
}

/// What so many in the last seconds are per second, in this second of a server.
pub(crate) fn per_second(count: u64, second: u64) -> f64 {
    count as f64 / second.clamp(1, SPAN) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_whole_seconds_count() {
        let recent = Recent::default();
        for second in [0, 0, 0, 1, 9, 10, 10] {
            recent.record(second);
        }
        #[rustfmt::skip]
        let table = [
            (0,  0),
            (1,  3),
            (2,  4),
            (10, 5),
            (11, 4),
            (12, 3),
            (19, 3),
            (20, 2),
            (21, 0),
        ];
        for (second, count) in table {
            assert_eq!(recent.count(second), count, "{second}");
        }
    }

    #[test]
    fn an_old_second_makes_room_for_a_new_one() {
        let recent = Recent::default();
        (0..100).for_each(|second| recent.record(second));
        assert_eq!(recent.count(100), 10);
        assert_eq!(recent.count(105), 5);
        assert_eq!(recent.count(200), 0);
    }

    #[test]
    fn a_young_server_has_had_fewer_seconds() {
        assert_eq!(per_second(0, 0).to_bits(), 0.0_f64.to_bits());
        for (count, second, rate) in [(6, 1, 6.0), (6, 3, 2.0), (40, 10, 4.0), (40, 99, 4.0)] {
            assert!((per_second(count, second) - rate).abs() < 1e-9, "{count} {second}");
        }
    }
}
