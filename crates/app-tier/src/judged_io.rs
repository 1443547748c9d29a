//! A connection of which nothing is handed on that was not judged.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use copal_http1::judge::{Judge, Verdict};
use copal_http1::limits::HeadLimits;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::conversation::{Conversation, Ending, Reading, State};
use crate::limits;
use crate::line::{Broken, Line};

/// A connection of which nothing is handed on that was not judged.
///
/// The server behind it reads only whole, good heads and good pieces of bodies. When something
/// bad comes it sees the end of the stream, in a clean place and not before it has answered
/// everything that came earlier; a bad body is an error. What the client is told is in the
/// [`Conversation`].
pub(crate) struct JudgedIo<S> {
    socket: S,
    judge: Judge,
    conversation: Conversation,
    /// What was read and not handed on.
    kept: Vec<u8>,
    /// How many of the kept bytes are good.
    good: usize,
    /// Good heads so far.
    heads: u64,
    /// Good bytes of bodies so far.
    body_bytes: u64,
    /// Whether the judge waits for a decision about an upgrade.
    undecided: bool,
    /// Whether the client has closed its sending half.
    end_of_input: bool,
    /// Ready when the client is gone, after it closed its sending half.
    broken: Option<Broken>,
    tunnel: bool,
    /// Tells the conversation when nobody holds the connection any more.
    _hold: Hold,
}

/// The hold of a connection on its conversation.
struct Hold(Conversation);

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.leave();
    }
}

impl<S> JudgedIo<S> {
    /// Judges what comes from `socket`.
    #[must_use]
    pub(crate) fn new(socket: S, limits: HeadLimits, conversation: Conversation) -> Self {
        Self {
            socket,
            judge: Judge::new(limits),
            _hold: Hold(conversation.clone()),
            conversation,
            kept: Vec::new(),
            good: 0,
            heads: 0,
            body_bytes: 0,
            undecided: false,
            end_of_input: false,
            broken: None,
            tunnel: false,
        }
    }

    /// The connection itself, once nobody wants to read from it any more.
    pub(crate) fn socket(&mut self) -> &mut S {
        &mut self.socket
    }

    /// The connection itself, with what was read and not handed on; once it is a tunnel that goes to
    /// somebody else.
    pub(crate) fn into_parts(self) -> (S, Vec<u8>) {
        (self.socket, self.kept)
    }

    /// Whether the client has said all that it will, and we have read it.
    pub(crate) fn was_read_to_its_end(&self) -> bool {
        self.end_of_input
    }

    /// Whether more is known to be on its way than was read.
    pub(crate) fn is_in_the_middle(&self) -> bool {
        !self.kept.is_empty() || !self.judge.in_head()
    }

    /// How many of `bytes`, which follow what was judged, are good.
    fn judge(&mut self, bytes: &[u8]) -> usize {
        let mut good = 0;
        while let Some(rest) = bytes.get(good..).filter(|rest| !rest.is_empty()) {
            let was_in_head = self.judge.in_head();
            match self.judge.feed(rest) {
                Verdict::Pass(count) => {
                    good += count;
                    if was_in_head {
                        self.heads += 1;
                    } else {
                        self.body_bytes += u64::try_from(count).unwrap_or(0);
                    }
                }
                Verdict::More => break,
                Verdict::Undecided => {
                    self.undecided = true;
                    break;
                }
                Verdict::Refuse(refusal) => {
                    self.conversation.end(Ending {
                        status: refusal.status(),
                        turn: self.heads + u64::from(was_in_head),
                        in_body: !was_in_head,
                        reason: refusal.to_string().into(),
                    });
                    break;
                }
            }
        }
        good
    }

    /// Takes in what was decided about an upgrade.
    fn settle(&mut self) {
        let Some(tunnel) = self.conversation.take_decision(self.heads) else {
            return;
        };
        self.undecided = false;
        if tunnel {
            self.judge.tunnel();
            self.tunnel = true;
            self.conversation.change(|state| state.tunnel = true);
        } else {
            self.judge.no_tunnel();
        }
        let kept = std::mem::take(&mut self.kept);
        let fresh = kept.get(self.good..).unwrap_or_default();
        self.good += self.judge(fresh);
        self.kept = kept;
    }

    /// Hands on good bytes that were kept.
    fn hand_on(&mut self, buffer: &mut ReadBuf<'_>) {
        let count = self.good.min(buffer.remaining());
        buffer.put_slice(self.kept.get(..count).unwrap_or_default());
        self.kept.drain(..count);
        self.good -= count;
        if self.kept.is_empty() {
            self.kept = Vec::new();
        }
    }

