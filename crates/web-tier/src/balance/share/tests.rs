use proptest::prelude::*;

use super::*;

fn all(weights: &[u32]) -> Positions {
    (0..weights.len()).collect()
}

fn picked(weights: &[u32], turn: u64) -> usize {
    pick(all(weights), turn, |position| weights[position]).unwrap()
}

fn order(weights: &[u32], turns: u64) -> String {
    (0..turns).map(|turn| char::from(b"abcdefgh"[picked(weights, turn)])).collect()
}

fn greatest_common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// How long a round is, and how often each server is picked in it.
fn round(weights: &[u32]) -> (u64, Vec<u64>) {
    let none = weights.iter().all(|weight| *weight == 0);
    let weights: Vec<u64> =
        weights.iter().map(|weight| if none { 1 } else { u64::from(*weight) }).collect();
    let divisor = weights.iter().copied().fold(0, greatest_common_divisor);
    let reduced: Vec<u64> = weights.iter().map(|weight| weight / divisor).collect();
    (reduced.iter().sum(), reduced)
}

#[test]
fn turns_are_mixed() {
    for (weights, expected) in [
        (&[7][..], "aaaa"),
        (&[5, 5, 5], "abcabc"),
        (&[0, 0], "abab"),
        (&[0, 3, 0], "bbbb"),
        (&[1, 2], "abbabb"),
        (&[2, 1, 1], "bacabaca"),
        (&[200, 100, 100], "bacabaca"),
        (&[1, 2, 3], "acbcbcacbcbc"),
        (&[5, 1, 1], "baacaaabaacaaa"),
        (&[100, 100, 1], &format!("{}{}", "c", "ab".repeat(6))),
    ] {
        assert_eq!(order(weights, expected.len() as u64), expected, "{weights:?}");
    }
}

#[test]
fn nobody_is_nobody() {
    assert_eq!(pick(Positions::none(), 7, |_| 1), None);
}

#[test]
fn weights_are_asked_for_by_position() {
    let some: Positions = [3, 60].into_iter().collect();
    for turn in 0..10 {
        assert_eq!(pick(some, turn, |position| u32::from(position == 60)), Some(60));
    }
}

#[test]
fn the_greatest_weights_and_turns_do_not_overflow() {
    let mut weights = [u32::MAX; 64];
    weights[9] = u32::MAX - 1;
    for turn in [0, 1, u64::from(u32::MAX), u64::MAX - 1, u64::MAX] {
        assert!(picked(&weights, turn) < 64);
        assert!(picked(&[1, u32::MAX, 3], turn) < 3);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_round_is_exact_wherever_it_begins(
        weights in prop::collection::vec(0_u32..24, 1..9),
        factor in 1_u32..2000,
        first in 0..u64::MAX / 2,
    ) {
        let weights: Vec<u32> = weights.iter().map(|weight| weight * factor).collect();
        let (turns, expected) = round(&weights);
        let mut seen = vec![0; weights.len()];
        for turn in first..first + turns {
            seen[picked(&weights, turn)] += 1;
        }
        prop_assert_eq!(seen, expected);
    }

    #[test]
    fn nobody_but_who_has_more_than_half_is_picked_thrice_in_a_row(
        weights in prop::collection::vec(1_u32..40, 2..9),
        first in 0_u64..1 << 40,
    ) {
        let (turns, reduced) = round(&weights);
        let mut run = 0;
        let mut last = usize::MAX;
        for turn in first..first + 2 * turns {
            let position = picked(&weights, turn);
            run = if position == last { run + 1 } else { 1 };
            last = position;
            let longest = match reduced[position] * 2 {
                twice if twice <= turns => 2,
                _ => reduced[position].div_ceil(turns - reduced[position]),
            };
            prop_assert!(run <= longest, "{run} times {position}");
        }
    }

    #[test]
    fn any_number_of_turns_is_shared_evenly(
        weights in prop::collection::vec(1_u32..40, 2..9),
        first in 0_u64..1 << 40,
    ) {
        let (sum, reduced) = round(&weights);
        let mut seen = vec![0; weights.len()];
        for turn in first..first + sum {
            seen[picked(&weights, turn)] += 1;
            let turns = turn - first + 1;
            for (position, weight) in reduced.iter().enumerate() {
                let mut heavier: Vec<_> = reduced.iter().filter(|other| *other > weight).collect();
                heavier.sort_unstable();
                heavier.dedup();
                let bound = heavier.len() as u64 + 2;
                let off = (seen[position] * sum).abs_diff(turns * weight);
                prop_assert!(off < bound * sum, "{position} after {turns} turns: {}", seen[position]);
            }
        }
    }
}
