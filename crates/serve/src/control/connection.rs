//! One connection to the desk: requests are read and answered one after the other.

use std::io;

use copal_http1::body::Body;
use copal_http1::refusal::Refusal;
use copal_http1::request_head::RequestHead;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::task::yield_now;
use tokio::time::timeout;

use crate::clock;
use crate::control::answer::Answer;
use crate::control::gate::Gate;
use crate::control::limits::{BODY, HEAD, IDLE_TIME, LINGER_TIME, MESSAGE_TIME};
use crate::control::peer::Peer;
use crate::control::places::Place;
use crate::control::reception::Reception;
use crate::control::request::Request;
use crate::desk::Desk;

/// How much is read at a time.
const READ: usize = 4 << 10;

/// One connection to the desk.
#[derive(Debug)]
pub(crate) struct Connection<S> {
    stream: S,
    /// What was read and not yet used.
    inbox: Vec<u8>,
    place: Place,
}

/// Why a connection ends.
#[derive(Debug)]
enum End {
    /// The client has gone, or nobody can tell it anything.
    Gone,
    /// The client is told why it is refused.
    Refused(Answer),
}

impl From<Refusal> for End {
    fn from(refusal: Refusal) -> Self {
        let answer = Answer::error(refusal.status(), &refusal.to_string());
        Self::Refused(match refusal {
            Refusal::MethodNotAllowed => answer.with("Allow", "GET, HEAD, POST"),
            _ => answer,
        })
    }
}

impl From<io::Error> for End {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    pub(crate) fn new(stream: S, place: Place) -> Self {
        Self { stream, inbox: Vec::new(), place }
    }

    /// Answers requests until the client goes or is refused.
    pub(crate) async fn serve<D: Desk>(
        mut self,
        reception: &Reception<D>,
        gate: &Gate,
        peer: Peer,
    ) {
        loop {
            match self.request().await {
                Ok(request) => {
                    let answer = reception.answer(&request, gate, peer).await;
                    let whole = request.method != "HEAD";
                    // Whoever may not look at anything must not hold a place for long.
                    let keep = request.keep && gate.knows(&request);
                    if self.send(&answer, keep, whole).await.is_err() || !keep {
                        return;
                    }
                    // Requests that have come already must not keep the thread, which others need.
                    yield_now().await;
                }
                Err(End::Gone) => return,
                Err(End::Refused(answer)) => return self.refuse(&answer).await,
            }
        }
    }

    /// The next request, unless the place is wanted for somebody else before it is complete: whoever
    /// dawdles in the middle of one keeps others out as well.
    async fn request(&mut self) -> Result<Request, End> {
        let mut idle = self.place.idle();
        tokio::select! {
            biased;
            request = self.whole_request() => request,
            () = idle.dismissed() => Err(End::Gone),
        }
    }

    /// The next request; its body is read and thrown away, for nothing here has a use for one.
    async fn whole_request(&mut self) -> Result<Request, End> {
        if self.inbox.is_empty() {
            timeout(IDLE_TIME, self.read()).await.map_err(|_| End::Gone)??;
        }
        let request = within(self.head()).await?;
        within(self.skip_body(&request)).await?;
        Ok(request)
    }

    async fn head(&mut self) -> Result<Request, End> {
        loop {
            let head = RequestHead::parse(&self.inbox, &HEAD)?;
            if let Some((request, length)) = head.map(|head| (Request::of(&head), head.length)) {
                self.drop_front(length);
                return Ok(request);
            }
            self.read().await?;
        }
    }

