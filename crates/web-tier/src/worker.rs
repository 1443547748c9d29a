//! One worker thread: what its connections share, and nobody else touches.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use copal_route::table::Table;
use copal_serve::workers::Workbench;
use tokio::task::spawn_local;

use crate::balance::retry_budget::RetryBudget;
use crate::date::DateClock;
use crate::forward::pipes::Pipes;
use crate::forward::pool::Pool;
use crate::limits::SWEEP;
use crate::site::Site;

/// One worker thread: what its connections share, and nobody else touches.
#[derive(Debug)]
pub(crate) struct Worker {
    pub(crate) site: Arc<Site>,
    /// The thread's own: the patterns are shared, the memory they search with is not.
    pub(crate) table: Table,
    pub(crate) bench: Workbench,
    pub(crate) pool: Rc<Pool>,
    pub(crate) pipes: Pipes,
    pub(crate) dates: DateClock,
    pub(crate) budget: RetryBudget,
    /// Which thread of the process, in the upper bits; counts requests in the lower.
    request_count: Cell<u64>,
}

impl Worker {
    pub(crate) fn new(site: Arc<Site>, bench: Workbench, thread: u16) -> Self {
        let pool = Rc::new(Pool::new(site.idle_times()));
        let (swept, deadlines) = (Rc::clone(&pool), Rc::clone(&bench.deadlines));
        spawn_local(async move {
            let mut interval = tokio::time::interval(SWEEP);
            loop {
                interval.tick().await;
                swept.sweep(deadlines.ticks());
            }
        });
        let table = site.table.clone();
        Self {
            site,
            table,
            bench,
            pool,
            pipes: Pipes::default(),
            dates: DateClock::default(),
            budget: RetryBudget::default(),
            request_count: Cell::new(u64::from(thread) << 48),
        }
    }

    /// A number that no other request of the process has; never 0.
    pub(crate) fn next_request(&self) -> u64 {
        let next = self.request_count.get() + 1;
        self.request_count.set(next);
        next
    }
}
