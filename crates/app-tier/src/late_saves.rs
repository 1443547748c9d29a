//! Saves of sessions whose responses have left, on a thread of their own.

use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread::{Builder, JoinHandle};

use copal_session::error::Error;
use copal_session::session::Session;
use copal_session::sessions::{HeldSaves, Sessions};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

use crate::start_error::StartError;

type Save = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Saves of sessions whose responses have left. Nobody waits for them but the end of the server. Clones
/// are the same.
#[derive(Debug, Clone)]
pub(crate) struct LateSaves {
    sessions: Sessions,
    /// Gone when the server ends.
    sender: Arc<Mutex<Option<UnboundedSender<Save>>>>,
    thread: Arc<Mutex<Option<JoinHandle<()>>>>,
    failed: Arc<AtomicU64>,
}

/// What is saved of one session when this is dropped: with the body of the response.
#[derive(Debug)]
pub(crate) struct LateSave {
    saves: LateSaves,
    session: Session,
    web_app: String,
}

impl LateSaves {
    /// Starts their thread.
    pub(crate) fn start(sessions: Sessions) -> Result<Self, StartError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(StartError::Runtime)?;
        let (sender, saves) = unbounded_channel();
        let thread = Builder::new().name("late-saves".to_owned());
        let thread = thread.spawn(move || runtime.block_on(carry_out(saves)));
        let thread = thread.map_err(StartError::Runtime)?;
        Ok(Self {
            sessions,
            sender: Arc::new(Mutex::new(Some(sender))),
            thread: Arc::new(Mutex::new(Some(thread))),
            failed: Arc::default(),
        })
    }

    /// Saves of this session what is left for the end of the response, when the result is dropped.
    pub(crate) fn of(&self, session: &Session, web_app: &str) -> LateSave {
        LateSave { saves: self.clone(), session: session.clone(), web_app: web_app.to_owned() }
    }

    /// The sessions that are saved.
    pub(crate) const fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// How many sessions could not be saved after their response had left.
    pub(crate) fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }

    /// Returns when everything that was begun is saved, or has failed; no more is begun.
    pub(crate) fn end(&self) {
        drop(self.sender.lock().unwrap_or_else(PoisonError::into_inner).take());
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread that saves sessions had panicked");
        }
    }

    /// At the end of a server: saves what was kept back until now, as far as there is time until it is
    /// `over`. The other servers are still connected.
    pub(crate) async fn save_held(&self, over: impl Future<Output = ()>) {
        self.sessions.hold_back(false);
        let mut over = pin!(over);
        let mut total = HeldSaves::default();
        loop {
            let saves = tokio::select! {
                saves = self.sessions.save_held() => saves,
                () = over.as_mut() => break,
            };
            total.saved += saves.saved;
            total.ended += saves.ended;
            total.failed = saves.failed;
            if saves.failed == 0 {
                break;
            }
            tokio::select! {
                () = tokio::time::sleep(crate::limits::SAVE_AGAIN) => {}
                () = over.as_mut() => break,
            }
        }
        self.failed.fetch_add(total.failed, Ordering::Relaxed);
        if total.failed > 0 {
            tracing::error!(
                sessions = total.failed,
                "stops although it could not save sessions that it had kept back (save-mode \
                 \"on-shutdown\"): what was changed in them is lost"
            );
        }
        if total.saved > 0 {
            tracing::info!(sessions = total.saved, "saved what was kept back until the stop");
        }
    }

    fn begin(&self, save: impl Future<Output = ()> + Send + 'static) {
        let mut save: Save = Box::pin(save);
        // Begun here, before the last of the body leaves: whoever has read it finds the change.
        let mut context = Context::from_waker(Waker::noop());
        if save.as_mut().poll(&mut context) == Poll::Ready(()) {
            return;
        }
        let sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
        if sender.as_ref().is_none_or(|sender| sender.send(save).is_err()) {
            // What has begun goes on elsewhere; only its outcome is not heard any more.
            tracing::debug!("a session was being saved when the server ended");
        }
    }
}

impl Drop for LateSave {
    fn drop(&mut self) {
        let (session, sessions) = (self.session.clone(), self.saves.sessions.clone());
        let (web_app, failed) = (std::mem::take(&mut self.web_app), Arc::clone(&self.saves.failed));
        self.saves.begin(async move {
            if let Err(error) = sessions.finish(&session).await {
                failed.fetch_add(1, Ordering::Relaxed);
                complain(&web_app, &session, &error);
            }
        });
    }
}

fn complain(web_app: &str, session: &Session, error: &Error) {
    if error.is_the_clients_own() {
        tracing::debug!(web_app, ?session, %error, "a session was not saved after its response");
        return;
    }
    tracing::error!(
        web_app, ?session, %error,
        "a session was not saved after its response had left (save-mode \"after-request\"): the \
         client was told that all is well, and what the request changed may be lost"
    );
}

/// Carries them out, until no more can come and all have ended.
async fn carry_out(mut saves: UnboundedReceiver<Save>) {
    let mut running = JoinSet::new();
    loop {
        tokio::select! {
            save = saves.recv() => match save {
                Some(save) => drop(running.spawn(save)),
                None => break,
            },
            Some(ended) = running.join_next() => {
                if let Err(error) = ended {
                    tracing::error!(%error, "saving a session had panicked");
                }
            }
        }
    }
    while running.join_next().await.is_some() {}
}