    /// Judges what was just read into `buffer` behind `start`; leaves there what may be handed on.
    fn sift(&mut self, buffer: &mut ReadBuf<'_>, start: usize) {
        let fresh = buffer.filled().get(start..).unwrap_or_default();
        if self.kept.is_empty() {
            // The usual case: everything is good, and nothing is copied.
            let good = self.judge(fresh);
            self.kept.extend_from_slice(fresh.get(good..).unwrap_or_default());
            buffer.set_filled(start + good);
        } else {
            self.kept.extend_from_slice(fresh);
            buffer.set_filled(start);
            let kept = std::mem::take(&mut self.kept);
            self.good += self.judge(kept.get(self.good..).unwrap_or_default());
            self.kept = kept;
        }
        let (heads, in_body, body_bytes) = (self.heads, !self.judge.in_head(), self.body_bytes);
        self.conversation.change(|state| {
            state.arrivals += 1;
            state.body_bytes = body_bytes;
            state.reading = Reading::Nothing;
            state.heads = heads;
            state.in_body = in_body;
        });
    }

    /// What is waited for when nothing can be read now.
    fn awaited(&self) -> Reading {
        if self.tunnel {
            Reading::Tunnel
        } else if self.undecided {
            Reading::Decision
        } else if !self.judge.in_head() {
            Reading::Body
        } else if self.kept.is_empty() {
            Reading::Request
        } else {
            Reading::Head
        }
    }
}

impl<S: AsyncRead + Line + Unpin> JudgedIo<S> {
    /// The end of the stream: now, or as soon as the client has all its answers.
    fn finish(&mut self, state: &State, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let half_a_body = state.ending.is_none() && !self.judge.in_head() && !self.undecided;
        if state.owed == 0 || state.cut || half_a_body {
            return Poll::Ready(Ok(()));
        }
        if state.ending.is_some() {
            self.conversation.wait(Reading::Nothing, context);
            return Poll::Pending;
        }
        let broken = self.broken.get_or_insert_with(|| self.socket.broken());
        if broken.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        self.conversation.wait(Reading::Answer, context);
        Poll::Pending
    }

    /// Whatever is good now; `None` when more has to be read.
    fn ready(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Option<Poll<io::Result<()>>> {
        if self.good > 0 {
            self.hand_on(buffer);
            return Some(Poll::Ready(Ok(())));
        }
        let state = self.conversation.state();
        match &state.ending {
            Some(ending) if ending.in_body => {
                let error = io::Error::new(io::ErrorKind::InvalidData, ending.reason.to_string());
                Some(Poll::Ready(Err(error)))
            }
            None if !state.cut && !self.end_of_input => None,
            _ => Some(self.finish(&state, context)),
        }
    }

    /// Nothing can be read now.
    fn wait(&mut self, context: &Context<'_>) -> Poll<io::Result<()>> {
        let state = self.conversation.state();
        let between = self.kept.is_empty() && self.judge.in_head();
        if state.closing && state.owed == 0 && between {
            return Poll::Ready(Ok(()));
        }
        self.conversation.wait(self.awaited(), context);
        Poll::Pending
    }
}

impl<S: AsyncRead + Line + Unpin> AsyncRead for JudgedIo<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if buffer.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        let start = buffer.filled().len();
        loop {
            this.settle();
            if let Some(ready) = this.ready(context, buffer) {
                return ready;
            }
            if this.kept.len() >= limits::BUFFER && this.undecided {
                this.conversation.wait(Reading::Decision, context);
                return Poll::Pending;
            }
            match Pin::new(&mut this.socket).poll_read(context, buffer) {
                Poll::Pending => return this.wait(context),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Ready(Ok(())) if buffer.filled().len() == start => this.end_of_input = true,
                Poll::Ready(Ok(())) => this.sift(buffer, start),
            }
            if buffer.filled().len() > start {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> JudgedIo<S> {
    fn write(
        &mut self,
        context: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut S>, &mut Context<'_>) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        let written = write(Pin::new(&mut self.socket), context);
        match written {
            Poll::Pending => {
                self.conversation.change(|state| state.stalled = true);
                Poll::Pending
            }
            Poll::Ready(_) => {
                self.conversation.change(|state| {
                    state.departures += 1;
                    state.stalled = false;
                });
                written
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for JudgedIo<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().write(context, |socket, context| socket.poll_write(context, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().write(context, |socket, context| socket.poll_write_vectored(context, pieces))
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = Pin::new(&mut this.socket).poll_flush(context);
        if let Poll::Ready(Ok(())) = flushed {
            this.conversation.flushed();
        }
        flushed
    }

    /// A tunnel is shut down by its user. For everything else the last word is not said here: a
    /// refusal may follow what the server has written.
    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.settle();
        if this.tunnel {
            Pin::new(&mut this.socket).poll_shutdown(context)
        } else {
            Poll::Ready(Ok(()))
        }
    }
}

#[cfg(test)]
mod tests;
