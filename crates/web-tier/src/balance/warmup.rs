//! How much of the new sessions a server gets that came back a moment ago.

use std::time::Duration;

/// By how much effective weights are greater than those of the configuration, so that the share of
/// a server of small weight grows in small steps too.
const SCALE: u32 = 16;

/// The effective weight of a server that is not warming. All effective weights have one scale,
/// 16 to 1 of the configuration.
pub(crate) fn full(weight: u32) -> u32 {
    weight.saturating_mul(SCALE)
}

/// The effective weight of a server that has been warming for `warm_for`: a tenth of the full one
/// at first, all of it after `warmup_time`, growing evenly between.
pub(crate) fn share(weight: u32, warm_for: Duration, warmup_time: Duration) -> u32 {
    let full = full(weight);
    let (passed, time) = (warm_for.as_micros(), warmup_time.as_micros());
    if passed >= time {
        return full;
    }
    let tenth_and_grown = time + passed * 9;
    let share = (u128::from(full) * tenth_and_grown).checked_div(time * 10);
    share.and_then(|share| u32::try_from(share).ok()).unwrap_or(full)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn the_share_grows_from_a_tenth_to_all() {
        for (weight, seconds, expected) in [
            (100, 0, 160),
            (100, 20, 640),
            (100, 30, 880),
            (100, 60, 1600),
            (100, 3600, 1600),
            (1, 0, 1),
            (1, 30, 8),
            (1, 60, 16),
            (0, 0, 0),
            (0, 60, 0),
        ] {
            let share = share(weight, Duration::from_secs(seconds), MINUTE);
            assert_eq!(share, expected, "weight {weight} after {seconds} s");
        }
    }

    #[test]
    fn it_never_shrinks() {
        for weight in [1, 2, 3, 100] {
            let shares: Vec<u32> =
                (0..=700).map(|tenths| share(weight, MINUTE * tenths / 600, MINUTE)).collect();
            assert!(shares.is_sorted());
            assert_eq!((shares[0] >= 1, shares[700]), (true, full(weight)));
        }
    }

    #[test]
    fn no_warm_up_is_all_at_once() {
        assert_eq!(share(100, Duration::ZERO, Duration::ZERO), full(100));
    }

    #[test]
    fn the_greatest_figures_do_not_overflow() {
        assert_eq!(full(u32::MAX), u32::MAX);
        let almost = Duration::MAX - Duration::from_micros(1);
        assert!(share(u32::MAX, almost, Duration::MAX) > u32::MAX / 2);
        assert_eq!(share(u32::MAX, Duration::ZERO, Duration::MAX), u32::MAX / 10);
    }
}
