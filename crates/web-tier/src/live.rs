//! The configuration in force: one site at a time, swapped whole.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::site::Site;

/// The configuration in force, shared by all threads of the process.
///
/// A thread looks at the number once per request, which costs one load; only when it has changed
/// does it take the lock and the new site. Requests that run keep the site they began with.
#[derive(Debug)]
pub(crate) struct Live {
    number: AtomicU64,
    site: Mutex<Arc<Site>>,
}

impl Live {
    pub(crate) fn new(site: Site) -> Self {
        Self { number: AtomicU64::new(0), site: Mutex::new(Arc::new(site)) }
    }

    /// How many times the site was swapped.
    pub(crate) fn number(&self) -> u64 {
        self.number.load(Ordering::Acquire)
    }

    pub(crate) fn site(&self) -> Arc<Site> {
        // Nothing that could panic happens under the lock.
        Arc::clone(&self.site.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another site in force.
    pub(crate) fn swap(&self, site: Site) {
        *self.site.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(site);
        self.number.fetch_add(1, Ordering::Release);
    }
}
