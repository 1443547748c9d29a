//! The body of a request on its way from the client to the server.

use std::cell::Cell;
use std::future::poll_fn;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use copal_config::limits::Limits;
use copal_http1::body::{BadBody, Body, Piece};
use copal_http1::chunk;
use copal_http1::framing::Framing;
use copal_http1::refusal::Refusal;
use copal_serve::buffer::{Buffer, Buffers, Scratch};
use copal_serve::deadlines::{Deadline, TICK};
use copal_serve::turnstile::{Turnstile, Visitor};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::facts::Facts;
use crate::forward::failure::Failure;
use crate::forward::keeper::Keeper;
use crate::forward::pace::Pace;
use crate::forward::send;

/// The body of a request on its way from the client to the server. It is decoded and framed anew,
/// so that nothing ambiguous in it can reach the server.
#[derive(Debug)]
pub(crate) struct Upload {
    body: Body,
    chunked: bool,
    left: u64,
}

impl Upload {
    /// Refuses a body that says beforehand that it is larger than `max-body`.
    pub(crate) fn new(facts: &Facts, limits: &Limits) -> Result<Self, Failure> {
        let max = limits.max_body.unwrap_or(u64::MAX);
        match facts.framing {
            Framing::Length(length) if length > max => Err(Failure::LargeBody),
            framing => Ok(Self {
                body: Body::new(framing),
                chunked: framing == Framing::Chunked,
                left: max,
            }),
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.body.is_done()
    }

    /// Appends to `out` what `data` has of the body, and says how many bytes of `data` that took.
    pub(crate) fn encode(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<usize, Failure> {
        let mut used = 0;
        while !self.is_done() {
            let rest = data.get(used..).unwrap_or_default();
            let Piece { skip, data: length, .. } = self.decode(rest)?;
            if skip + length == 0 {
                break;
            }
            let payload = rest.get(skip..skip + length).unwrap_or_default();
            if self.chunked && !payload.is_empty() {
                chunk::size_line(out, payload.len());
                out.extend_from_slice(payload);
                out.extend_from_slice(chunk::END);
            } else {
                out.extend_from_slice(payload);
            }
            if self.chunked && self.is_done() {
                out.extend_from_slice(chunk::LAST);
            }
            used += skip + length;
        }
        Ok(used)
    }

    fn decode(&mut self, data: &[u8]) -> Result<Piece, Failure> {
        let piece = self.body.decode(data).map_err(|bad| Failure::BadBody(Refusal::Body(bad)))?;
        let length = u64::try_from(piece.data).unwrap_or(u64::MAX);
        self.left = self.left.checked_sub(length).ok_or(Failure::LargeBody)?;
        Ok(piece)
    }

    /// Moves the rest of the body, and keeps what it sends as long as that is little.
    ///
    /// # Errors
    /// A [`Failure`] of the client, or [`Failure::NoAnswer`] when the server takes no more.
    pub(crate) async fn run(
        &mut self,
        from: &mut (impl AsyncRead + Unpin),
        inbox: &mut Buffer,
        to: &mut (impl AsyncWrite + Unpin),
        mut keeper: Keeper<'_>,
        times: &Times<'_>,
    ) -> Result<(), Failure> {
        let limits = times.limits;
        let mut pace = Pace::new(limits.min_body_rate, limits.body_timeout);
        let mut visitor = times.turnstile.visitor();
        while !self.is_done() {
            let (came, waited) = read(from, inbox, &mut visitor, times).await?;
            if !pace.came(came, waited) {
                return Err(Failure::SlowBody);
            }
            // Lent for this step: whoever waits for a slow client holds nothing for it.
            let mut out = Scratch::new(times.buffers);
            let used = self.encode(inbox.data(), &mut out)?;
            inbox.consume(used);
            // Before it is sent: whoever drops this while it is being sent has all of it.
            keeper.keep(&out);
            let sent = send::all(to, &out, times.wait, times.server_silence).await;
            sent.map_err(|_: io::Error| Failure::NoAnswer)?;
            times.moved.set(times.moved.get() + 1);
        }
        Ok(())
    }
}

/// Reads what comes next, and says how many bytes that are and how long the client was waited for.
async fn read(
    from: &mut (impl AsyncRead + Unpin),
    inbox: &mut Buffer,
    visitor: &mut Visitor,
    times: &Times<'_>,
) -> Result<(usize, Duration), Failure> {
    let ticks = || times.wait.list().ticks();
    let began = ticks();
    loop {
        // That it has to wait for other bodies is not the client's fault.
        let mut queued = None;
        times.starves.set(true);
        let read = poll_fn(|context| {
            let read = visitor.poll_step(context, |context| inbox.poll_read(context, from));
            match visitor.waits() {
                true => queued = queued.or(Some(ticks())),
                false if read.is_pending() => queued = None,
                false => {}
            }
            read
        });
        let read = times.wait.within(times.limits.body_timeout, read).await;
        times.starves.set(false);
        match read {
            Err(_) if visitor.waits() => {}
            Err(_) => return Err(Failure::SlowBody),
            Ok(Ok(0) | Err(_)) => return Err(Failure::ClientGone),
            Ok(Ok(came)) => {
                let waited = queued.unwrap_or_else(ticks).saturating_sub(began);
                return Ok((came, TICK * u32::try_from(waited).unwrap_or(u32::MAX)));
            }
        }
    }
}

/// How long an upload waits for whom.
#[derive(Debug)]
pub(crate) struct Times<'t> {
    pub(crate) buffers: &'t Rc<Buffers>,
    pub(crate) turnstile: &'t Rc<Turnstile>,
    pub(crate) wait: &'t Deadline,
    pub(crate) limits: &'t Limits,
    /// For the server to take the next bytes.
    pub(crate) server_silence: Duration,
    /// Set while it waits for the client.
    pub(crate) starves: &'t Cell<bool>,
    /// Moves with every step, so that others can see that there is progress.
    pub(crate) moved: &'t Cell<u64>,
}

/// A body that nobody forwards: whether all of it is in `data` already, and how long it is.
pub(crate) fn whole_body(framing: Framing, data: &[u8]) -> Result<Option<usize>, BadBody> {
    let mut body = Body::new(framing);
    let mut used = 0;
    while !body.is_done() {
        let piece = body.decode(data.get(used..).unwrap_or_default())?;
        if piece.skip + piece.data == 0 {
            return Ok(None);
        }
        used += piece.skip + piece.data;
    }
    Ok(Some(used))
}

#[cfg(test)]
mod tests {
    use super::*;
    use copal_http1::version::Version;

