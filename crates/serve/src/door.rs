//! One listener of a server: connections are taken here, one thread's share of them.

use std::cell::Cell;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::spawn_local;

use crate::accepted::{Accepted, DoorIndex};
use crate::connection_cap::ConnectionCap;
use crate::drain::{Drain, Phase};

/// A listener of a server.
#[derive(Debug, Clone, Copy)]
pub struct Door {
    /// Where it listens.
    pub address: SocketAddr,
    /// Whether its connections count against `max-connections`; those of other servers do not.
    pub counted: bool,
    /// How long it still takes connections once the server stops, for those who have not heard of it
    /// yet: in the moment in which a port is closed, whoever just connected is lost.
    pub lingers: Duration,
    /// Whether it is needed while the server stops: then it is open until [`Phase::Closing`], too.
    pub stays: bool,
}

/// What serves the connections of one thread. Built on that thread; never leaves it.
pub trait Worker: 'static {
    /// Serves one connection to its end.
    fn serve(self: Rc<Self>, accepted: Accepted) -> impl Future<Output = ()> + 'static;
}

/// What one listener of one thread needs to take connections.
pub(crate) struct Doorway<W> {
    pub(crate) worker: Rc<W>,
    pub(crate) open: Rc<Open>,
    pub(crate) cap: Option<ConnectionCap>,
    pub(crate) door: DoorIndex,
    pub(crate) lingers: Duration,
    pub(crate) stays: bool,
    pub(crate) drain: Drain,
}

impl<W: Worker> Doorway<W> {
    /// Takes connections until the server stops.
    pub(crate) async fn accept(self, listener: tokio::net::TcpListener) {
        let mut stopping = pin!(self.closing_time());
        let mut out_of_files = false;
        loop {
            let next = tokio::select! {
                biased;
                next = listener.accept() => next,
                () = &mut stopping => break,
            };
            match next {
                Ok((stream, peer)) => {
                    out_of_files = false;
                    self.take(stream, peer).await;
                }
                Err(error) if is_out_of_files(&error) => {
                    // Once per change of state: this would fill the disk, too.
                    if !std::mem::replace(&mut out_of_files, true) {
                        tracing::error!(%error, "cannot accept connections: raise the open-file limit (ulimit -n)");
                    }
                    tokio::time::sleep(OUT_OF_FILES_PAUSE).await;
                }
                Err(error) => {
                    tracing::debug!(%error, "a connection was gone before it was accepted")
                }
            }
        }
        self.take_the_last(listener).await;
    }

    /// Returns when no more connections are to be taken.
    async fn closing_time(&self) {
        self.drain.reached(Phase::Draining).await;
        let closes = async {
            tokio::time::sleep(self.lingers).await;
            if self.stays {
                self.drain.reached(Phase::Closing).await;
            }
        };
        tokio::select! {
            () = closes => {}
            () = self.drain.reached(Phase::Cut) => {}
        }
    }

    /// Whoever is in the kernel's queue by now was told that somebody listens here.
    async fn take_the_last(&self, listener: tokio::net::TcpListener) {
        let listener = match listener.into_std() {
            Ok(listener) => listener,
            Err(error) => return tracing::warn!(%error, "queued connections were not taken"),
        };
        while let Ok((stream, peer)) = listener.accept() {
            let stream = stream.set_nonblocking(true).and_then(|()| TcpStream::from_std(stream));
            match stream {
                Ok(stream) => self.take(stream, peer).await,
                Err(error) => tracing::debug!(%peer, %error, "the connection was gone at once"),
            }
        }
    }

    async fn take(&self, stream: TcpStream, peer: SocketAddr) {
        let place = match &self.cap {
            Some(cap) => cap.place().await,
            None => None,
        };
        let local = match stream.local_addr() {
            Ok(local) => local,
            Err(error) => return tracing::debug!(%peer, %error, "the connection was gone at once"),
        };
        let accepted = Accepted { stream, peer, local, door: self.door, place };
        let guest = Guest::enter(&self.open);
        // Boxed: what is awaited by value stands twice in the future that awaits it, and idle
        // connections are as large as that.
        let serving = Box::pin(Rc::clone(&self.worker).serve(accepted));
        spawn_local(async move {
            serving.await;
            drop(guest);
        });
    }
}

/// How long accepting rests when there are no files left.
const OUT_OF_FILES_PAUSE: Duration = Duration::from_millis(100);

/// Whether the process or the system has no files left. Any other failure of an accept says
/// nothing about the next one.
fn is_out_of_files(error: &io::Error) -> bool {
    const ENFILE: i32 = 23;
    const EMFILE: i32 = 24;
    matches!(error.raw_os_error(), Some(ENFILE | EMFILE))
}

/// How many connections of a thread are open.
#[derive(Debug, Default)]
pub(crate) struct Open {
    count: Cell<usize>,
    empty: Notify,
}

impl Open {
    pub(crate) fn count(&self) -> usize {
        self.count.get()
    }

    pub(crate) async fn none(&self) {
        while self.count.get() > 0 {
            self.empty.notified().await;
        }
    }
}

/// One open connection.
struct Guest(Rc<Open>);

impl Guest {
    fn enter(open: &Rc<Open>) -> Self {
        open.count.set(open.count.get() + 1);
        Self(Rc::clone(open))
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.0.count.set(self.0.count.get() - 1);
        if self.0.count.get() == 0 {
            self.0.empty.notify_one();
        }
    }
}
