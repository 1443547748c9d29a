//! The ring of a server while it runs: its threads, and how they end.

use std::fmt;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use copal_protocol::session_id::SessionId;
use copal_protocol::state::State;
use copal_replica::server_id::ServerId;
use tokio::runtime::LocalOptions;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::task::spawn_local;

use crate::ring::acceptance::{Guest, Reception};
use crate::ring::alarm::{Alarm, Said};
use crate::ring::census::Census;
use crate::ring::clockwork::clock;
use crate::ring::engine::Engine;
use crate::ring::joining::Joining;
use crate::ring::leaving::{self, Leave};
use crate::ring::limits::{CLOSE, TICK};
use crate::ring::line::LinkKind;
use crate::ring::links;
use crate::ring::plan::RingPlan;
use crate::ring::pulse;
use crate::ring::ring_error::RingError;
use crate::ring::roster::Roster;

/// The ring of a server while it runs. Clones are the same one.
#[derive(Clone)]
pub struct Ring {
    pub(crate) engine: Arc<Engine>,
    joining: Arc<Joining>,
    reception: Reception,
    threads: Arc<Threads>,
}

struct Threads {
    leave: UnboundedSender<Leave>,
    stop: watch::Sender<bool>,
    handles: std::sync::Mutex<Vec<JoinHandle<()>>>,
}

impl Ring {
    /// Starts it: one thread for what is said about sessions, one for heartbeats.
    ///
    /// # Errors
    /// When the system gives no thread, or a thread no runtime, and when the disk copy cannot be used.
    pub fn start(plan: RingPlan) -> Result<Self, RingError> {
        let engine = Arc::new(Engine::new(plan));
        let (safe, parts) = unbounded_channel();
        if let Some(disk) = &engine.plan.disk {
            engine.unpack(disk, safe)?;
        }
        let joining = Arc::new(Joining::begin(clock()));
        let (sessions, session_guests) = unbounded_channel();
        let (pulse, pulse_guests) = unbounded_channel();
        let (stop, stopped) = watch::channel(false);
        let (leave, leaves) = unbounded_channel();
        let talk = {
            let engine = Arc::clone(&engine);
            run("ring", stopped.clone(), move || {
                spawn_local(tick(Arc::clone(&engine)));
                spawn_local(release(Arc::clone(&engine), parts));
                spawn_local(leaving::see_off(Arc::clone(&engine), leaves));
                spawn_local(links::keep_all(engine, LinkKind::Sessions, session_guests));
            })?
        };
        let beat = {
            let (engine, joining) = (Arc::clone(&engine), Arc::clone(&joining));
            run("ring-pulse", stopped, move || begin_pulse(engine, joining, pulse_guests))?
        };
        let handles = std::sync::Mutex::new(vec![talk, beat]);
        let threads = Arc::new(Threads { leave, stop, handles });
        Ok(Self { engine, joining, reception: Reception { sessions, pulse }, threads })
    }

    /// Where connections of other servers are handed over.
    #[must_use]
    pub fn reception(&self) -> Reception {
        self.reception.clone()
    }

    /// The other servers are these from now on; this one stays what it is. Their sessions are given to
    /// those that stay.
    pub fn set_roster(&self, roster: Roster) {
        self.engine.set_roster(roster);
    }

    /// What this server does, when that is what its operator wants of it.
    #[must_use]
    pub fn state(&self, wished: State) -> State {
        self.joining.state(wished)
    }

    /// Whether there is another server that takes new sessions, as far as is known.
    #[must_use]
    pub fn has_ready_others(&self) -> bool {
        self.engine.liveness().ready(clock()).next().is_some()
    }

    /// The other servers that this one does not hear, in the order of their names.
    #[must_use]
    pub fn unheard(&self) -> Vec<String> {
        self.engine.unheard().iter().map(|id| id.as_str().to_owned()).collect()
    }

