//! Where sessions were found of which nothing is here.

use std::collections::HashMap;
use std::mem;

use copal_protocol::session_key::SessionKey;

use crate::server_id::ServerId;

/// Where sessions were found of which nothing is here: the next request goes there, and need not ask
/// everybody again.
///
/// The ones that were found last are kept, and bounded. Nothing rests on it: who does not act any more says so.
#[derive(Debug, Clone, Default)]
pub(crate) struct Finds {
    young: HashMap<SessionKey, ServerId>,
    old: HashMap<SessionKey, ServerId>,
}

/// So many are kept at least, and twice as many at most: of each of the 64 parts of all sessions, so some
/// 4 MB on a server.
const KEPT: usize = 512;

impl Finds {
    /// It was found there.
    pub(crate) fn keep(&mut self, key: SessionKey, server: ServerId) {
        if self.young.len() >= KEPT {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(key, server);
    }

    /// Where it was found last, to be kept again if it is found there again.
    pub(crate) fn take(&mut self, key: SessionKey) -> Option<ServerId> {
        let old = self.old.remove(&key);
        self.young.remove(&key).or(old)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: usize) -> SessionKey {
        SessionKey::parse(format!("key{number:08}").as_bytes()).unwrap()
    }

    #[test]
    fn the_last_ones_are_kept_and_not_more() {
        let [a, b] = ["app-a", "app-b"].map(|name| ServerId::new(name).unwrap());
        let mut finds = Finds::default();
        (0..10 * KEPT).for_each(|number| finds.keep(key(number), a));
        assert!(finds.young.len() + finds.old.len() <= 2 * KEPT);
        finds.keep(key(7), b);
        assert_eq!(finds.take(key(7)), Some(b));
        assert_eq!(finds.take(key(7)), None);
        let kept = (0..10 * KEPT).filter(|number| finds.take(key(*number)).is_some());
        let kept: Vec<usize> = kept.collect();
        assert!(kept.len() >= KEPT && kept.contains(&(10 * KEPT - 1)), "{}", kept.len());
        assert!(kept.iter().all(|number| *number >= 8 * KEPT));
    }
}
