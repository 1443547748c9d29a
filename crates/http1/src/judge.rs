//! The rules of this crate over a byte stream that somebody else will parse.

use crate::body::Body;
use crate::limits::HeadLimits;
use crate::refusal::Refusal;
use crate::request_head::RequestHead;

/// Follows the requests of one connection and says how far their bytes may be handed on.
#[derive(Debug, Clone)]
pub struct Judge {
    limits: HeadLimits,
    place: Place,
}

/// What to do with the bytes at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// So many bytes at the front, at least one, are good: hand them on, call again with the rest.
    Pass(usize),
    /// A head that is not complete, or nothing: keep the bytes, read on.
    More,
    /// An upgrade was asked for: hold everything back until [`Judge::tunnel`] or
    /// [`Judge::no_tunnel`].
    Undecided,
    /// Hand nothing on; answer and close.
    Refuse(Refusal),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Head,
    Body(Body, Then),
    Undecided,
    Tunnel,
    Refused(Refusal),
}

/// What follows a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    Head,
    Undecided,
    Tunnel,
}

impl Judge {
    /// A judge for a new connection.
    #[must_use]
    pub fn new(limits: HeadLimits) -> Self {
        Self { limits, place: Place::Head }
    }

    /// Judges the bytes that follow those that were passed.
    pub fn feed(&mut self, input: &[u8]) -> Verdict {
        let judged = match &mut self.place {
            Place::Head => self.feed_head(input),
            Place::Body(body, then) => {
                let then = *then;
                feed_body(body, input).map(|(passed, done)| {
                    if done {
                        self.place = then.place();
                    }
                    passed
                })
            }
            Place::Undecided => return Verdict::Undecided,
            Place::Tunnel => Ok(input.len()),
            Place::Refused(refusal) => Err(*refusal),
        };
        match judged {
            Ok(0) => Verdict::More,
            Ok(passed) => Verdict::Pass(passed),
            Err(refusal) => {
                self.place = Place::Refused(refusal);
                Verdict::Refuse(refusal)
            }
        }
    }

    /// The upgrade was granted: after the request's own body everything passes.
    pub fn tunnel(&mut self) {
        self.settle(Then::Tunnel);
    }

    /// The upgrade was declined: after the request's own body the next request follows.
    pub fn no_tunnel(&mut self) {
        self.settle(Then::Head);
    }

    /// Whether the next byte belongs to a request head.
    #[must_use]
    pub fn in_head(&self) -> bool {
        self.place == Place::Head
    }

    fn settle(&mut self, then: Then) {
        match &mut self.place {
            Place::Undecided => self.place = then.place(),
            Place::Body(_, after) if *after == Then::Undecided => *after = then,
            _ => {}
        }
    }

    fn feed_head(&mut self, input: &[u8]) -> Result<usize, Refusal> {
        let Some(head) = RequestHead::parse(input, &self.limits)? else {
            return Ok(0);
        };
        let body = Body::new(head.framing);
        let then = if head.upgrade.is_some() { Then::Undecided } else { Then::Head };
        self.place = if body.is_done() { then.place() } else { Place::Body(body, then) };
        Ok(head.length)
    }
}

impl Then {
    fn place(self) -> Place {
        match self {
            Self::Head => Place::Head,
            Self::Undecided => Place::Undecided,
            Self::Tunnel => Place::Tunnel,
        }
    }
}

/// The good bytes of the body at the front of the input, and whether it ends there.
fn feed_body(body: &mut Body, input: &[u8]) -> Result<(usize, bool), Refusal> {
    let mut passed = 0;
    loop {
        let rest = input.get(passed..).unwrap_or_default();
        let piece = body.decode(rest)?;
        let read = piece.skip + piece.data;
        passed += read;
        if piece.done || read == 0 {
            return Ok((passed, piece.done));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: HeadLimits = HeadLimits { max_head: 1000, max_fields: 20, max_uri: 100 };

    const UPGRADE: &[u8] = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n";
    const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    #[test]
    fn after_an_upgrade_everything_waits_for_the_decision() {
        let mut judge = Judge::new(LIMITS);
        let head = [UPGRADE, b"\r\n"].concat();
        assert_eq!(judge.feed(&[&head, GET].concat()), Verdict::Pass(head.len()));
        assert_eq!(judge.feed(GET), Verdict::Undecided);
        assert!(!judge.in_head());
        judge.no_tunnel();
        assert!(judge.in_head());
        assert_eq!(judge.feed(GET), Verdict::Pass(GET.len()));
        // Only the request that asked can be answered with a tunnel.
        judge.tunnel();
        assert_eq!(judge.feed(b"GET"), Verdict::More);
    }

    #[test]
    fn in_a_tunnel_everything_passes() {
        let mut judge = Judge::new(LIMITS);
        let head = [UPGRADE, b"\r\n"].concat();
        assert_eq!(judge.feed(&head), Verdict::Pass(head.len()));
        assert_eq!(judge.feed(b""), Verdict::Undecided);
        judge.tunnel();
        assert_eq!(judge.feed(b"\0\xff"), Verdict::Pass(2));
        assert_eq!(judge.feed(b""), Verdict::More);
        judge.no_tunnel();
        assert_eq!(judge.feed(b"\0"), Verdict::Pass(1));
    }

    #[test]
    fn the_body_of_an_upgrade_request_comes_first() {
        for granted in [true, false] {
            let mut judge = Judge::new(LIMITS);
            let head = [UPGRADE, b"Content-Length: 4\r\n\r\n"].concat();
            assert_eq!(judge.feed(&[&head, &b"ab"[..]].concat()), Verdict::Pass(head.len()));
            assert_eq!(judge.feed(b"ab"), Verdict::Pass(2));
            // Answered before the body was there.
            if granted {
                judge.tunnel()
            } else {
                judge.no_tunnel()
            }
            assert_eq!(judge.feed(b"cd\0\0"), Verdict::Pass(2));
            assert_eq!(matches!(judge.feed(b"\0\0"), Verdict::Pass(2)), granted);
        }
    }

    #[test]
    fn chunks_pass_as_they_are_until_one_is_bad() {
        let mut judge = Judge::new(LIMITS);
        let head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert_eq!(judge.feed(head), Verdict::Pass(head.len()));
        assert_eq!(judge.feed(b"5;a=b\r\nhel"), Verdict::Pass(10));
        assert_eq!(judge.feed(b"lo\r\n"), Verdict::Pass(4));
        let refused = judge.feed(b"0x1\r\n");
        assert!(matches!(refused, Verdict::Refuse(Refusal::Body(_))), "{refused:?}");
        assert_eq!(judge.feed(b"1\r\n"), refused);
    }
}
