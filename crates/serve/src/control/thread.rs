//! The thread on which the desk lives.

use std::convert::Infallible;
use std::io;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::rc::Rc;
use std::sync::mpsc;
use std::thread::{Builder, JoinHandle};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::LocalOptions;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;
use tokio::task::spawn_local;

use crate::control::connection::Connection;
use crate::control::gate::Gate;
use crate::control::limits::{ACCEPT_PAUSE, ADMIN_CONNECTIONS, CONNECTIONS, END_TIME};
use crate::control::peer::Peer;
use crate::control::places::Places;
use crate::control::reception::Reception;
use crate::control::socket::SocketFile;
use crate::desk::Desk;
use crate::drain::{Drain, Phase};
use crate::error::ServeError;

/// Where requests come in.
#[derive(Debug)]
pub(crate) struct Entrances {
    pub(crate) socket: UnixListener,
    /// Removed when the thread ends.
    pub(crate) file: SocketFile,
    pub(crate) admin: Option<(TcpListener, Gate)>,
}

/// The thread on which the desk lives. It is stopped when this is dropped.
#[derive(Debug)]
pub(crate) struct ControlThread {
    /// The thread stops when this goes.
    stop: Option<oneshot::Sender<()>>,
    /// The other end goes when the thread has ended.
    ended: mpsc::Receiver<Infallible>,
    thread: Option<JoinHandle<()>>,
}

impl ControlThread {
    /// Starts it, and returns when requests are answered.
    pub(crate) fn start<D: Desk>(
        entrances: Entrances,
        drain: Drain,
        make: impl FnOnce() -> D + Send + 'static,
    ) -> Result<Self, ServeError> {
        let (stop, stopped) = oneshot::channel();
        let (report, reports) = mpsc::channel();
        let (end, ended) = mpsc::channel();
        let thread = Builder::new()
            .name("control".to_owned())
            .spawn(move || {
                let _end = end;
                live(entrances, make, report, stopped, &drain);
            })
            .map_err(ServeError::Thread)?;
        let thread = Self { stop: Some(stop), ended, thread: Some(thread) };
        match reports.recv() {
            Ok(begun) => begun.map(|()| thread),
            Err(_) => Err(ServeError::Thread(io::Error::other(
                "the control thread ended at once; the log says why",
            ))),
        }
    }

    /// Stops it, and returns when it has ended; `false` when it panicked. One that does not end in
    /// time is left behind: the process must be able to end.
    pub(crate) fn end(&mut self) -> bool {
        drop(self.stop.take());
        let Some(thread) = self.thread.take() else { return true };
        if self.ended.recv_timeout(END_TIME) == Err(mpsc::RecvTimeoutError::Timeout) {
            tracing::warn!("the control thread does not end and is left behind");
            return true;
        }
        thread.join().is_ok()
    }
}

impl Drop for ControlThread {
    fn drop(&mut self) {
        // One that panicked has said so.
        let _ = self.end();
    }
}

/// The life of the thread. It reports once, as soon as it answers or cannot.
fn live<D: Desk>(
    entrances: Entrances,
    make: impl FnOnce() -> D,
    report: mpsc::Sender<Result<(), ServeError>>,
    stopped: oneshot::Receiver<()>,
    drain: &Drain,
) {
    let Entrances { socket, file, admin } = entrances;
    let built = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build_local(LocalOptions::default());
    let begin = || {
        // First of all: from here on SIGHUP does not end the process.
        let hang_ups = signal(SignalKind::hangup()).map_err(ServeError::Signals)?;
        let socket = tokio::net::UnixListener::from_std(socket).map_err(ServeError::Thread)?;
        let admin = match admin {
            Some((listener, gate)) => {
                let listener = tokio::net::TcpListener::from_std(listener);
                Some((listener.map_err(ServeError::Thread)?, gate))
            }
            None => None,
        };
        let reception = Rc::new(Reception::new(make()));
        spawn_local(obey(hang_ups, Rc::clone(&reception)));
        spawn_local(listen_on_socket(socket, Rc::clone(&reception)));
        if let Some((listener, gate)) = admin {
            spawn_local(listen_as_admin(listener, gate, reception));
        }
        Ok(())
    };
    // Whoever starts the thread waits for one report, and has gone only after it.
    match built {
        Err(error) => drop(report.send(Err(ServeError::Thread(error)))),
        Ok(runtime) => {
            runtime.block_on(async {
                let begun = begin();
                let well = begun.is_ok();
                drop(report.send(begun));
                drop(report);
                if well {
                    tokio::select! {
                        // It never gets a word: the other end goes.
                        _ = stopped => {}
                        () = drain.reached(Phase::Cut) => {}
                    }
                }
            });
            // A reload may wait for a disk that never answers, and a check for a name.
            runtime.shutdown_background();
        }
    }
    drop(file);
}

/// SIGHUP is the same as `POST /reload`.
async fn obey<D: Desk>(mut hang_ups: Signal, reception: Rc<Reception<D>>) {
    while hang_ups.recv().await.is_some() {
        let reception = Rc::clone(&reception);
        // A task of its own: a desk that panics must be able to hear the next signal.
        let reload = spawn_local(async move { reception.reload(Peer::Signal).await.is_ok() });
        // What came of it is in the log.
        drop(reload.await);
    }
}

async fn listen_on_socket<D: Desk>(
    listener: tokio::net::UnixListener,
    reception: Rc<Reception<D>>,
) {
    let next = async || {
        let (stream, _) = listener.accept().await?;
        let peer = Peer::from(stream.peer_cred()?);
        Ok((stream, peer))
    };
    accept(next, CONNECTIONS, Gate::Socket, reception).await;
}

async fn listen_as_admin<D: Desk>(
    listener: tokio::net::TcpListener,
    gate: Gate,
    reception: Rc<Reception<D>>,
) {
    let next = async || {
        let (stream, peer) = listener.accept().await?;
        stream.set_nodelay(true)?;
        Ok((stream, Peer::Address(peer)))
    };
    accept(next, ADMIN_CONNECTIONS, gate, reception).await;
}

async fn accept<S, D>(
    next: impl AsyncFn() -> io::Result<(S, Peer)>,
    places: usize,
    gate: Gate,
    reception: Rc<Reception<D>>,
) where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
    D: Desk,
{
    let gate = Rc::new(gate);
    let places = Places::new(places);
    loop {
        match next().await {
            Ok((stream, peer)) => {
                let connection = Connection::new(stream, places.take().await);
                let (gate, reception) = (Rc::clone(&gate), Rc::clone(&reception));
                spawn_local(async move { connection.serve(&reception, &gate, peer).await });
            }
            Err(error) => {
                tracing::debug!(%error, "a control connection was not accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}
