//! One try: one request to one server, and the answer back.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Instant;

use copal_serve::clock;
use copal_serve::deadlines::Deadline;

use crate::after::{After, Ending};
use crate::balance::cluster::Cluster;
use crate::balance::server::Server;
use crate::client::Client;
use crate::facts::Facts;
use crate::forward::connect::{self, Dialer};
use crate::forward::download::{Answered, Download};
use crate::forward::failure::Failure;
use crate::forward::outgoing::Outgoing;
use crate::forward::second_try::SecondTry;
use crate::forward::send;
use crate::forward::tunnel;
use crate::forward::upload::Times;
use crate::forward::upstream::Upstream;
use crate::tally::ServerTally;
use crate::worker::Worker;

/// One try: one request to one server, and the answer back.
#[derive(Debug)]
pub(crate) struct Attempt<'a> {
    pub(crate) worker: &'a Worker,
    pub(crate) cluster: &'a Cluster,
    pub(crate) server: &'a Server,
    pub(crate) facts: &'a Facts,
    /// Set with the first byte of the final answer that went to the client.
    pub(crate) begun: &'a Cell<bool>,
    pub(crate) second: &'a SecondTry<'a>,
    pub(crate) tally: &'a Arc<ServerTally>,
    /// How often servers had come or gone when this one was chosen.
    pub(crate) rings: u64,
}

/// How far the body of a request has come, for whoever waits for the answer.
#[derive(Debug, Default)]
struct Uploaded {
    /// Moves with every step.
    moved: Cell<u64>,
    /// The client is waited for.
    starves: Cell<bool>,
    /// All of it was sent.
    all: Cell<bool>,
}

impl Uploaded {
    /// There is no more to come.
    fn whole() -> Self {
        Self { all: Cell::new(true), ..Self::default() }
    }
}