    async fn skip_body(&mut self, request: &Request) -> Result<(), End> {
        let too_large =
            || End::Refused(Answer::error(413, &format!("a body has at most {BODY} bytes here")));
        let mut body = Body::new(request.framing);
        let most = u64::try_from(BODY).unwrap_or(u64::MAX);
        if body.remaining().is_some_and(|bytes| bytes > most) {
            return Err(too_large());
        }
        if request.expects_continue && self.inbox.is_empty() {
            self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        let mut room = BODY;
        loop {
            let piece = body.decode(&self.inbox).map_err(Refusal::Body)?;
            room = room.checked_sub(piece.data).ok_or_else(too_large)?;
            let used = piece.skip + piece.data;
            self.drop_front(used);
            if piece.done {
                return Ok(());
            }
            if used == 0 {
                self.read().await?;
            }
        }
    }

    fn drop_front(&mut self, count: usize) {
        self.inbox.drain(..count.min(self.inbox.len()));
    }

    /// Reads some more; the end of the stream is the end of the connection.
    async fn read(&mut self) -> Result<(), End> {
        self.inbox.reserve(READ);
        match self.stream.read_buf(&mut self.inbox).await? {
            0 => Err(End::Gone),
            _ => Ok(()),
        }
    }

    async fn send(&mut self, answer: &Answer, keep: bool, whole: bool) -> Result<(), End> {
        let date = httpdate::fmt_http_date(clock::wall());
        let bytes = answer.bytes(&date, keep, whole);
        // A client that does not read its answer is gone as well.
        let sent = timeout(MESSAGE_TIME, self.stream.write_all(&bytes)).await;
        Ok(sent.map_err(|_| End::Gone)??)
    }

    /// The client may still be sending: closing at once would make the kernel reset the
    /// connection, and the client might never see the answer that explains why.
    async fn refuse(mut self, answer: &Answer) {
        if self.send(answer, false, true).await.is_err() || self.stream.shutdown().await.is_err() {
            return;
        }
        let gone = async {
            let mut rest = [0; READ];
            while matches!(self.stream.read(&mut rest).await, Ok(1..)) {}
        };
        // Either way there is nothing left to do.
        let _ = timeout(LINGER_TIME, gone).await;
    }
}

/// The output of `part`, unless it takes longer than a part of a message may.
async fn within<T>(part: impl Future<Output = Result<T, End>>) -> Result<T, End> {
    match timeout(MESSAGE_TIME, part).await {
        Ok(done) => done,
        Err(_) => Err(End::Refused(Answer::error(408, "the request took too long to arrive"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::places::Places;
    use crate::control::test_desk::TestDesk;
    use std::sync::mpsc;
    use std::time::Duration;
    use tokio::io::DuplexStream;
    use tokio::time::{Instant, sleep};

    async fn serve(stream: DuplexStream) {
        let reception = Reception::new(TestDesk::new(mpsc::channel().0));
        let place = Places::new(1).take().await;
        Connection::new(stream, place).serve(&reception, &Gate::Socket, Peer::Signal).await;
    }

    /// What a client is told that sends `parts`, waiting `pause` after each, and how long the
    /// connection lasted. The time is made up.
    async fn told(parts: &[&str], pause: Duration) -> (String, Duration) {
        let (mut client, server) = tokio::io::duplex(1 << 20);
        let began = Instant::now();
        let talk = async {
            for part in parts {
                // It may have been refused by now.
                drop(client.write_all(part.as_bytes()).await);
                sleep(pause).await;
            }
            let mut told = String::new();
            client.read_to_string(&mut told).await.unwrap();
            told
        };
        let serve = async {
            serve(server).await;
            began.elapsed()
        };
        tokio::join!(talk, serve)
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_message_is_refused_and_a_silent_connection_closed() {
        let (begin, rest) = ("GET /health HTTP/1.1\r\n", "Host: a\r\nConnection: close\r\n\r\n");
        let post = "POST /servers/app-a/drain HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\n";
        let seconds = Duration::from_secs;
        for (name, parts, pause, answer, at_least, at_most) in [
            ("silent", &[][..], seconds(0), "", 60, 61),
            ("slow head", &[begin][..], seconds(0), "408", 10, 13),
            ("trickling head", &["GET ", "/", "he", "al", "th"][..], seconds(3), "408", 10, 16),
            ("just in time", &[begin, rest][..], seconds(9), "200", 9, 9),
            ("slow body", &[post, "a"][..], seconds(0), "408", 10, 13),
            ("body in time", &[post, "a", "b"][..], seconds(4), "200", 8, 9),
        ] {
            let (told, lasted) = told(parts, pause).await;
            assert_eq!(told.get(9..12).unwrap_or_default(), answer, "{name}: {told}");
            let range = seconds(at_least)..=seconds(at_most);
            assert!(range.contains(&lasted), "{name}: {lasted:?}");
        }
    }

    #[tokio::test]
    async fn who_sends_many_requests_at_once_lets_others_in_between() {
        const COUNT: usize = 40;
        let (mut client, server) = tokio::io::duplex(1 << 20);
        let request = "GET /health HTTP/1.1\r\nHost: a\r\n\r\n";
        client.write_all(request.repeat(COUNT).as_bytes()).await.unwrap();
        client.shutdown().await.unwrap();
        let mut turns = 0;
        let other = async {
            loop {
                turns += 1;
                yield_now().await;
            }
        };
        tokio::select! {
            biased;
            () = serve(server) => {}
            () = other => {}
        }
        assert!(turns >= COUNT, "{turns}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_read_the_answer_is_let_go() {
        let (mut client, server) = tokio::io::duplex(1 << 10);
        let requests = ["POST /servers/well/enable", "GET /metrics"];
        let requests = requests.map(|line| format!("{line} HTTP/1.1\r\nHost: a\r\n\r\n"));
        client.write_all(requests.concat().as_bytes()).await.unwrap();
        let began = Instant::now();
        serve(server).await;
        assert!(began.elapsed() >= MESSAGE_TIME);
        drop(client);
    }
}
