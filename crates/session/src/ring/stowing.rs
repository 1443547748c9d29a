//! Which sessions leave memory when there are too many, and how.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

use copal_protocol::session_key::SessionKey;
use copal_replica::shard::Event;

use crate::ring::bench::Bench;
use crate::ring::engine::Engine;
use crate::ring::limits::{SHARDS, STOWED_AT_ONCE};

/// Whose sessions: of a web-app by its path, or `None` for those of other servers.
type Whose = Option<Box<str>>;

impl Engine {
    /// Puts out of memory what is too much there: on the disk, if there is one that takes it; else the least
    /// used own sessions end.
    pub(crate) fn make_room(&self) {
        let counts = self.residents();
        let can_stow = self.shelf().map(|shelf| shelf.takes());
        let (mut full, mut pressed) = (Vec::new(), false);
        for (whose, count) in counts {
            let most = self.room.most(whose.as_deref());
            pressed |= count > most.saturating_mul(2).max(most + SLACK);
            if let (Some(false), Some(path)) = (can_stow, whose.as_ref().filter(|_| count >= most))
            {
                full.push(path.clone());
            }
            let excess = count.saturating_sub(most);
            match (can_stow, &whose) {
                _ if excess == 0 => {}
                (Some(_), _) => self.stow(&whose, excess),
                (None, Some(path)) => self.crowd_out(path, &whose, excess, most),
                // Their acting owners see to it that there are not too many.
                (None, None) => {}
            }
        }
        self.room.pressed.store(pressed && can_stow.is_some(), Ordering::Relaxed);
        let mut known = self.room.full.write().unwrap_or_else(PoisonError::into_inner);
        if *known != full {
            for path in full.iter().filter(|path| !known.contains(path)) {
                tracing::error!(
                    web_app = %path,
                    "no new sessions: as many are in memory as session-max allows, and the disk copy \
                     takes none of them; look at the state of the disk, or raise session-max"
                );
            }
            *known = full;
        }
    }

    /// How many sessions there are in memory, own ones by web-app.
    pub(crate) fn residents(&self) -> Vec<(Whose, usize)> {
        let mut counts: Vec<(Whose, usize)> = Vec::new();
        for bench in self.benches() {
            for (whose, count) in bench.shard.residents() {
                match counts.iter_mut().find(|(known, _)| known.as_deref() == whose) {
                    Some((_, sum)) => *sum += count,
                    None => counts.push((whose.map(Into::into), count)),
                }
            }
        }
        counts
    }

    /// Leaves of the least used ones, so many, what they hold on the disk, as far as it is there.
    fn stow(&self, whose: &Whose, excess: usize) {
        let Some(shelf) = self.shelf() else { return };
        for (part, keys) in self.least_used(whose, excess) {
            self.with_part(part, |bench, around| {
                let Bench { shard, effects, .. } = bench;
                for key in keys {
                    // What is kept is what is here: both happen under this lock.
                    if shelf.disk().has_newest(key) {
                        shard.stow(key, around, effects);
                    } else {
                        shard.spare(key, around);
                    }
                }
            });
        }
    }

    fn crowd_out(&self, path: &str, whose: &Whose, excess: usize, most: usize) {
        if !self.room.told.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                web_app = path,
                session_max = most,
                "a web-app has more sessions than session-max: the least used ones end; raise \
                 session-max, or give the persistent-store a path. This is said once"
            );
        }
        for (part, keys) in self.least_used(whose, excess) {
            self.with_part(part, |bench, around| {
                let Bench { shard, effects, .. } = bench;
                keys.into_iter().for_each(|key| shard.on(Event::NoRoom(key), around, effects));
            });
        }
    }

    /// The least used of all parts, by part.
    fn least_used(&self, whose: &Whose, excess: usize) -> BTreeMap<usize, Vec<SessionKey>> {
        let excess = excess.min(STOWED_AT_ONCE);
        // Keys are random, so no part has many more of them than the others.
        let share = excess / SHARDS * 2 + 16;
        let mut all: Vec<(Duration, usize, SessionKey)> = Vec::new();
        for (part, bench) in self.benches().enumerate() {
            let some = bench.shard.least_used(whose.as_deref(), share);
            all.extend(some.map(|(used, key)| (used, part, key)));
        }
        first_of(all, excess)
    }
}

/// Where there are few sessions, some more than `session-max` do not matter.
const SLACK: usize = 256;

/// The first so many of all, by part.
fn first_of(
    mut all: Vec<(Duration, usize, SessionKey)>,
    count: usize,
) -> BTreeMap<usize, Vec<SessionKey>> {
    all.sort_unstable();
    let mut first: BTreeMap<usize, Vec<SessionKey>> = BTreeMap::new();
    for (_, part, key) in all.into_iter().take(count) {
        first.entry(part).or_default().push(key);
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_go_that_were_used_least_wherever_they_are() {
        let key = |number: u32| SessionKey::parse(format!("{number:011}").as_bytes()).unwrap();
        let used = |seconds, part, number| (Duration::from_secs(seconds), part, key(number));
        let all = vec![used(9, 0, 1), used(2, 1, 2), used(5, 1, 3), used(1, 7, 4)];
        let first = first_of(all, 3);
        assert_eq!(first, BTreeMap::from([(1, vec![key(2), key(3)]), (7, vec![key(4)])]));
    }
}
