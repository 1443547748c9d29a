//! The answer of a server, put together from the bytes that arrive.

use copal_http1::body::{BadBody, Body};
use copal_http1::response_head::{BadResponse, ResponseHead, ResponseLimits};

use crate::limits;

/// The answer of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// 200 to 599.
    pub status: u16,
    /// What it says.
    pub body: Vec<u8>,
}

/// What arrived is no answer that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadAnswer {
    /// The head is not HTTP/1.
    #[error(transparent)]
    Head(#[from] BadResponse),
    /// The body is broken, or ended too early.
    #[error(transparent)]
    Body(#[from] BadBody),
    /// The connection ended before there was a head.
    #[error("the connection ended before an answer came")]
    Nothing,
    /// Nobody has so many servers.
    #[error("the answer is larger than {} MB", limits::ANSWER_BODY >> 20)]
    TooLarge,
}

/// An answer that is arriving.
#[derive(Debug, Default)]
pub struct Arriving {
    /// What arrived and is not decoded.
    pending: Vec<u8>,
    /// The status and where its body ends, once the head is there.
    head: Option<(u16, Body)>,
    body: Vec<u8>,
}

impl Arriving {
    const LIMITS: ResponseLimits = ResponseLimits { max_head: limits::ANSWER_HEAD, lenient: false };

    /// Takes the next bytes; true when the answer is complete.
    ///
    /// # Errors
    /// When this cannot become an answer any more.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<bool, BadAnswer> {
        self.pending.extend_from_slice(bytes);
        while self.head.is_none() {
            let Some(head) = ResponseHead::parse(&self.pending, false, &Self::LIMITS)? else {
                return Ok(false);
            };
            let is_last = !head.is_informational();
            let (status, framing, length) = (head.status, head.framing, head.length);
            drop(head);
            self.pending.drain(..length.min(self.pending.len()));
            if is_last {
                self.head = Some((status, Body::new(framing)));
            }
        }
        self.decode()
    }

    fn decode(&mut self) -> Result<bool, BadAnswer> {
        let Some((_, body)) = &mut self.head else {
            return Ok(false);
        };
        let mut rest = self.pending.as_slice();
        while !body.is_done() {
            let piece = body.decode(rest)?;
            let data = rest.get(piece.skip..).and_then(|data| data.get(..piece.data));
            let data = data.unwrap_or_default();
            if self.body.len() + data.len() > limits::ANSWER_BODY {
                return Err(BadAnswer::TooLarge);
            }
            self.body.extend_from_slice(data);
            rest = rest.get(piece.skip + piece.data..).unwrap_or_default();
            if piece.skip + piece.data == 0 {
                break;
            }
        }
        let is_done = body.is_done();
        self.pending = rest.to_vec();
        Ok(is_done)
    }

    /// The answer, when nothing more will arrive.
    ///
    /// # Errors
    /// When it is not complete.
    pub fn end(self) -> Result<Answer, BadAnswer> {
        let (status, mut body) = self.head.ok_or(BadAnswer::Nothing)?;
        if !body.is_done() {
            body.end_of_input()?;
        }
        Ok(Answer { status, body: self.body })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The answer that `bytes` make, in pieces of every length.
    fn read(bytes: &[u8]) -> Result<Answer, BadAnswer> {
        let mut results = [1, 2, 7, bytes.len().max(1)].map(|size| {
            let mut arriving = Arriving::default();
            for piece in bytes.chunks(size) {
                if arriving.feed(piece)? {
                    break;
                }
            }
            arriving.end()
        });
        for result in &results {
            assert_eq!(result, &results[0]);
        }
        std::mem::replace(&mut results[0], Err(BadAnswer::Nothing))
    }

    #[test]
    fn an_answer_ends_where_its_head_says() {
        #[rustfmt::skip]
        let table: [(&str, u16, &str); 5] = [
            // bytes                                                                         status  body
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi and more",                      200,    "hi"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nh\r\n1\r\ni\r\n0\r\n\r\n", 200, "hi"),
            ("HTTP/1.0 404 Not Found\r\n\r\nhi",                                             404,    "hi"),
            ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",     200,    ""),
            ("HTTP/1.1 204 No Content\r\n\r\n",                                              204,    ""),
        ];
        for (bytes, status, body) in table {
            let expected = Answer { status, body: body.as_bytes().to_vec() };
            assert_eq!(read(bytes.as_bytes()), Ok(expected), "{bytes:?}");
        }
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        #[rustfmt::skip]
        let table: [(&[u8], BadAnswer); 5] = [
            // bytes                                                    what it is
            (b"",                                                       BadAnswer::Nothing),
            (b"HTTP/1.1 200 OK\r\nContent-Le",                          BadAnswer::Nothing),
            (b"SSH-2.0-OpenSSH_9.6\r\n",                                BadAnswer::Head(BadResponse::StatusLine)),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi",         BadAnswer::Body(BadBody::Short)),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n", BadAnswer::Body(BadBody::Short)),
        ];
        for (bytes, expected) in table {
            assert_eq!(read(bytes), Err(expected), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn an_answer_without_end_is_cut_off() {
        let mut arriving = Arriving::default();
        assert_eq!(arriving.feed(b"HTTP/1.1 200 OK\r\n\r\n"), Ok(false));
        let piece = vec![b' '; 1 << 20];
        for _ in 0..limits::ANSWER_BODY >> 20 {
            assert_eq!(arriving.feed(&piece), Ok(false));
        }
        assert_eq!(arriving.feed(b" "), Err(BadAnswer::TooLarge));
    }

    #[test]
    fn a_head_without_end_is_cut_off() {
        let mut arriving = Arriving::default();
        assert_eq!(arriving.feed(b"HTTP/1.1 200 OK\r\nA: "), Ok(false));
        assert!(arriving.feed(&vec![b'a'; limits::ANSWER_HEAD]).is_err());
    }
}
