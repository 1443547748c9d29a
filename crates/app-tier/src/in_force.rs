//! The configuration that is in force, for all threads of a server.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::site::Plan;

/// The configuration that is in force. Threads look at the edition, which costs one load, and take
/// the plan when that is another one.
pub(crate) struct InForce {
    edition: AtomicU64,
    plan: Mutex<Plan>,
}

impl InForce {
    /// The first edition.
    pub(crate) fn new(plan: Plan) -> Self {
        Self { edition: AtomicU64::new(1), plan: Mutex::new(plan) }
    }

    /// The number of the plan that is in force.
    pub(crate) fn edition(&self) -> u64 {
        self.edition.load(Ordering::Acquire)
    }

    /// The plan that is in force, with its number.
    pub(crate) fn take(&self) -> (u64, Plan) {
        let plan = self.lock();
        // Under the lock, so that the two belong together.
        (self.edition(), plan.clone())
    }

    /// Puts another plan in force.
    pub(crate) fn replace(&self, next: Plan) {
        let mut plan = self.lock();
        *plan = next;
        self.edition.fetch_add(1, Ordering::Release);
    }

    fn lock(&self) -> MutexGuard<'_, Plan> {
        // A plan is replaced as a whole, so a panic elsewhere leaves nothing half done.
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
