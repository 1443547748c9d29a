//! An upgraded connection: bytes both ways, until both sides are done or both are silent.

use std::cell::Cell;
use std::io;
use std::time::Duration;

use copal_serve::buffer::Buffer;
use copal_serve::deadlines::Deadline;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

use crate::client::Client;
use crate::forward::upstream::Upstream;
use crate::worker::Worker;

/// Carries bytes both ways. What either side sent too early goes first.
///
/// Says whether both sides came to their end; else one of them may still have bytes to come that
/// nobody takes.
pub(crate) async fn run(worker: &Worker, client: &mut Client, mut upstream: Upstream) -> bool {
    let idle = worker.site.limits.tunnel_idle_timeout;
    let second_wait = worker.bench.deadlines.slot();
    let moved = Cell::new(0);
    let Client { stream, inbox, wait, .. } = client;
    let (mut from_client, mut to_client) = stream.split();
    let (mut from_server, mut to_server) = upstream.stream.split();
    let up = Direction { wait, idle, moved: &moved };
    let down = Direction { wait: &second_wait, idle, moved: &moved };
    let ended = tokio::try_join!(
        up.run(&mut from_client, inbox, &mut to_server),
        down.run(&mut from_server, &mut upstream.inbox, &mut to_client),
    );
    tracing::debug!(?ended, "a tunnel ended");
    ended.is_ok()
}

/// One direction of a tunnel.
struct Direction<'t> {
    wait: &'t Deadline,
    idle: Duration,
    /// Moves when either direction does, so that silence means silence of both.
    moved: &'t Cell<u64>,
}

impl Direction<'_> {
    async fn run(
        &self,
        from: &mut (impl AsyncRead + Unpin),
        inbox: &mut Buffer,
        to: &mut (impl AsyncWrite + Unpin),
    ) -> io::Result<()> {
        loop {
            if !inbox.is_empty() {
                self.patiently(to.write_all(inbox.data())).await?;
                self.patiently(to.flush()).await?;
                let length = inbox.data().len();
                inbox.consume(length);
                self.moved.set(self.moved.get() + 1);
            }
            if self.patiently(inbox.read(from)).await? == 0 {
                // The other direction may go on: half a close is a close of half.
                return to.shutdown().await;
            }
        }
    }

    /// Waits as long as the other direction moves.
    async fn patiently<T>(&self, step: impl Future<Output = io::Result<T>>) -> io::Result<T> {
        let mut step = std::pin::pin!(step);
        loop {
            let before = self.moved.get();
            match self.wait.within(self.idle, step.as_mut()).await {
                Ok(done) => return done,
                Err(_) if self.moved.get() != before => {}
                Err(_) => return Err(io::ErrorKind::TimedOut.into()),
            }
        }
    }
}
