//! Ids of which it was found a moment ago that there is no such session.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use copal_protocol::session_key::SessionKey;

use crate::call::Order;
use crate::timing::{HEARTBEAT, LEASE};

/// Ids of which it was found a moment ago that there is no such session: whoever asks for one again, because
/// a browser with an old cookie loads a page with all its pictures, is told so without a question.
///
/// The letters of an id belong to it: a key with other letters would have been a question to other servers,
/// and keys are no secret. Times are of this server's own clock, which nobody sets and which goes on
/// while the process stands still.
#[derive(Debug, Clone, Default)]
pub(crate) struct Denials {
    kept: BTreeMap<SessionKey, Denial>,
    /// In the order in which they were kept; some may have been forgotten since.
    in_order: VecDeque<(Duration, SessionKey)>,
}

#[derive(Debug, Clone)]
struct Denial {
    until: Duration,
    order: Order,
}

/// How long one is kept: not as long as others rely on a server that stands still. Whoever makes the session
/// waits for this one to have its copy until then.
const KEPT: Duration = Duration::from_secs(1);
const _: () = assert!(KEPT.as_millis() + HEARTBEAT.as_millis() < LEASE.as_millis());

/// How many are kept: of each of the 64 parts of all sessions, so some 2 MB on a server.
const MOST: usize = 128;

impl Denials {
    /// It was found that there is no such session.
    pub(crate) fn keep(&mut self, key: SessionKey, order: Order, now: Duration) {
        self.clear(now);
        let until = now + KEPT;
        self.kept.insert(key, Denial { until, order });
        self.in_order.push_back((until, key));
        if self.in_order.len() > MOST {
            self.drop_first();
        }
    }

    /// Whether that was found a moment ago.
    pub(crate) fn has(&mut self, key: SessionKey, order: &Order, now: Duration) -> bool {
        self.clear(now);
        self.kept.get(&key).is_some_and(|denial| denial.order == *order)
    }

    /// There is something of it now.
    pub(crate) fn forget(&mut self, key: SessionKey) {
        self.kept.remove(&key);
    }

    fn clear(&mut self, now: Duration) {
        while self.in_order.front().is_some_and(|(until, _)| now >= *until) {
            self.drop_first();
        }
    }

    fn drop_first(&mut self) {
        let Some((until, key)) = self.in_order.pop_front() else { return };
        // It may have been forgotten, and kept anew since.
        if self.kept.get(&key).is_some_and(|denial| denial.until == until) {
            self.kept.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server_id::ServerId;

    fn key(number: usize) -> SessionKey {
        SessionKey::parse(format!("key{number:08}").as_bytes()).unwrap()
    }

    fn order(names: &[&str]) -> Order {
        names.iter().map(|name| ServerId::new(name).unwrap()).collect()
    }

    const fn at(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn one_is_kept_for_a_second_with_its_letters() {
        let (mut denials, own) = (Denials::default(), order(&["app-a", "app-b"]));
        denials.keep(key(1), own.clone(), at(5000));
        assert!(denials.has(key(1), &own, at(5999)));
        assert!(!denials.has(key(2), &own, at(5999)));
        assert!(!denials.has(key(1), &order(&["app-b", "app-a"]), at(5999)), "other letters");
        assert!(!denials.has(key(1), &own, at(6000)));
    }

    #[test]
    fn what_was_forgotten_and_kept_anew_is_kept_for_its_own_second() {
        let (mut denials, own) = (Denials::default(), order(&["app-a"]));
        denials.keep(key(1), own.clone(), at(0));
        denials.forget(key(1));
        assert!(!denials.has(key(1), &own, at(1)));
        denials.keep(key(1), own.clone(), at(500));
        assert!(denials.has(key(1), &own, at(1400)));
        assert!(!denials.has(key(1), &own, at(1500)));
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many() {
        let (mut denials, own) = (Denials::default(), order(&["app-a"]));
        for number in 0..1000 {
            denials.keep(key(number), own.clone(), at(0));
        }
        assert_eq!((denials.kept.len(), denials.in_order.len()), (MOST, MOST));
        assert!(denials.has(key(999), &own, at(0)) && !denials.has(key(0), &own, at(0)));
        assert!(!denials.has(key(999), &own, at(1000)));
        assert_eq!((denials.kept.len(), denials.in_order.len()), (0, 0));
    }
}
