//! One worker thread from its start to its end, whatever the configuration says meanwhile.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use copal_serve::workers::Workbench;
use tokio::task::spawn_local;

use crate::balance::bell::Bell;
use crate::limits::SWEEP;
use crate::live::Live;
use crate::worker::Worker;

/// One worker thread from its start to its end.
pub(crate) struct Station {
    live: Arc<Live>,
    /// The number of the site that `worker` works by.
    number: Cell<u64>,
    worker: RefCell<Rc<Worker>>,
}

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
        let (mut rings, deadlines) = (bell.listen(), Rc::clone(&worker.bench.deadlines));
        spawn_local(async move {
            while rings.rung().await {
                deadlines.wake_all();
            }
        });
        Self { live, number, worker: RefCell::new(worker) }
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
}
