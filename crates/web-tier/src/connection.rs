//! One client connection: request after request, until one side has enough.

use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use copal_serve::accepted::Accepted;
use copal_serve::deadlines::{Elapsed, TICK, ticks_in};
use copal_serve::drain::Drain;
use socket2::SockRef;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::after::After;
use crate::client::Client;
use crate::exchange;
use crate::limits::{LAST_WORD, LINGER_SILENCE, LINGER_TIME, PAUSE};
use crate::station::Station;

impl copal_serve::door::Worker for Station {
    async fn serve(self: Rc<Self>, accepted: Accepted) {
        serve(&self, accepted).await;
    }
}

/// Serves one connection to its end.
async fn serve(station: &Station, accepted: Accepted) {
    let worker = station.worker();
    worker.tally.connections.add(1);
    let mut client = Client::new(&worker, accepted);
    let drain = worker.site.household.drain.clone();
    // A client that has just connected has come to say something, so it has less time than one
    // that waits; and it is heard even if the server began to stop meanwhile.
    let late = drain.is_draining();
    let header_timeout = worker.site.limits.header_timeout;
    // An idle connection must not keep the configuration of its first request alive.
    drop(worker);
    let mut patience = if late { header_timeout.min(LAST_WORD) } else { header_timeout };
    let mut leaves_on_drain = !late;
    loop {
        let leaving = leaves_on_drain.then_some(&drain);
        if client.inbox.is_empty() && !next_request_begins(&mut client, patience, leaving).await {
            return;
        }
        leaves_on_drain = true;
        // Boxed, so that an idle connection is not as large as a request in full swing.
        match Box::pin(in_full_swing(station, &mut client, &drain, &mut patience)).await {
            After::Next => {}
            After::Gone => return,
            After::Close => return close(&mut client).await,
            After::Linger => return linger(&mut client).await,
            After::Reset => return reset(&client),
        }
    }
}

/// Request after request, as long as one follows the other closely. Else [`After::Next`], and
/// `patience` is what is left of the time that the connection may be idle.
async fn in_full_swing(
    station: &Station,
    client: &mut Client,
    drain: &Drain,
    patience: &mut Duration,
) -> After {
    loop {
        // Each request by the configuration in force.
        let worker = station.worker();
        client.peer.judge(&worker.site.limits);
        let after = exchange::exchange(&worker, client).await;
        *patience = client.keepalive_timeout(&worker);
        drop(worker);
        if after != After::Next {
            return after;
        }
        if !client.inbox.is_empty() {
            continue;
        }
        let Some(_place) = station.ready() else { return After::Next };
        let begin = client.wait.list().ticks();
        match first_bytes(client, PAUSE.min(*patience), Some(drain)).await {
            Ok(Ok(1..)) => {}
            Ok(Ok(0) | Err(_)) => return After::Gone,
            Err(_) => {
                let waited = client.wait.list().ticks().saturating_sub(begin);
                let waited = TICK.saturating_mul(u32::try_from(waited).unwrap_or(u32::MAX));
                *patience = patience.saturating_sub(waited);
                return After::Next;
            }
        }
    }
}

/// Waits for the first bytes of a request. `false` when there will be none: the client left, its
/// time is over, or the server stops.
async fn next_request_begins(
    client: &mut Client,
    patience: Duration,
    drain: Option<&Drain>,
) -> bool {
    matches!(first_bytes(client, patience, drain).await, Ok(Ok(1..)))
}

/// Waits for the first bytes of a request; there are none when the server stops.
async fn first_bytes(
    client: &mut Client,
    patience: Duration,
    drain: Option<&Drain>,
) -> Result<io::Result<usize>, Elapsed> {
    let Client { stream, inbox, wait, .. } = client;
    let read = poll_fn(|context| match inbox.poll_read(context, stream) {
        // The runtime may not have heard yet of a request that came before the end did.
        Poll::Pending if drain.is_some_and(Drain::is_draining) && is_silent(stream) => {
            Poll::Ready(Ok(0))
        }
        read => read,
    });
    wait.within(patience, read).await
}

/// Whether the kernel has nothing from the client.
fn is_silent(stream: &TcpStream) -> bool {
    SockRef::from(stream).peek(&mut [MaybeUninit::uninit()]).is_err()
}

async fn close(client: &mut Client) {
    // The client may be gone already, and then there is nobody left to be polite to.
    drop(client.stream.shutdown().await);
}

async fn linger(client: &mut Client) {
    if client.stream.shutdown().await.is_err() {
        return;
    }
    let Client { stream, inbox, wait, .. } = client;
    let deadlines = wait.list();
    let end = deadlines.ticks().saturating_add(ticks_in(LINGER_TIME));
    while deadlines.ticks() < end {
        let kept = inbox.data().len();
        inbox.consume(kept);
        match wait.within(LINGER_SILENCE, inbox.read(stream)).await {
            Ok(Ok(1..)) => {}
            Ok(Ok(0) | Err(_)) | Err(_) => return,
        }
    }
}

fn reset(client: &Client) {
    let done: io::Result<()> = client.stream.set_zero_linger();
    if let Err(error) = done {
        tracing::debug!(%error, "the connection could not be reset and is closed");
    }
}
