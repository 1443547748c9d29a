//! Whether ids of which nothing is known come so fast that they are not all asked about.

use std::time::Duration;

use crate::ring::engine::Engine;

/// Whether ids of which nothing is known come so fast that the other servers are not asked about all of
/// them. Times are of a clock that nobody sets.
#[derive(Debug, Default)]
pub(crate) struct Flood {
    /// How many were not asked about by now.
    curbed: u64,
    /// Since it began: how many before, and when there was one last.
    under_way: Option<(u64, Duration)>,
}

/// What has become of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Begins,
    /// After so many.
    Ends(u64),
}

/// It is over when for so long there was none.
const CALM: Duration = Duration::from_secs(10);

impl Flood {
    /// Looks how it is, and tells when that is something else than before.
    pub(crate) fn watch(&mut self, engine: &Engine, now: Duration) {
        let curbed = engine.benches().map(|bench| bench.effects.counts.curbed).sum();
        match self.look(curbed, now) {
            Some(Turn::Begins) => tracing::warn!(
                "more requests than 2000 a second bring ids of sessions of which this server knows nothing; \
                 the other servers are not asked about all of them, and the rest is served as if there \
                 might be a session that cannot be reached (copal_app_ring_events_total{{event=\"curbed\"}} \
                 counts them). Sessions that this server knows are not concerned. Somebody tries ids, or \
                 sessions were lost whose cookies browsers still have: the access log says who it is"
            ),
            Some(Turn::Ends(curbed)) => tracing::info!(
                curbed,
                "the other servers are asked about every unknown id again; that many were not asked about"
            ),
            None => {}
        }
    }

    fn look(&mut self, curbed: u64, now: Duration) -> Option<Turn> {
        let before = std::mem::replace(&mut self.curbed, curbed);
        match self.under_way {
            None if curbed > before => {
                self.under_way = Some((before, now));
                Some(Turn::Begins)
            }
            Some((first, _)) if curbed > before => {
                self.under_way = Some((first, now));
                None
            }
            Some((first, last)) if now >= last + CALM => {
                self.under_way = None;
                Some(Turn::Ends(curbed - first))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_once_when_it_begins_and_once_when_it_is_over() {
        let mut flood = Flood::default();
        let looks =
            [(0, 0), (5, 1), (9, 2), (9, 11), (9, 12), (9, 30), (10, 40), (10, 49), (10, 50)];
        let turns = looks.map(|(curbed, at)| flood.look(curbed, Duration::from_secs(at)));
        let [begins, ends] = [Some(Turn::Begins), Some(Turn::Ends(9))];
        let again = Some(Turn::Ends(1));
        assert_eq!(turns, [None, begins, None, None, ends, None, begins, None, again]);
    }
}
