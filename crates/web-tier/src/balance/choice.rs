//! Who is tried for one request, in which order, each once.

use copal_config::cluster::Strategy;

use crate::balance::positions::Positions;
use crate::balance::rank::Rank;
use crate::balance::{least, share};

/// What is known of a cluster's servers at this moment, by position.
pub(crate) trait Look {
    /// Whether it takes requests that are bound to it.
    fn takes_bound(&self, position: usize) -> bool;
    fn rank(&self, position: usize) -> Rank;
    /// Whether something good was heard of it since it was last in trouble. One whose pause only ran
    /// out is not down any more, and may refuse the next connection, too.
    fn is_well(&self, position: usize) -> bool;
    /// Its share of new sessions: the effective weight, less while it is warming.
    fn weight(&self, position: usize) -> u32;
    /// Requests in flight to it.
    fn load(&self, position: usize) -> u32;
}

/// The servers that are tried for one request, each once: those that the session id names and that
/// take bound requests; then the others, the lowest rank first; and last, because an error is worse
/// than a vain try, those that are down.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    /// Owner, backup, third, as far as they exist.
    bound: [Option<usize>; 3],
    /// Whose turn it is among the others.
    turn: u64,
    all: Positions,
    tried: Positions,
    /// Those of the tried that were not sent anything.
    unsent: Positions,
    strategy: Strategy,
}

impl Choice {
    pub(crate) fn new(
        bound: [Option<usize>; 3],
        turn: usize,
        all: Positions,
        strategy: Strategy,
    ) -> Self {
        let turn = u64::try_from(turn).unwrap_or(u64::MAX);
        Self { bound, turn, all, tried: Positions::none(), unsent: Positions::none(), strategy }
    }

    /// The next server, given what is known at this moment.
    pub(crate) fn next(&mut self, servers: &impl Look) -> Option<usize> {
        let left = self.left();
        let position = (self.named(left, |position| servers.takes_bound(position)))
            .or_else(|| self.any(left, servers))?;
        self.tried.insert(position);
        Some(position)
    }

    /// Whether a server is left that was not tried and is not down.
    pub(crate) fn others(&self, servers: &impl Look) -> bool {
        self.left().any(|position| servers.rank(position) != Rank::Down)
    }

    /// The one that was just picked was not sent anything.
    pub(crate) fn not_sent(&mut self, picked: usize) {
        self.unsent.insert(picked);
    }

    /// Whether one is known to be well that was not sent the request.
    pub(crate) fn refuge(&self, servers: &impl Look) -> bool {
        self.left().any(|position| is_refuge(position, servers))
            || self.unsent.clone().any(|position| is_refuge(position, servers))
    }

    /// Those that were not sent anything and are well by now may be picked again.
    pub(crate) fn readmit(&mut self, servers: &impl Look) {
        let returned = self.unsent.filter(|position| is_refuge(*position, servers)).collect();
        self.tried = self.tried.without(returned);
        self.unsent = self.unsent.without(returned);
    }

    /// Those that would do as well as the one that was just picked, or better, at this moment: only
    /// itself when the request is bound to it, else all of the lowest rank that were not tried.
    pub(crate) fn rivals(&self, picked: usize, servers: &impl Look) -> Positions {
        if self.bound.contains(&Some(picked)) {
            return Positions::only(picked);
        }
        let mut left = self.left();
        left.insert(picked);
        lowest_rank(left, servers).map_or(Positions::only(picked), |(_, best)| best)
    }

    /// Whether the request is bound to the one that was just picked, which is down, and others are
    /// not.
    pub(crate) fn is_deserted(&self, picked: usize, servers: &impl Look) -> bool {
        self.bound.contains(&Some(picked))
            && servers.rank(picked) == Rank::Down
            && self.others(servers)
    }

    /// The request goes to a rival of the one that was just picked.
    pub(crate) fn exchange(&mut self, picked: usize, rival: usize) {
        self.tried = self.tried.without(Positions::only(picked));
        self.tried.insert(rival);
    }

    fn left(&self) -> Positions {
        self.all.without(self.tried)
    }

    fn named(&self, left: Positions, takes: impl Fn(usize) -> bool) -> Option<usize> {
        let mut named = self.bound.iter().flatten().copied();
        named.find(|position| left.contains(*position) && takes(*position))
    }

    fn any(&self, left: Positions, servers: &impl Look) -> Option<usize> {
        let (rank, best) = lowest_rank(left, servers)?;
        // Where nobody takes bound requests, its own servers still have the session.
        if let Some(own) = self.named(best, |_| true) {
            return Some(own);
        }
        let weight = |position| servers.weight(position);
        match self.strategy {
            _ if rank == Rank::Down => best.pick(self.turn),
            Strategy::RoundRobin => share::pick(best, self.turn, weight),
            Strategy::LeastConnection => {
                least::pick(best, self.turn, |position| servers.load(position), weight)
            }
        }
    }
}

fn is_refuge(position: usize, servers: &impl Look) -> bool {
    servers.rank(position) != Rank::Down && servers.is_well(position)
}

/// Those of the lowest rank.
fn lowest_rank(left: Positions, servers: &impl Look) -> Option<(Rank, Positions)> {
    let mut lowest: Option<(Rank, Positions)> = None;
    for position in left {
        let rank = servers.rank(position);
        match &mut lowest {
            Some((before, _)) if *before < rank => {}
            Some((before, those)) if *before == rank => those.insert(position),
            _ => lowest = Some((rank, Positions::only(position))),
        }
    }
    lowest
}

#[cfg(test)]
mod tests;