impl Attempt<'_> {
    /// Sends the request and carries the answer.
    ///
    /// # Errors
    /// A [`Failure`]. What it says about the server was told to the server's record.
    pub(crate) async fn run(
        &self,
        client: &mut Client,
        outgoing: &mut Outgoing,
    ) -> Result<After, Failure> {
        let (mut upstream, is_new) = self.reach(client).await?;
        self.second.believed.set(upstream.believed);
        let done = self.carry(client, &mut upstream, outgoing).await;
        let (answered, uploaded) = match done {
            Ok(done) => done,
            Err(failure) => {
                self.blame(&failure, is_new);
                return Err(failure);
            }
        };
        match answered {
            Answered::Upgraded => {
                self.worker.tally.answer(101);
                let whole = tunnel::run(self.worker, client, upstream).await;
                Ok(if whole { After::Close } else { After::Reset })
            }
            Answered::Whole(answer) => {
                self.worker.tally.answer(answer.status);
                // A connection on which something is left over would give it to the next client.
                let is_clean = upstream.inbox.is_empty() && !upstream.stream.has_unread();
                if answer.keep_server && uploaded && is_clean {
                    let now = self.worker.bench.deadlines.ticks();
                    let (number, idle) =
                        (self.server.record.number, self.server.settings.idle_time);
                    self.worker.pool.put(number, upstream, now, idle);
                }
                Ok(Ending::of(uploaded, answer.keep_client).after)
            }
        }
    }

    /// A connection to the server, and whether it is a new one.
    async fn reach(&self, client: &Client) -> Result<(Upstream, bool), Failure> {
        let number = self.server.record.number;
        let now = self.worker.bench.deadlines.ticks();
        let once_only = !self.facts.idempotent;
        if let Some(upstream) = self.worker.pool.take(number, now, once_only) {
            return Ok((upstream, false));
        }
        let dialer = Dialer { site: &self.worker.site, buffers: &self.worker.bench.buffers };
        let limit = self.server.settings.connect_timeout;
        let dialled = dialer.connect(self.cluster, self.server);
        let connected = client.wait.within(limit, dialled).await;
        match connected.unwrap_or(Err(connect::Unreached::Late)) {
            Ok(upstream) => Ok((upstream, true)),
            Err(why) if why.is_our_own() => {
                // This would fill the disk, too.
                if self.worker.site.household.may_complain() {
                    tracing::error!(server = self.server.id, %why, "cannot connect to any server");
                }
                Err(Failure::Unreached(why.to_string()))
            }
            Err(why) => {
                self.server.unreached(&why);
                self.worker.pool.forget(number);
                Err(Failure::Unreached(why.to_string()))
            }
        }
    }

    /// Each failed try counts against the server that it hit.
    fn blame(&self, failure: &Failure, is_new: bool) {
        match failure {
            // The server may just have closed a connection that nobody had used for a while.
            Failure::NoAnswer if !is_new => {}
            // A page that takes its time says nothing about the server, as long as checks do.
            Failure::Silence if self.server.settings.health_check.is_some() => {}
            Failure::NoAnswer | Failure::BadAnswer(_) | Failure::Silence | Failure::Cut(_) => {
                self.server.broken(failure);
            }
            // A 503 alone says nothing about the server; who was declared down was counted then.
            _ => {}
        }
    }

    /// Sends the request and carries the answer. Says whether the whole body went out.
    async fn carry(
        &self,
        client: &mut Client,
        upstream: &mut Upstream,
        outgoing: &mut Outgoing,
    ) -> Result<(Answered, bool), Failure> {
        self.tally.requests.add(1);
        let departure = clock::now();
        self.send_beginning(client, upstream, outgoing).await?;
        if outgoing.upload.is_done() {
            let upload = Uploaded::whole();
            let Client { stream, wait, .. } = client;
            let download = self.download(departure, wait, &upload);
            let Upstream { stream: from, inbox, .. } = upstream;
            return Ok((download.run(from, inbox, stream).await?, true));
        }
        Box::pin(self.both_ways(departure, client, upstream, outgoing)).await
    }

    async fn send_beginning(
        &self,
        client: &Client,
        upstream: &mut Upstream,
        outgoing: &Outgoing,
    ) -> Result<(), Failure> {
        let limit = self.server.settings.socket_timeout;
        let proof = upstream.proof.take();
        let stream = &mut upstream.stream;
        let proven = proof.map(|proof| outgoing.proven_beginning(&proof));
        let beginning = proven.as_deref().unwrap_or_else(|| outgoing.beginning());
        let mut sending = pin!(send::all(stream, beginning, &client.wait, limit));
        let mut rings = self.rings;
        poll_fn(|context| match sending.as_mut().poll(context) {
            // How much of it the server read before the connection broke is not known.
            Poll::Ready(sent) => Poll::Ready(sent.map_err(|_| Failure::NoAnswer)),
            Poll::Pending if self.second.is_due(self.server, &mut rings) => {
                Poll::Ready(Err(Failure::Down))
            }
            Poll::Pending => Poll::Pending,
        })
        .await
    }

    /// The rest of the body one way and the answer the other way, at the same time: a server may
    /// answer before it has read everything.
    async fn both_ways(
        &self,
        departure: Instant,
        client: &mut Client,
        upstream: &mut Upstream,
        outgoing: &mut Outgoing,
    ) -> Result<(Answered, bool), Failure> {
        let uploaded_so_far = Uploaded::default();
        let second_wait = self.worker.bench.deadlines.slot();
        let Client { stream, inbox: from_client, wait, .. } = client;
        if self.facts.expects_continue && from_client.is_empty() && !outgoing.continued {
            outgoing.continued = true;
            let limit = self.worker.site.limits.send_timeout;
            send::all(stream, b"HTTP/1.1 100 Continue\r\n\r\n", wait, limit)
                .await
                .map_err(|_| Failure::ClientGone)?;
        }
        let (mut read_client, mut write_client) = stream.split();
        let (mut read_server, mut write_server) = upstream.stream.split();
        let times = Times {
            buffers: &self.worker.bench.buffers,
            turnstile: &self.worker.bench.turnstile,
            wait: &second_wait,
            limits: &self.worker.site.limits,
            server_silence: self.server.settings.socket_timeout,
            starves: &uploaded_so_far.starves,
            moved: &uploaded_so_far.moved,
        };
        let download = self.download(departure, wait, &uploaded_so_far);
        let (upload, keeper) = outgoing.rest(&self.second.held);
        let mut up =
            pin!(upload.run(&mut read_client, from_client, &mut write_server, keeper, &times));
        let mut down = pin!(download.run(&mut read_server, &mut upstream.inbox, &mut write_client));
        let mut uploaded = None;
        poll_fn(|context| {
            if uploaded.is_none()
                && let Poll::Ready(result) = up.as_mut().poll(context)
            {
                let of_client = result.as_ref().is_err_and(|failure| failure.fault().is_none());
                uploaded = Some(result.is_ok());
                uploaded_so_far.all.set(result.is_ok());
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
        departure: Instant,
        wait: &'d Deadline,
        upload: &'d Uploaded,
    ) -> Download<'d> {
        let site = &self.worker.site;
        Download {
            buffers: &self.worker.bench.buffers,
            request: self.facts,
            limits: &site.response_limits,
            server_silence: self.server.settings.socket_timeout,
            client_silence: site.limits.send_timeout,
            wait,
            drain: &site.household.drain,
            uploaded: &upload.moved,
            starves: &upload.starves,
            uploaded_all: &upload.all,
            date: self.worker.dates.value(self.worker.bench.deadlines.ticks()),
            begun: self.begun,
            pipes: &self.worker.pipes,
            second: self.second,
            server: self.server,
            rings: self.rings,
            tally: self.tally,
            sent: departure,
        }
    }
}
