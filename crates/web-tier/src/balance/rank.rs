//! How willingly a server is given a request that is not bound to it.

use copal_protocol::state::State;

/// How willingly a server is given a request that is not bound to it: the lowest first, and the
/// next only when none of the lower ones is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    /// In service.
    Ready,
    /// In service, for when nobody else is.
    Backup,
    /// In service, for bound requests only: its weight is 0. A backup server of weight 0 is one of
    /// these, because the weight says more.
    Unweighted,
    Drain,
    Evict,
    Joining,
    Leaving,
    Maintenance,
    Down,
}

impl Rank {
    /// The rank of a server in this state, of this weight in the configuration.
    pub(crate) fn of(state: State, weight: u32, backup: bool) -> Self {
        match state {
            State::Ready | State::Warming if weight == 0 => Self::Unweighted,
            State::Ready | State::Warming if backup => Self::Backup,
            State::Ready | State::Warming => Self::Ready,
            State::Drain => Self::Drain,
            State::Evict => Self::Evict,
            State::Joining => Self::Joining,
            State::Leaving => Self::Leaving,
            State::Maintenance => Self::Maintenance,
            State::Down => Self::Down,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_stand_in_this_order() {
        let in_order = [
            (State::Ready, 100, false),
            (State::Ready, 100, true),
            (State::Ready, 0, false),
            (State::Drain, 100, false),
            (State::Evict, 100, false),
            (State::Joining, 100, false),
            (State::Leaving, 100, false),
            (State::Maintenance, 100, false),
            (State::Down, 100, false),
        ];
        let ranks = in_order.map(|(state, weight, backup)| Rank::of(state, weight, backup));
        assert!(ranks.is_sorted_by(|a, b| a < b), "{ranks:?}");
    }

    #[test]
    fn weight_and_backup_matter_only_in_service() {
        for state in State::ALL {
            let ranks = [(0, false), (0, true), (1, true), (1, false)]
                .map(|(weight, backup)| Rank::of(state, weight, backup));
            if matches!(state, State::Ready | State::Warming) {
                use Rank::{Backup, Ready, Unweighted};
                assert_eq!(ranks, [Unweighted, Unweighted, Backup, Ready]);
            } else {
                assert_eq!(ranks, [ranks[0]; 4]);
                assert!(ranks[0] > Rank::Unweighted);
            }
        }
    }
}
