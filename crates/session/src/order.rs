//! The sessions of one web-app in the order in which they were used.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use copal_protocol::session_key::SessionKey;

use crate::part::Part;
use crate::web_app::WebApp;

/// The sessions of one web-app, least used first. All of them have the same idle time-out, so this
/// is the order in which they expire, too.
#[derive(Debug)]
pub(crate) struct Order {
    web_app: Arc<WebApp>,
    by_use: BTreeSet<(Duration, SessionKey)>,
    /// Oldest first; empty unless the web-app has a greatest age.
    by_age: BTreeSet<(Duration, SessionKey)>,
}

impl Order {
    pub(crate) const fn new(web_app: Arc<WebApp>) -> Self {
        Self { web_app, by_use: BTreeSet::new(), by_age: BTreeSet::new() }
    }

    pub(crate) fn add(&mut self, key: SessionKey, part: &Part) {
        self.by_use.insert((part.used, key));
        if self.web_app.config().session_max_lifetime.is_some() {
            self.by_age.insert((part.began, key));
        }
    }

    pub(crate) fn remove(&mut self, key: SessionKey, part: &Part) {
        self.by_use.remove(&(part.used, key));
        self.by_age.remove(&(part.began, key));
    }

    /// Notes that a session was used.
    pub(crate) fn used(&mut self, key: SessionKey, before: Duration, now: Duration) {
        self.by_use.remove(&(before, key));
        self.by_use.insert((now, key));
    }

    /// The session that was left alone for longest, and since when; `except` is passed over.
    pub(crate) fn least_used(&self, except: SessionKey) -> Option<(Duration, SessionKey)> {
        self.by_use.iter().find(|(_, key)| *key != except).copied()
    }

    /// A session whose time is over.
    pub(crate) fn over(&self, now: Duration) -> Option<SessionKey> {
        let idle = self.by_use.first().filter(|(used, _)| self.web_app.is_idle(*used, now));
        let old = || self.by_age.first().filter(|(began, _)| self.web_app.is_too_old(*began, now));
        idle.or_else(old).map(|(_, key)| *key)
    }
}
