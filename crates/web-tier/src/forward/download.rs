//! The answer on its way from the server to the client.

use std::cell::Cell;
use std::future::poll_fn;
use std::io;
use std::rc::Rc;
use std::task::Poll;
use std::time::{Duration, Instant};

use copal_http1::body::Body;
use copal_http1::chunk;
use copal_http1::framing::Framing;
use copal_http1::response_head::{ResponseHead, ResponseLimits};
use copal_http1::version::Version;
use copal_serve::buffer::{Buffer, Buffers, Scratch};
use copal_serve::clock;
use copal_serve::deadlines::Deadline;
use copal_serve::drain::Drain;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::balance::server::Server;
use crate::facts::Facts;
use crate::forward::answer_head::{self, AnswerFacts};
use crate::forward::failure::Failure;
use crate::forward::mark;
use crate::forward::pipes::Pipes;
use crate::forward::plain::Plain;
use crate::forward::reframe;
use crate::forward::second_try::SecondTry;
use crate::forward::send;
use crate::forward::sent::Sent;
use crate::forward::splice::Splice;
use crate::limits::{MAX_INTERIM, SPLICED};
use crate::tally::{Again, ServerTally};

/// How an exchange ended, as far as the answer goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answered {
    /// The whole answer went to the client.
    Whole(AnswerFacts),
    /// The server agreed to another protocol, and the client knows.
    Upgraded,
}

/// What carries an answer.
#[derive(Debug)]
pub(crate) struct Download<'d> {
    pub(crate) buffers: &'d Rc<Buffers>,
    pub(crate) request: &'d Facts,
    pub(crate) limits: &'d ResponseLimits,
    /// How long the server may be silent.
    pub(crate) server_silence: Duration,
    /// How long the client may take for the next bytes.
    pub(crate) client_silence: Duration,
    pub(crate) wait: &'d Deadline,
    /// Tells whether the server stops, and so keeps no client connection.
    pub(crate) drain: &'d Drain,
    /// Moves with every step of the upload: while the client sends, the server may be silent.
    pub(crate) uploaded: &'d Cell<u64>,
    /// Whether the upload waits for the client: then the server has nothing to answer yet.
    pub(crate) starves: &'d Cell<bool>,
    /// Whether the whole request has left: else nobody knows where the next one begins.
    pub(crate) uploaded_all: &'d Cell<bool>,
    /// For answers that have none.
    pub(crate) date: [u8; 29],
    /// Set with the first byte of the final answer: from then on the client can get no other.
    pub(crate) begun: &'d Cell<bool>,
    pub(crate) pipes: &'d Pipes,
    /// Whether the answer may be another server's.
    pub(crate) second: &'d SecondTry<'d>,
    pub(crate) server: &'d Server,
    /// How often servers had come or gone when the request was sent.
    pub(crate) rings: u64,
    pub(crate) tally: &'d ServerTally,
    /// When the request was sent.
    pub(crate) sent: Instant,
}

/// What a look at the bytes of the server found.
enum Found {
    /// The head is not complete.
    More,
    /// An answer before the final one; it is written to `out` if the client is to see it.
    Interim,
    /// The server agreed to another protocol.
    Upgrade,
    /// The final answer; its head is written to `out`.
    Final(AnswerFacts),
}

