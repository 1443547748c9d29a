//! One worker thread by one reading of the configuration: what its connections share.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use copal_route::table::Table;
use copal_serve::workers::Workbench;

use crate::balance::record::Record;
use crate::date::DateClock;
use crate::forward::pipes::Pipes;
use crate::forward::pool::Pool;
use crate::site::Site;
use crate::tally::{ServerTally, ThreadTally};

/// One worker thread by one reading of the configuration: what its connections share, and nobody
/// else touches.
#[derive(Debug)]
pub(crate) struct Worker {
    pub(crate) site: Arc<Site>,
    /// The thread's own: the patterns are shared, the memory they search with is not.
    pub(crate) table: Table,
    pub(crate) bench: Workbench,
    pub(crate) pool: Rc<Pool>,
    pub(crate) pipes: Rc<Pipes>,
    pub(crate) dates: Rc<DateClock>,
    pub(crate) tally: Arc<ThreadTally>,
    /// By the number of the server's record.
    server_tallies: RefCell<Vec<Option<Arc<ServerTally>>>>,
    /// Which thread of the process, in the upper bits; counts requests in the lower.
    request_count: Rc<Cell<u64>>,
}

impl Worker {
    pub(crate) fn new(site: Arc<Site>, bench: Workbench, thread: u16) -> Self {
        Self {
            table: site.table.clone(),
            bench,
            pool: Rc::default(),
            pipes: Rc::default(),
            dates: Rc::default(),
            tally: site.household.tally(),
            server_tallies: RefCell::default(),
            request_count: Rc::new(Cell::new(u64::from(thread) << 48)),
            site,
        }
    }

    /// The same thread by another reading of the configuration.
    pub(crate) fn by(&self, site: Arc<Site>) -> Self {
        let servers = site.clusters.iter().flat_map(|cluster| &cluster.servers);
        let mut kept = Vec::new();
        for number in servers.map(|server| server.record.number) {
            if let Some(Some(tally)) = self.server_tallies.borrow().get(number) {
                put(&mut kept, number, Arc::clone(tally));
            }
        }
        Self {
            table: site.table.clone(),
            bench: self.bench.clone(),
            pool: Rc::clone(&self.pool),
            pipes: Rc::clone(&self.pipes),
            dates: Rc::clone(&self.dates),
            tally: Arc::clone(&self.tally),
            server_tallies: RefCell::new(kept),
            request_count: Rc::clone(&self.request_count),
            site,
        }
    }

    /// A number that no other request of the process has; never 0.
    pub(crate) fn next_request(&self) -> u64 {
        let next = self.request_count.get() + 1;
        self.request_count.set(next);
        next
    }

    /// What this thread counts of a server.
    pub(crate) fn server_tally(&self, record: &Record) -> Arc<ServerTally> {
        let mut tallies = self.server_tallies.borrow_mut();
        if let Some(Some(tally)) = tallies.get(record.number) {
            return Arc::clone(tally);
        }
        let tally = record.tally();
        put(&mut tallies, record.number, Arc::clone(&tally));
        tally
    }
}

fn put(tallies: &mut Vec<Option<Arc<ServerTally>>>, number: usize, tally: Arc<ServerTally>) {
    if tallies.len() <= number {
        tallies.resize(number + 1, None);
    }
    if let Some(place) = tallies.get_mut(number) {
        *place = Some(tally);
    }
}