    /// Whether this server acts for the session of an id.
    #[must_use]
    pub fn acts_for(&self, id: &SessionId) -> bool {
        self.engine.acts_for(id.key())
    }

    /// What there is on this server, counted.
    #[must_use]
    pub fn census(&self) -> Census {
        self.engine.census()
    }

    /// Gives the sessions of this server to others, and then ends its threads. Returns when that is done,
    /// when there is nobody to give them to, or when it is `over`. The server must say that it is leaving.
    pub fn leave(&self, over: impl Fn() -> bool + Send + 'static) {
        self.tell_who_stays();
        let (done, is_done) = std::sync::mpsc::channel();
        let leave = Leave { over: Box::new(over), done };
        // A thread that has ended gives nothing away any more.
        let sent = self.threads.leave.send(leave).is_ok();
        let left = sent.then(|| is_done.recv().ok()).flatten().unwrap_or_else(|| self.census().own);
        if left > 0 {
            tracing::warn!(
                sessions = left,
                "stops although it could not give all of its sessions to another server; what is left \
                 of them is where there are copies"
            );
        }
        self.stop();
    }

    fn tell_who_stays(&self) {
        let roster = self.engine.roster();
        let ready = self.engine.ready();
        if let ([last], true) = (&*ready, self.engine.plan.safety.copies > 1) {
            let server = roster.at(*last);
            tracing::warn!(
                server = server.as_ref().map(ServerId::as_str),
                "one copy of each session remains, on the last server that is ready; until another one \
                 is, nothing may happen to it"
            );
        }
    }

    /// Ends its threads, and with them its connections.
    pub fn stop(&self) {
        self.threads.stop.send_replace(true);
        let handles = self.threads.handles.lock();
        let handles = handles.unwrap_or_else(std::sync::PoisonError::into_inner).split_off(0);
        for handle in handles {
            if handle.join().is_err() {
                tracing::error!("a thread of the ring had panicked");
            }
        }
        if let Some(shelf) = self.engine.shelf() {
            shelf.close(CLOSE);
        }
    }
}

impl fmt::Debug for Ring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ring(..)")
    }
}

fn begin_pulse(engine: Arc<Engine>, joining: Arc<Joining>, guests: UnboundedReceiver<Guest>) {
    spawn_local(pulse::beat(Arc::clone(&engine), joining));
    spawn_local(links::keep_all(engine, LinkKind::Pulse, guests));
}

/// Runs what `begin` spawns on a thread of its own, until it is to stop.
fn run(
    name: &str,
    mut stopped: watch::Receiver<bool>,
    begin: impl FnOnce() + Send + 'static,
) -> std::io::Result<JoinHandle<()>> {
    let (ready, is_ready) = std::sync::mpsc::channel();
    let handle = Builder::new().name(name.to_owned()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build_local(LocalOptions::default());
        match runtime {
            Ok(runtime) => {
                drop(ready.send(Ok(())));
                runtime.block_on(async move {
                    begin();
                    // Whoever started it has gone, or wants it to stop: both are the end.
                    let _ = stopped.wait_for(|stop| *stop).await;
                });
            }
            Err(error) => drop(ready.send(Err(error))),
        }
    })?;
    is_ready.recv().unwrap_or_else(|_| Err(std::io::Error::other("it ended at once")))?;
    Ok(handle)
}

async fn tick(engine: Arc<Engine>) {
    let mut times = tokio::time::interval(TICK);
    times.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut alarm = Alarm::default();
    loop {
        times.tick().await;
        engine.tick();
        engine.mind_the_disk();
        let said = alarm.look(clock(), &engine.counts(), || engine.census().short);
        said.into_iter().for_each(Said::tell);
    }
}

/// Says what had to wait for the disk.
async fn release(engine: Arc<Engine>, mut parts: UnboundedReceiver<usize>) {
    while let Some(part) = parts.recv().await {
        engine.release(part);
    }
}
