//! The worker threads of a server: each accepts, serves and stops by itself.

use std::io;
use std::net::TcpListener;
use std::num::NonZeroUsize;
use std::rc::Rc;
use std::sync::mpsc;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use tokio::runtime::LocalOptions;
use tokio::task::{JoinHandle as JoinTask, spawn_local};

use crate::accepted::DoorIndex;
use crate::buffer::Buffers;
use crate::connection_cap::ConnectionCap;
use crate::deadlines::Deadlines;
use crate::door::{Door, Doorway, Open, Worker};
use crate::drain::{Drain, Phase};
use crate::error::ServeError;
use crate::listener;
use crate::turnstile::Turnstile;

/// What is to be run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The listeners; a [`DoorIndex`] is a position in this list.
    pub doors: Vec<Door>,
    /// How many threads.
    pub threads: NonZeroUsize,
    /// How many connections of counted doors.
    pub cap: ConnectionCap,
    /// Tells the threads to stop.
    pub drain: Drain,
}

/// What a worker thread lends to its connections.
#[derive(Debug, Clone)]
pub struct Workbench {
    /// Its deadlines.
    pub deadlines: Rc<Deadlines>,
    /// Its buffers.
    pub buffers: Rc<Buffers>,
    /// Where bodies wait for each other.
    pub turnstile: Rc<Turnstile>,
    /// Whether the server stops.
    pub drain: Drain,
}

/// The threads of a server that listens.
#[derive(Debug)]
pub struct Workers {
    threads: Vec<JoinHandle<()>>,
}

impl Workers {
    /// Returns when the last thread has ended. A thread that panicked is reported as `false`.
    #[must_use]
    pub fn wait(self) -> bool {
        // Every thread is joined, also after one that panicked.
        let ended: Vec<bool> = self.threads.into_iter().map(|t| t.join().is_ok()).collect();
        ended.into_iter().all(|well| well)
    }
}

/// The doors of a server, open: whoever connects waits until there are threads.
#[derive(Debug)]
pub struct Bound<'p> {
    plan: &'p Plan,
    /// What each thread gets.
    benches: Vec<Vec<TcpListener>>,
}

/// Listens on every door and starts the threads. Connections are taken when this returns.
///
/// # Errors
/// When a door cannot be opened, nothing is started at all.
pub fn run<W: Worker>(
    plan: &Plan,
    make: impl Fn(Workbench) -> W + Clone + Send + 'static,
) -> Result<Workers, ServeError> {
    bind(plan)?.run(make)
}

/// Listens on every door.
///
/// # Errors
/// When a door cannot be opened: then none is.
pub fn bind(plan: &Plan) -> Result<Bound<'_>, ServeError> {
    let count = plan.threads.get();
    let mut benches: Vec<Vec<TcpListener>> = (0..count).map(|_| Vec::new()).collect();
    for door in &plan.doors {
        let sockets = listener::bind(door.address, count)?;
        benches.iter_mut().zip(sockets).for_each(|(bench, socket)| bench.push(socket));
    }
    Ok(Bound { plan, benches })
}

impl Bound<'_> {
    /// Starts the threads. Connections are taken when this returns.
    ///
    /// # Errors
    /// When the system gives no thread, or a thread no runtime: then nothing goes on.
    pub fn run<W: Worker>(
        self,
        make: impl Fn(Workbench) -> W + Clone + Send + 'static,
    ) -> Result<Workers, ServeError> {
        start(self.plan, self.benches, make)
    }
}

fn start<W: Worker>(
    plan: &Plan,
    benches: Vec<Vec<TcpListener>>,
    make: impl Fn(Workbench) -> W + Clone + Send + 'static,
) -> Result<Workers, ServeError> {
    let count = benches.len();
    let (report, reports) = mpsc::channel();
    let mut threads = Vec::with_capacity(count);
    for (number, sockets) in benches.into_iter().enumerate() {
        let (plan, make, report) = (plan.clone(), make.clone(), report.clone());
        let thread = Builder::new()
            .name(format!("worker-{number}"))
            .spawn(move || work(&plan, sockets, make, report))
            .map_err(ServeError::Thread)?;
        threads.push(thread);
    }
    drop(report);
    // Each thread reports once and lets go of its end, also when it panics.
    let mut begun = 0;
    for report in reports {
        if let Err(error) = report {
            plan.drain.cut();
            return Err(ServeError::Thread(error));
        }
        begun += 1;
    }
    if begun < count {
        plan.drain.cut();
        return Err(ServeError::Thread(io::Error::other("it ended at once; the log says why")));
    }
    for door in &plan.doors {
        tracing::info!(address = %door.address, "listening");
    }
    Ok(Workers { threads })
}

/// The life of one worker thread. It reports once, as soon as it accepts or cannot.
fn work<W: Worker>(
    plan: &Plan,
    sockets: Vec<TcpListener>,
    make: impl FnOnce(Workbench) -> W,
    report: mpsc::Sender<io::Result<()>>,
) {
    let built = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build_local(LocalOptions::default());
    // The receiver only goes away when another thread failed, and then we are being stopped.
    // Once, and then our end is let go of: whoever starts the threads waits for that.
    let tell = move |result| {
        let report = report;
        drop(report.send(result));
    };
    let runtime = match built {
        Ok(runtime) => runtime,
        Err(error) => return tell(Err(error)),
    };
    runtime.block_on(async {
        let bench = Workbench {
            deadlines: Rc::default(),
            buffers: Rc::default(),
            turnstile: Rc::default(),
            drain: plan.drain.clone(),
        };
        let deadlines = Rc::clone(&bench.deadlines);
        spawn_local(Rc::clone(&deadlines).run());
        spawn_local(Rc::clone(&bench.turnstile).run());
        let open = Rc::new(Open::default());
        let doors = match doors(plan, sockets, Rc::new(make(bench)), &open) {
            Ok(doors) => doors,
            Err(error) => return tell(Err(error)),
        };
        tell(Ok(()));
        plan.drain.reached(Phase::Draining).await;
        // Idle connections wait on a deadline; they look now whether the server stops.
        deadlines.wake_all();
        let finished = async {
            for door in doors {
                // A door that panicked has said so; the others are waited for all the same.
                drop(door.await);
            }
            open.none().await;
        };
        tokio::select! {
            () = finished => {}
            () = plan.drain.reached(Phase::Cut) => {
                let left = open.count();
                if left > 0 {
                    tracing::warn!(connections = left, "cut off what had not finished");
                }
            }
        }
    });
    // A name may be looked up still, or a disk not answer; nobody needs what comes of it.
    runtime.shutdown_background();
}

/// Begins to take connections.
fn doors<W: Worker>(
    plan: &Plan,
    sockets: Vec<TcpListener>,
    worker: Rc<W>,
    open: &Rc<Open>,
) -> io::Result<Vec<JoinTask<()>>> {
    let mut doors = Vec::with_capacity(sockets.len());
    for (index, socket) in sockets.into_iter().enumerate() {
        let listener = tokio::net::TcpListener::from_std(socket)?;
        let doorway = Doorway {
            worker: Rc::clone(&worker),
            open: Rc::clone(open),
            cap: plan.doors.get(index).filter(|door| door.counted).map(|_| plan.cap.clone()),
            door: DoorIndex(index),
            lingers: plan.doors.get(index).map_or(Duration::ZERO, |door| door.lingers),
            stays: plan.doors.get(index).is_some_and(|door| door.stays),
            drain: plan.drain.clone(),
        };
        doors.push(spawn_local(doorway.accept(listener)));
    }
    Ok(doors)
}
