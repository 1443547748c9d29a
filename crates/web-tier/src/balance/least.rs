//! Who is answering the fewest requests, given its weight.

use crate::balance::positions::Positions;

/// The server that would have the fewest requests in flight for its weight if it got this one too;
/// `None` only when there are no servers. Equal servers take turns.
///
/// Servers of weight 0 are picked only when there are no others, and then by their load alone.
/// As long as little is in flight, heavy servers are given everything.
pub(crate) fn pick(
    servers: Positions,
    turn: u64,
    load: impl Fn(usize) -> u32,
    weight: impl Fn(usize) -> u32,
) -> Option<usize> {
    let mut best = Best { servers: Positions::none(), load: u64::MAX, weight: 0 };
    for position in servers {
        best.meets(position, u64::from(load(position)) + 1, u64::from(weight(position)));
    }
    best.servers.pick(turn)
}

struct Best {
    servers: Positions,
    load: u64,
    weight: u64,
}

impl Best {
    fn meets(&mut self, position: usize, load: u64, weight: u64) {
        // Both loads are at most 2^32 and both weights are below it. (The first load is more, with
        // a weight of 0.)
        let (other, this) = match (self.weight, weight) {
            (0, 0) => (self.load, load),
            (before, weight) => (self.load.saturating_mul(weight), load.saturating_mul(before)),
        };
        if this < other {
            *self = Self { servers: Positions::only(position), load, weight };
        } else if this == other {
            self.servers.insert(position);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who is picked in six turns in which nothing of the load changes.
    fn picked(loads: &[u32], weights: &[u32]) -> Vec<usize> {
        let all: Positions = (0..loads.len()).collect();
        (0..6).map(|turn| pick(all, turn, |p| loads[p], |p| weights[p]).unwrap()).collect()
    }

    #[test]
    fn the_least_laden_for_its_weight_is_picked() {
        const MAX: u32 = u32::MAX;
        for (loads, weights, expected) in [
            (&[3, 1, 2][..], &[1, 1, 1][..], [1, 1, 1, 1, 1, 1]),
            (&[2, 2, 2], &[1, 1, 1], [0, 1, 2, 0, 1, 2]),
            (&[1, 0, 0], &[1, 1, 1], [1, 2, 1, 2, 1, 2]),
            // twice the weight carries twice the load
            (&[2, 1], &[200, 100], [0; 6]),
            (&[3, 1], &[200, 100], [0, 1, 0, 1, 0, 1]),
            (&[4, 1], &[200, 100], [1; 6]),
            // weight 0 comes after every other weight
            (&[0, MAX, 0], &[0, 1, 0], [1; 6]),
            (&[MAX, 0, 0], &[1, 0, 0], [0; 6]),
            (&[5, 2, 2], &[0, 0, 0], [1, 2, 1, 2, 1, 2]),
            // the greatest figures
            (&[MAX, MAX], &[MAX, MAX - 1], [0; 6]),
            (&[MAX, MAX - 1], &[MAX, MAX], [1; 6]),
        ] {
            assert_eq!(picked(loads, weights), expected, "{loads:?} {weights:?}");
        }
        assert_eq!(pick(Positions::none(), 0, |_| 0, |_| 1), None);
    }

    #[test]
    fn load_that_stays_is_shared_by_weight() {
        let weights = [100, 200, 700];
        let mut loads = [0; 3];
        for turn in 0..100 {
            let all: Positions = (0..3).collect();
            loads[pick(all, turn, |p| loads[p], |p| weights[p]).unwrap()] += 1;
        }
        assert_eq!(loads, [10, 20, 70]);
    }
}
