//! One try: one request to one server, and the answer back.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use copal_protocol::hello;
use copal_serve::buffer::Scratch;

use crate::after::{After, Ending};
use crate::balance::cluster::Cluster;
use crate::balance::server::Server;
use crate::client::Client;
use crate::facts::Facts;
use crate::forward::connect;
use crate::forward::download::{Answered, Download};
use crate::forward::failure::Failure;
use crate::forward::pool::PoolIndex;
use crate::forward::send;
use crate::forward::tunnel;
use crate::forward::upload::{Times, Upload};
use crate::forward::upstream::Upstream;
use crate::worker::Worker;

/// One try: one request to one server, and the answer back.
#[derive(Debug)]
pub(crate) struct Attempt<'a> {
    pub(crate) worker: &'a Worker,
    pub(crate) cluster: &'a Cluster,
    pub(crate) server: &'a Server,
    pub(crate) pool_index: PoolIndex,
    pub(crate) facts: &'a Facts,
    /// The head of the request as it goes to the server.
    pub(crate) head: &'a [u8],
    /// Set with the first byte of the final answer that went to the client.
    pub(crate) begun: &'a Cell<bool>,
}

impl Attempt<'_> {
    /// Sends the request and carries the answer.
    ///
    /// # Errors
    /// A [`Failure`]. As long as the body was complete in the client's inbox, it still is.
    pub(crate) async fn run(&self, client: &mut Client) -> Result<After, Failure> {
        let mut upload = Upload::new(self.facts, &self.worker.site.limits)?;
        let mut upstream = self.reach(client).await?;
        let mut message = Scratch::new(&self.worker.bench.buffers);
        message.extend_from_slice(self.head);
        prove(&mut upstream, &mut message);
        let held = upload.encode(client.inbox.data(), &mut message)?;
        self.send(client, &mut upstream, &message).await?;
        let whole = upload.is_done();
        let answered = if whole {
            self.receive(client, &mut upstream, &mut message).await?
        } else {
            client.inbox.consume(held);
            Box::pin(self.both_ways(client, &mut upstream, &mut message, upload)).await?
        };
        if whole {
            client.inbox.consume(held);
        }
        match answered {
            (Answered::Upgraded, _) => {
                tunnel::run(self.worker, client, upstream).await;
                Ok(After::Close)
            }
            (Answered::Whole(answer), uploaded) => {
                // A connection on which something is left over would give it to the next client.
                if answer.keep_server && uploaded && upstream.inbox.is_empty() {
                    let now = self.worker.bench.deadlines.ticks();
                    self.worker.pool.put(self.pool_index, upstream, now);
                }
                Ok(Ending::of(uploaded, answer.keep_client).after)
            }
        }
    }

    async fn reach(&self, client: &Client) -> Result<Upstream, Failure> {
        let now = self.worker.bench.deadlines.ticks();
        let once_only = !self.facts.idempotent;
        if let Some(upstream) = self.worker.pool.take(self.pool_index, now, once_only) {
            return Ok(upstream);
        }
        let connected =
            connect::connect(self.worker, self.cluster, self.server, &client.wait).await;
        match connected {
            Ok(upstream) => {
                self.server.succeeded();
                Ok(upstream)
            }
            Err(why) if why.is_our_own() => {
                tracing::error!(server = self.server.id, %why, "cannot connect to any server");
                Err(Failure::Unreached(why.to_string()))
            }
            Err(why) => {
                self.server.failed(&why);
                self.worker.pool.forget(self.pool_index);
                Err(Failure::Unreached(why.to_string()))
            }
        }
    }

    async fn send(
        &self,
        client: &Client,
        upstream: &mut Upstream,
        message: &[u8],
    ) -> Result<(), Failure> {
        let limit = self.server.settings.socket_timeout;
        let sent = send::all(&mut upstream.stream, message, &client.wait, limit).await;
        // How much of it the server read before the connection broke is not known.
        sent.map_err(|_| Failure::NoAnswer)
    }

    /// The answer to a request of which everything was sent.
    async fn receive(
        &self,
        client: &mut Client,
        upstream: &mut Upstream,
        out: &mut Vec<u8>,
    ) -> Result<(Answered, bool), Failure> {
        let (nothing, all) = (Cell::new(0), Cell::new(true));
        let Client { stream, wait, .. } = client;
        let download = self.download(wait, &nothing, &all);
        let Upstream { stream: from, inbox, .. } = upstream;
        Ok((download.run(from, inbox, stream, out).await?, true))
    }

    /// The rest of the body one way and the answer the other way, at the same time: a server may
    /// answer before it has read everything. Says whether the whole body went out.
    async fn both_ways(
        &self,
        client: &mut Client,
        upstream: &mut Upstream,
        out: &mut Vec<u8>,
        upload: Upload,
    ) -> Result<(Answered, bool), Failure> {
        let moved = Cell::new(0);
        let second_wait = self.worker.bench.deadlines.slot();
        let Client { stream, inbox: from_client, wait, .. } = client;
        if self.facts.expects_continue && from_client.is_empty() {
            let limit = self.worker.site.limits.send_timeout;
            send::all(stream, b"HTTP/1.1 100 Continue\r\n\r\n", wait, limit)
                .await
                .map_err(|_| Failure::ClientGone)?;
        }
        let (mut read_client, mut write_client) = stream.split();
        let (mut read_server, mut write_server) = upstream.stream.split();
        let times = Times {
            wait: &second_wait,
            limits: &self.worker.site.limits,
            server_silence: self.server.settings.socket_timeout,
            moved: &moved,
        };
        let all = Cell::new(false);
        let download = self.download(wait, &moved, &all);
        let mut up = pin!(upload.run(&mut read_client, from_client, &mut write_server, &times));
        let mut down =
            pin!(download.run(&mut read_server, &mut upstream.inbox, &mut write_client, out));
        let mut uploaded = None;
        poll_fn(|context| {
            if uploaded.is_none()
                && let Poll::Ready(result) = up.as_mut().poll(context)
            {
                let of_client = result.as_ref().is_err_and(|failure| !failure.is_of_server());
                uploaded = Some(result.is_ok());
                all.set(result.is_ok());
                if of_client && let Err(failure) = result {
                    return Poll::Ready(Err(failure));
                }
                // A server that takes no more of the body may have said why: read its answer.
            }
            let answered = down.as_mut().poll(context);
            answered.map_ok(|answered| (answered, uploaded == Some(true)))
        })
        .await
    }

    fn download<'d>(
        &'d self,
        wait: &'d copal_serve::deadlines::Deadline,
        uploaded: &'d Cell<u64>,
        uploaded_all: &'d Cell<bool>,
    ) -> Download<'d> {
        Download {
            request: self.facts,
            limits: &self.worker.site.response_limits,
            server_silence: self.server.settings.socket_timeout,
            client_silence: self.worker.site.limits.send_timeout,
            wait,
            drain: &self.worker.site.drain,
            uploaded,
            uploaded_all,
            date: self.worker.dates.value(self.worker.bench.deadlines.ticks()),
            begun: self.begun,
            pipes: &self.worker.pipes,
        }
    }
}

/// Adds our proof to the first request after a hello.
fn prove(upstream: &mut Upstream, message: &mut Vec<u8>) {
    if let Some(proof) = upstream.proof.take() {
        // In front of the empty line that ends the head.
        message.truncate(message.len().saturating_sub(2));
        copal_http1::write::field(message, hello::PROOF.as_bytes(), proof.to_string().as_bytes());
        copal_http1::write::end(message);
    }
}
