//! The ring of a server while it runs: its threads, and how they end.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};

use copal_protocol::session_id::SessionId;
use copal_protocol::state::State;
use copal_replica::server_id::ServerId;
use tokio::runtime::LocalOptions;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{oneshot, watch};

use crate::ring::acceptance::{Guest, Reception};
use crate::ring::alarm::{Alarm, Said};
use crate::ring::census::Census;
use crate::ring::clockwork::clock;
use crate::ring::engine::Engine;
use crate::ring::flood::Flood;
use crate::ring::joining::Joining;
use crate::ring::leaving::{self, Leave, Left};
use crate::ring::limits::{CLOSE, TICK};
use crate::ring::line::LinkKind;
use crate::ring::links;
use crate::ring::panics;
use crate::ring::plan::RingPlan;
use crate::ring::pulse;
use crate::ring::reading;
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
    /// What they take in, until they are started.
    intake: Mutex<Option<Intake>>,
    handles: Mutex<Vec<JoinHandle<()>>>,
}

/// What the threads take in.
struct Intake {
    sessions: UnboundedReceiver<Guest>,
    pulse: UnboundedReceiver<Guest>,
    /// Parts of all sessions of which something is on the disk.
    parts: UnboundedReceiver<usize>,
    leaves: UnboundedReceiver<Leave>,
}

impl Ring {
    /// Opens and begins it.
    ///
    /// # Errors
    /// As those two.
    pub fn start(plan: RingPlan) -> Result<Self, RingError> {
        let ring = Self::open(plan)?;
        ring.begin()?;
        Ok(ring)
    }

    /// Opens it: takes in what the disk has. No other server hears of this start before it
    /// [begins](Self::begin): they take the start before that for ended.
    ///
    /// # Errors
    /// When the disk copy cannot be used.
    pub fn open(plan: RingPlan) -> Result<Self, RingError> {
        let engine = Arc::new(Engine::new(plan));
        let (safe, parts) = unbounded_channel();
        if let Some(disk) = &engine.plan.disk {
            let wanted = engine.unpack(disk, safe)?;
            reading::start(&engine, wanted)?;
        }
        let joining = Arc::new(Joining::begin(clock()));
        let (sessions, session_guests) = unbounded_channel();
        let (pulse, pulse_guests) = unbounded_channel();
        let (stop, _) = watch::channel(false);
        let (leave, leaves) = unbounded_channel();
        let intake = Intake { sessions: session_guests, pulse: pulse_guests, parts, leaves };
        let intake = Mutex::new(Some(intake));
        let threads = Arc::new(Threads { leave, stop, intake, handles: Mutex::default() });
        Ok(Self { engine, joining, reception: Reception { sessions, pulse }, threads })
    }

    /// Starts its threads, one for what is said about sessions and one for heartbeats: from now on it
    /// calls other servers. A second time it does nothing.
    ///
    /// # Errors
    /// When the system gives no thread, or a thread no runtime. Then it is to be stopped.
    pub fn begin(&self) -> Result<(), RingError> {
        let Some(intake) = lock(&self.threads.intake).take() else { return Ok(()) };
        let Intake { sessions, pulse, parts, leaves } = intake;
        let stop = &self.threads.stop;
        let engine = Arc::clone(&self.engine);
        let talk = run("ring", stop.subscribe(), move || {
            panics::spawn(tick(Arc::clone(&engine)));
            panics::spawn(follow(Arc::clone(&engine)));
            panics::spawn(release(Arc::clone(&engine), parts));
            panics::spawn(leaving::see_off(Arc::clone(&engine), leaves));
            panics::spawn(links::keep_all(engine, LinkKind::Sessions, sessions));
        })?;
        lock(&self.threads.handles).push(talk);
        let (engine, joining) = (Arc::clone(&self.engine), Arc::clone(&self.joining));
        let beat =
            run("ring-pulse", stop.subscribe(), move || begin_pulse(engine, joining, pulse))?;
        lock(&self.threads.handles).push(beat);
        Ok(())
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

    /// Returns when the other servers have what they need of the sessions of this one, as far as there are
    /// any, or when it is `over`. The server must say that it is leaving.
    pub async fn given_away(&self, over: impl Fn() -> bool + Send + 'static) {
        let (done, is_done) = oneshot::channel();
        self.give_away(over, move |left| {
            // Whoever asked may have gone.
            let _ = done.send(left);
        });
        // A thread that has ended gives nothing away any more.
        let _ = is_done.await;
    }

    /// The same, and then ends its threads.
    pub fn leave(&self, over: impl Fn() -> bool + Send + 'static) {
        self.tell_who_stays();
        let (done, is_done) = std::sync::mpsc::channel();
        self.give_away(over, move |left| {
            let _ = done.send(left);
        });
        let left = is_done.recv().unwrap_or_else(|_| self.engine.left());
        // Of one that is alone they are in its memory, and on its disk if it has one.
        if left != Left::default() && !self.engine.roster().others.is_empty() {
            tracing::warn!(
                sessions = left.own,
                copies = left.copies,
                "stops although other servers do not have everything: `sessions` could not be given to \
                 any, and go on where there are copies; of `copies` there is one copy too few until \
                 others are made"
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

    fn give_away(
        &self,
        over: impl Fn() -> bool + Send + 'static,
        done: impl FnOnce(Left) + Send + 'static,
    ) {
        // A thread that has ended drops it, and with it `done`.
        let _ = self.threads.leave.send(Leave { over: Box::new(over), done: Box::new(done) });
    }

    /// Ends its threads, and with them its connections.
    pub fn stop(&self) {
        self.threads.stop.send_replace(true);
        let handles = lock(&self.threads.handles).split_off(0);
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn begin_pulse(engine: Arc<Engine>, joining: Arc<Joining>, guests: UnboundedReceiver<Guest>) {
    panics::spawn(pulse::beat(Arc::clone(&engine), joining));
    panics::spawn(links::keep_all(engine, LinkKind::Pulse, guests));
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
                // A name may be looked up still; nobody needs what comes of it.
                runtime.shutdown_background();
            }
            Err(error) => drop(ready.send(Err(error))),
        }
    })?;
    is_ready.recv().unwrap_or_else(|_| Err(std::io::Error::other("it ended at once")))?;
    Ok(handle)
}

async fn tick(engine: Arc<Engine>) {
    let mut flood = Flood::default();
    let mut times = tokio::time::interval(TICK);
    times.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut alarm = Alarm::default();
    loop {
        times.tick().await;
        engine.tick();
        engine.mind_the_disk();
        let said = alarm.look(clock(), &engine.counts(), || engine.census().short);
        said.into_iter().for_each(Said::tell);
        engine.make_room();
        flood.watch(&engine, clock());
    }
}

async fn follow(engine: Arc<Engine>) {
    engine.follow_connections().await;
}

/// Says what had to wait for the disk.
async fn release(engine: Arc<Engine>, mut parts: UnboundedReceiver<usize>) {
    while let Some(part) = parts.recv().await {
        engine.release(part);
    }
}