    fn upload(framing: Framing, max_body: Option<u64>) -> Result<Upload, Failure> {
        let facts = Facts {
            head_length: 0,
            is_head: false,
            idempotent: false,
            framing,
            version: Version::Http11,
            keep_alive: true,
            upgrade: false,
            expects_continue: false,
        };
        Upload::new(&facts, &Limits { max_body, ..Limits::default() })
    }

    #[test]
    fn chunks_are_framed_anew_without_extensions_and_trailers() {
        let mut upload = upload(Framing::Chunked, None).unwrap();
        let mut out = Vec::new();
        let data = b"3;ext=1\r\nabc\r\n0002\r\nde\r\n0\r\nHost: evil\r\n\r\nGET /next";
        let used = upload.encode(data, &mut out).unwrap();
        assert_eq!(out, b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
        assert_eq!(&data[used..], b"GET /next");
        assert!(upload.is_done());
    }

    #[test]
    fn pieces_give_the_same_payload_as_the_whole() {
        let data = b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n";
        for cut in 0..data.len() {
            let mut upload = upload(Framing::Chunked, None).unwrap();
            let mut out = Vec::new();
            let used = upload.encode(&data[..cut], &mut out).unwrap();
            let more = upload.encode(&data[used..], &mut out).unwrap();
            assert_eq!(used + more, data.len(), "cut at {cut}");
            assert!(out.ends_with(b"0\r\n\r\n"));
            assert_eq!(whole_body(Framing::Chunked, &out), Ok(Some(out.len())));
        }
    }

    #[test]
    fn max_body_holds_on_both_sides_of_the_boundary() {
        assert!(upload(Framing::Length(10), Some(10)).is_ok());
        assert!(matches!(upload(Framing::Length(11), Some(10)), Err(Failure::LargeBody)));
        let mut fits = upload(Framing::Chunked, Some(3)).unwrap();
        assert!(fits.encode(b"3\r\nabc\r\n0\r\n\r\n", &mut Vec::new()).is_ok());
        let mut large = upload(Framing::Chunked, Some(3)).unwrap();
        let result = large.encode(b"3\r\nabc\r\n1\r\nd\r\n", &mut Vec::new());
        assert!(matches!(result, Err(Failure::LargeBody)));
    }

    #[test]
    fn a_bad_chunk_is_the_clients_fault() {
        let mut upload = upload(Framing::Chunked, None).unwrap();
        let result = upload.encode(b"0x5\r\nhello\r\n", &mut Vec::new());
        assert!(matches!(result, Err(Failure::BadBody(refusal)) if refusal.status() == 400));
    }
}
