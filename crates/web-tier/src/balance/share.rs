//! Whose turn it is when servers have different weights.

use crate::balance::positions::Positions;

/// Whose turn it is; `None` only when there are no servers. Nothing is remembered from turn to
/// turn, so any number of threads can share one counter.
///
/// **Exact.** With the weights divided by their greatest common divisor, in as many turns in a row
/// as their sum each server is picked as often as its weight says, whichever turn is the first.
/// Servers of weight 0 are picked only when there are no others, and then each as often as the
/// next. (One round is cut short when the counter wraps around.)
///
/// **Even.** The heaviest servers, all those of the same weight together, are spread over the
/// turns as evenly as can be; the turns left between them are one after the other the turns of
/// the rest, which are spread in the same way. So a server that has at most half of the sum is
/// never picked more than twice in a row, and in any number of turns a server of the `n`-th
/// heaviest weight is picked less than `n + 1` times more or less than its share.
pub(crate) fn pick(servers: Positions, turn: u64, weight: impl Fn(usize) -> u32) -> Option<usize> {
    let mut heaviest = Heaviest::of(servers, &weight);
    if heaviest.members == servers {
        return servers.pick(turn);
    }
    let mut left = servers;
    let mut turn = turn.checked_rem(heaviest.sum_of_all)?;
    while heaviest.members != left {
        let all = u128::from(heaviest.sum_of_all);
        let product = u128::from(turn) * u128::from(heaviest.sum);
        // So many of the turns before this one were theirs.
        let theirs = u64::try_from(product.checked_div(all)?).ok()?;
        if product.checked_rem(all)? + u128::from(heaviest.sum) >= all {
            return heaviest.members.pick(theirs);
        }
        turn -= theirs;
        left = left.without(heaviest.members);
        heaviest = Heaviest::of(left, &weight);
    }
    left.pick(turn)
}

/// Those of some servers that have the greatest weight.
struct Heaviest {
    members: Positions,
    /// Of their weights.
    sum: u64,
    /// Of the weights of all, the lighter ones too.
    sum_of_all: u64,
}

impl Heaviest {
    fn of(servers: Positions, weight: impl Fn(usize) -> u32) -> Self {
        let mut members = Positions::none();
        let mut greatest = 0;
        let mut sum_of_all = 0;
        for position in servers {
            let weight = weight(position);
            sum_of_all += u64::from(weight);
            if weight > greatest {
                greatest = weight;
                members = Positions::only(position);
            } else if weight == greatest {
                members.insert(position);
            }
        }
        let sum = u64::from(greatest) * u64::from(members.count());
        Self { members, sum, sum_of_all }
    }
}

#[cfg(test)]
mod tests;