impl Download<'_> {
    /// Reads one answer and sends it to the client.
    pub(crate) async fn run(
        &self,
        from: &mut (impl AsyncRead + Plain + Unpin),
        inbox: &mut Buffer,
        to: &mut (impl AsyncWrite + Plain + Unpin),
    ) -> Result<Answered, Failure> {
        // Nothing is held while the server is still thinking.
        if inbox.is_empty() {
            self.read_head(from, inbox, false).await?;
        }
        let out = &mut Scratch::new(self.buffers);
        let mut interims = 0;
        let facts = loop {
            match self.look(inbox, out, interims == 0)? {
                Found::Final(facts) => break facts,
                Found::More => self.read_head(from, inbox, interims > 0).await?,
                Found::Upgrade => {
                    self.send(to, out).await?;
                    return Ok(Answered::Upgraded);
                }
                Found::Interim if interims < MAX_INTERIM => {
                    // It leaves the final answer open: that can still become one of our own.
                    interims += 1;
                    self.write(to, out, &[]).await?;
                    out.clear();
                }
                Found::Interim => {
                    return Err(Failure::BadAnswer("it never comes to the final one".to_owned()));
                }
            }
        };
        self.body(from, inbox, to, out, facts).await?;
        Ok(Answered::Whole(facts))
    }

    /// Takes the head at the front of `inbox` out, if it is complete.
    /// Nothing of an answer went to the client before it if it is the `first`.
    fn look(&self, inbox: &mut Buffer, out: &mut Vec<u8>, first: bool) -> Result<Found, Failure> {
        let Some((found, length)) = self.head(inbox.data(), out, first)? else {
            return Ok(Found::More);
        };
        inbox.consume(length);
        if let Found::Final(_) | Found::Upgrade = found {
            self.server.answered(self.sent);
            let took = clock::now().saturating_duration_since(self.sent);
            self.tally.first_byte.record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
        }
        Ok(found)
    }

    /// What the head at the front of `data` means, and how many bytes it takes. What of it is
    /// for the client is written to `out`.
    fn head(
        &self,
        data: &[u8],
        out: &mut Vec<u8>,
        first: bool,
    ) -> Result<Option<(Found, usize)>, Failure> {
        let head = ResponseHead::parse(data, self.request.is_head, self.limits)
            .map_err(|bad| Failure::BadAnswer(bad.to_string()))?;
        let Some(head) = head else { return Ok(None) };
        let found = if head.status == 101 {
            if !self.request.upgrade {
                return Err(Failure::BadAnswer("101 without having been asked".to_owned()));
            }
            answer_head::write_upgrade(out, &head);
            Found::Upgrade
        } else if head.is_informational() {
            // RFC 9110, 15.2: "A server MUST NOT send a 1xx response to an HTTP/1.0 client." And
            // 100 was our own to send.
            if head.status != 100 && self.request.version == Version::Http11 {
                answer_head::write_interim(out, &head);
            }
            Found::Interim
        } else {
            if first {
                self.elsewhere(&head)?;
            }
            let may_go_on = self.uploaded_all.get() && !self.drain.is_draining();
            let facts = AnswerFacts::of(&head, self.request, may_go_on);
            answer_head::write_final(out, &head, self.request, facts, &self.date);
            Found::Final(facts)
        };
        Ok(Some((found, head.length)))
    }

    /// Refuses an answer in whose place another server's may come.
    fn elsewhere(&self, head: &ResponseHead<'_>) -> Result<(), Failure> {
        if head.status != 503 {
            return Ok(());
        }
        if self.second.believed.get() && mark::is_marked(head) {
            // The mark alone says nothing about the server.
            if let Some(busy) = mark::retry_after(head) {
                self.server.busy(busy);
            }
            if self.second.allows(Again::NotBegun) {
                return Err(Failure::NotBegun);
            }
        }
        if self.second.allows(Again::Unavailable) {
            return Err(Failure::Unavailable);
        }
        Ok(())
    }

    async fn read_head(
        &self,
        from: &mut (impl AsyncRead + Unpin),
        inbox: &mut Buffer,
        answered_something: bool,
    ) -> Result<(), Failure> {
        let broke_off = |inbox: &Buffer| {
            if inbox.is_empty() && !answered_something {
                Failure::NoAnswer
            } else {
                Failure::BadAnswer("it broke off in the head".to_owned())
            }
        };
        let mut rings = self.rings;
        loop {
            let before = self.uploaded.get();
            let unanswered = inbox.is_empty() && !answered_something;
            let read = poll_fn(|context| match inbox.poll_read(context, from) {
                Poll::Ready(read) => Poll::Ready(Some(read)),
                Poll::Pending if unanswered && self.second.is_due(self.server, &mut rings) => {
                    Poll::Ready(None)
                }
                Poll::Pending => Poll::Pending,
            });
            match self.wait.within(self.server_silence, read).await {
                Ok(Some(Ok(1..))) => return Ok(()),
                Ok(Some(_)) => return Err(broke_off(inbox)),
                Ok(None) => return Err(Failure::Down),
                // It may be silent while the client is still sending it the body, or should be.
                Err(_) if self.uploaded.get() != before || self.starves.get() => {}
                Err(_) => return Err(Failure::Silence),
            }
        }
    }

    /// Sends the head, which stands in `out`, and the body behind it.
    async fn body(
        &self,
        from: &mut (impl AsyncRead + Plain + Unpin),
        inbox: &mut Buffer,
        to: &mut (impl AsyncWrite + Plain + Unpin),
        out: &mut Vec<u8>,
        facts: AnswerFacts,
    ) -> Result<(), Failure> {
        let mut body = Body::new(facts.framing);
        let mut sent = Sent::default();
        loop {
            let passed = reframe::encode(&mut body, inbox.data(), facts, out)
                .map_err(|cut| self.unseen(cut))?;
            if body.is_done() && passed.used < inbox.data().len() && !self.begun.get() {
                // The client has seen nothing yet, so it need not see an answer that somebody
                // may have put into another one.
                return Err(Failure::BadAnswer("more bytes than it announced".to_owned()));
            }
            sent.next(out.len() + passed.in_place, body.remaining(), to.socket());
            if passed.in_place == 0 {
                self.send(to, out).await?;
            } else {
                let payload = inbox.data().get(..passed.in_place).unwrap_or_default();
                self.send_both(to, out, payload).await?;
            }
            out.clear();
            inbox.consume(passed.used);
            if body.is_done() {
                return Ok(());
            }
            if let Some(left) = body.remaining().filter(|left| *left >= SPLICED)
                && let (Some(from), Some(to)) = (from.socket(), to.socket())
            {
                match self.splice(from, to, left).await? {
                    0 => return Ok(()),
                    left => body = Body::new(Framing::Length(left)),
                }
            }
            self.read_body(from, inbox, &mut body).await?;
            if body.is_done() {
                // The body ended with the server's connection.
                if facts.chunked {
                    self.send(to, chunk::LAST).await?;
                }
                return Ok(());
            }
        }
    }

    /// Has the kernel move the rest of a body, of which all that was read has been sent. Returns
    /// how much is left when there are no pipes.
    async fn splice(&self, from: &TcpStream, to: &TcpStream, left: u64) -> Result<u64, Failure> {
        let splice = Splice {
            from,
            to,
            wait: self.wait,
            server_silence: self.server_silence,
            client_silence: self.client_silence,
            uploaded: self.uploaded,
            starves: self.starves,
        };
        splice.run(self.pipes, left).await
    }

    /// A body that breaks off before the client has seen anything is a bad answer like another.
    fn unseen(&self, failure: Failure) -> Failure {
        match failure {
            Failure::Cut(why) if !self.begun.get() => Failure::BadAnswer(why),
            failure => failure,
        }
    }

    async fn read_body(
        &self,
        from: &mut (impl AsyncRead + Unpin),
        inbox: &mut Buffer,
        body: &mut Body,
    ) -> Result<(), Failure> {
        let read = loop {
            let before = self.uploaded.get();
            match self.wait.within(self.server_silence, inbox.read(from)).await {
                Err(_) if self.uploaded.get() != before || self.starves.get() => {}
                read => break read,
            }
        };
        match read {
            Ok(Ok(1..)) => Ok(()),
            Ok(Ok(0)) => body.end_of_input().map_err(|bad| Failure::Cut(bad.to_string())),
            Ok(Err(error)) => Err(Failure::Cut(error.to_string())),
            Err(_) => Err(Failure::Cut("the server was silent in the body".to_owned())),
        }
    }

    async fn send(&self, to: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> Result<(), Failure> {
        self.send_both(to, bytes, &[]).await
    }

    /// Sends bytes of the final answer.
    async fn send_both(
        &self,
        to: &mut (impl AsyncWrite + Unpin),
        first: &[u8],
        second: &[u8],
    ) -> Result<(), Failure> {
        if !first.is_empty() || !second.is_empty() {
            self.begun.set(true);
        }
        self.write(to, first, second).await
    }

    async fn write(
        &self,
        to: &mut (impl AsyncWrite + Unpin),
        first: &[u8],
        second: &[u8],
    ) -> Result<(), Failure> {
        let sent = if second.is_empty() {
            send::all(to, first, self.wait, self.client_silence).await
        } else {
            send::both(to, first, second, self.wait, self.client_silence).await
        };
        sent.map_err(|_: io::Error| Failure::ClientGone)
    }
}
