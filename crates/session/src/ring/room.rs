//! How many sessions may be in memory.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

/// How many sessions may be in memory: `session-max` of each web-app, and as many copies of sessions of
/// other servers as of all own ones together.
#[derive(Debug)]
pub(crate) struct Room {
    /// For web-apps of which nothing else is known.
    usual: usize,
    web_apps: RwLock<BTreeMap<Box<str>, usize>>,
    /// Web-apps that have no room for another session, because the disk takes nothing.
    pub(super) full: RwLock<Vec<Box<str>>>,
    /// There is far more in memory than there should be.
    pub(super) pressed: AtomicBool,
    /// Somebody was told that sessions end because there is no room.
    pub(super) told: AtomicBool,
}

impl Room {
    /// Of web-apps that say nothing else.
    pub(crate) fn new(usual: usize) -> Self {
        Self {
            usual,
            web_apps: RwLock::default(),
            full: RwLock::default(),
            pressed: AtomicBool::new(false),
            told: AtomicBool::new(false),
        }
    }

    /// Of the web-app at this path so many may be in memory.
    pub(crate) fn allow(&self, path: &str, most: usize) {
        let mut web_apps = self.web_apps.write().unwrap_or_else(PoisonError::into_inner);
        web_apps.insert(path.into(), most);
    }

    /// Whether nothing should be fetched from the disk that nobody waits for.
    pub(crate) fn is_pressed(&self) -> bool {
        self.pressed.load(Ordering::Relaxed)
    }

    /// Whether the web-app at this path gets no new session.
    pub(crate) fn is_full(&self, path: &str) -> bool {
        let full = self.full.read().unwrap_or_else(PoisonError::into_inner);
        full.iter().any(|one| **one == *path)
    }

    /// How many of these may be in memory.
    pub(crate) fn most(&self, whose: Option<&str>) -> usize {
        let web_apps = self.web_apps.read().unwrap_or_else(PoisonError::into_inner);
        match whose {
            Some(path) => web_apps.get(path).copied().unwrap_or(self.usual),
            None if web_apps.is_empty() => self.usual,
            None => web_apps.values().fold(0, |sum, most| sum.saturating_add(*most)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_apps_have_their_own_bounds_and_copies_the_sum_of_these() {
        let room = Room::new(4096);
        assert_eq!((room.most(Some("/")), room.most(None)), (4096, 4096));
        room.allow("/", 10);
        room.allow("/shop", 20);
        room.allow("/shop", 30);
        assert_eq!((room.most(Some("/")), room.most(Some("/shop"))), (10, 30));
        assert_eq!((room.most(Some("/other")), room.most(None)), (4096, 40));
    }
}
