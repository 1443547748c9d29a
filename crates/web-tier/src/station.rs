//! One worker thread from its start to its end, whatever the configuration says meanwhile.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use copal_protocol::state::State;
use copal_serve::workers::Workbench;
use tokio::task::spawn_local;

use crate::balance::bell::Bell;
use crate::forward::pool::Pool;
use crate::limits::{MAX_READY, SWEEP};
use crate::live::Live;
use crate::site::Site;
use crate::worker::Worker;

/// One worker thread from its start to its end.
pub(crate) struct Station {
    live: Arc<Live>,
    /// The number of the site that `worker` works by.
    number: Cell<u64>,
    worker: RefCell<Rc<Worker>>,
    /// How many connections are kept ready for their next request.
    ready: Cell<usize>,
}

/// The place of a connection that is kept ready for its next request.
pub(crate) struct Ready<'s>(&'s Cell<usize>);

impl Station {
    pub(crate) fn new(live: Arc<Live>, bell: &Bell, bench: Workbench, thread: u16) -> Self {
        let number = Cell::new(live.number());
        let worker = Rc::new(Worker::new(live.site(), bench, thread));
        let (pool, deadlines) = (Rc::clone(&worker.pool), Rc::clone(&worker.bench.deadlines));
        spawn_local(async move {
            let mut interval = tokio::time::interval(SWEEP);
            loop {
                interval.tick().await;
                pool.sweep(deadlines.ticks());
            }
        });
        let (pool, deadlines) = (Rc::clone(&worker.pool), Rc::clone(&worker.bench.deadlines));
        let (mut rings, at_work) = (bell.listen(), Arc::clone(&live));
        spawn_local(async move {
            while rings.rung().await {
                let_go(&at_work.site(), &pool);
                deadlines.wake_all();
            }
        });
        Self { live, number, worker: RefCell::new(worker), ready: Cell::new(0) }
    }

    /// The worker by the configuration in force.
    pub(crate) fn worker(&self) -> Rc<Worker> {
        let number = self.live.number();
        if number != self.number.get() {
            let worker = self.worker.borrow().by(self.live.site());
            self.worker.replace(Rc::new(worker));
            self.number.set(number);
        }
        Rc::clone(&self.worker.borrow())
    }

    /// A place for a connection to be kept ready, unless there are as many as may be.
    pub(crate) fn ready(&self) -> Option<Ready<'_>> {
        let count = self.ready.get();
        (count < MAX_READY).then(|| {
            self.ready.set(count + 1);
            Ready(&self.ready)
        })
    }
}

impl Drop for Ready<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get().saturating_sub(1));
    }
}

/// Closes the idle connections to servers that have gone or are about to: a server that stops waits
/// for them.
fn let_go(site: &Site, pool: &Pool) {
    for server in site.clusters.iter().flat_map(|cluster| &cluster.servers) {
        if matches!(server.state(), State::Down | State::Leaving) {
            pool.forget(server.record.number);
        }
    }
}
