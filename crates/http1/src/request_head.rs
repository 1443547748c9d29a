//! The head of a request: line and fields, judged.

use crate::alphabet;
use crate::authority::is_authority;
use crate::facts::{BadFacts, Facts, Seen};
use crate::field::{Field, FieldKind, Fields};
use crate::field_block::{BadFields, Lines, find_lines};
use crate::framing::{BadFraming, Coding, Framing};
use crate::limits::{self, HeadLimits};
use crate::refusal::Refusal;
use crate::request_line::RequestLine;
use crate::version::Version;
use crate::write;

/// The head of a request, borrowed from the buffer that it was read into.
#[derive(Debug, Clone)]
pub struct RequestHead<'b> {
    /// A token of at most 32 bytes; neither CONNECT nor TRACE.
    pub method: &'b str,
    /// Raw, without query; begins with `/`, or is `*` for OPTIONS of the whole server.
    pub path: &'b [u8],
    /// Raw, without the `?`.
    pub query: Option<&'b [u8]>,
    /// Of an absolute target, else of `Host`; empty only in HTTP/1.0 without either.
    pub authority: &'b [u8],
    /// The client's version.
    pub version: Version,
    /// Where the body ends.
    pub framing: Framing,
    /// Whether the client wants to go on with the connection afterwards.
    pub keep_alive: bool,
    /// The protocols of `Upgrade`, when the request really asks for one. Never h2c.
    pub upgrade: Option<&'b [u8]>,
    /// Whether the client waits for `100 Continue` before it sends the body.
    pub expects_continue: bool,
    /// Bytes of the head in the buffer, with empty lines before it.
    pub length: usize,
    /// All fields, in order.
    pub fields: Fields<'b>,
    /// Their lines and what follows, when [`write::fields`] can use them.
    lines: Option<&'b [u8]>,
}

impl<'b> RequestHead<'b> {
    /// Reads the head at the front of `buffer`. `None` when it is not complete: read on.
    ///
    /// # Errors
    /// When the head, or already what is there of it, must be refused.
    pub fn parse(buffer: &'b [u8], limits: &HeadLimits) -> Result<Option<Self>, Refusal> {
        let Some(bytes) = skip_empty_lines(buffer)? else {
            return Ok(None);
        };
        let Some(line) = RequestLine::read(bytes, limits)? else {
            return Ok(None);
        };
        let rest = bytes.get(line.length..).unwrap_or_default();
        let room = limits.max_head.saturating_sub(line.length);
        let mut lines = Lines::new();
        let Some(length) = find_lines(rest, room, limits.max_fields, &mut lines)? else {
            return Ok(None);
        };
        let (facts, fields) = Facts::gather(&lines).map_err(|bad| match bad {
            BadFacts::Fields(bad) => Refusal::Fields(bad),
            BadFacts::Framing(bad) => Refusal::Framing(bad),
        })?;
        let framing = framing(&facts, line.version)?;
        let host = host(&facts, line.version)?;
        let expects_continue = expects_continue(&facts, line.version)? && has_body(framing);
        // RFC 9110, 9.3.8 and 9.3.6: TRACE would show the fields that we add, CONNECT would make
        // an open proxy of us.
        if matches!(line.method, "CONNECT" | "TRACE") {
            return Err(Refusal::MethodNotAllowed);
        }
        Ok(Some(Self {
            method: line.method,
            path: line.target.path,
            query: line.target.query,
            // RFC 9112, 3.2.2: "When an origin server receives a request with an absolute-form of
            // request-target, the origin server MUST ignore the received Host header field (if
            // any) and instead use the host information of the request-target."
            authority: line.target.authority.unwrap_or(host),
            version: line.version,
            framing,
            keep_alive: facts.keep_alive(line.version),
            upgrade: upgrade(&facts, line.version),
            expects_continue,
            length: buffer.len() - bytes.len() + line.length + length,
            lines: Some(rest).filter(|_| facts.plain),
            fields,
        }))
    }

    /// Writes those of the fields that pass, in order.
    pub fn write_fields(&self, out: &mut Vec<u8>, passes: impl FnMut(&Field<'b>) -> bool) {
        write::fields(out, &self.fields, self.lines, passes);
    }

    /// The values of all fields of this kind, in order.
    pub fn values(&self, kind: FieldKind) -> impl Iterator<Item = &'b [u8]> {
        self.fields.iter().filter(move |field| field.kind == kind).map(|field| field.value)
    }
}

/// What follows a few empty lines; `None` when there is nothing yet.
fn skip_empty_lines(buffer: &[u8]) -> Result<Option<&[u8]>, Refusal> {
    // RFC 9112, 2.2: "a server that is expecting to receive and parse a request-line SHOULD ignore
    // at least one empty line (CRLF) received prior to the request-line."
    let mut bytes = buffer;
    for _ in 0..=limits::EMPTY_LINES {
        match bytes {
            [] | [b'\r'] => return Ok(None),
            [b'\r', b'\n', rest @ ..] => bytes = rest,
            [b'\r' | b'\n', ..] => return Err(Refusal::Fields(BadFields::LineEnd)),
            _ => return Ok(Some(bytes)),
        }
    }
    Err(Refusal::EmptyLines)
}

fn framing(facts: &Facts<'_>, version: Version) -> Result<Framing, BadFraming> {
    let Some(coding) = facts.coding else {
        return Ok(facts.length.map_or(Framing::None, Framing::Length));
    };
    // RFC 9112, 6.1: "A server or client that receives an HTTP/1.0 message containing a
    // Transfer-Encoding header field MUST treat the message as if the framing is faulty"
    if version == Version::Http10 {
        return Err(BadFraming::CodingInHttp10);
    }
    // RFC 9112, 6.1: "A server MAY reject a request that contains both Content-Length and
    // Transfer-Encoding"
    if facts.length.is_some() {
        return Err(BadFraming::LengthAndCoding);
    }
    match coding {
        Coding::Chunked => Ok(Framing::Chunked),
        Coding::OthersThenChunked => Err(BadFraming::CodingUnknown),
        // RFC 9112, 6.3: "If a Transfer-Encoding header field is present in a request and the
        // chunked transfer coding is not the final encoding, the message body length cannot be
        // determined reliably; the server MUST respond with the 400 (Bad Request) status code"
        Coding::Malformed => Err(BadFraming::CodingMalformed),
    }
}

fn has_body(framing: Framing) -> bool {
    !matches!(framing, Framing::None | Framing::Length(0))
}

fn host<'b>(facts: &Facts<'b>, version: Version) -> Result<&'b [u8], Refusal> {
    // RFC 9112, 3.2: "A server MUST respond with a 400 (Bad Request) status code to any HTTP/1.1
    // request message that lacks a Host header field and to any request message that contains
    // more than one Host header field line or a Host header field with an invalid field value."
    match facts.host {
        Seen::Once(host) if is_authority(host) => Ok(host),
        Seen::Once(_) => Err(Refusal::HostMalformed),
        Seen::Again => Err(Refusal::HostTwice),
        Seen::Never if version == Version::Http10 => Ok(b""),
        Seen::Never => Err(Refusal::HostMissing),
    }
}

fn expects_continue(facts: &Facts<'_>, version: Version) -> Result<bool, Refusal> {
    match facts.expect {
        Seen::Never => Ok(false),
        // RFC 9110, 10.1.1: "A server that receives a 100-continue expectation in an HTTP/1.0
        // request MUST ignore that expectation."
        Seen::Once(value) if value.eq_ignore_ascii_case(b"100-continue") => {
            Ok(version == Version::Http11)
        }
        // RFC 9110, 10.1.1: "A server that receives an Expect field value containing a member
        // other than 100-continue MAY respond with a 417 (Expectation Failed) status code"
        Seen::Once(_) | Seen::Again => Err(Refusal::Expectation),
    }
}

fn upgrade<'b>(facts: &Facts<'b>, version: Version) -> Option<&'b [u8]> {
    // RFC 9110, 7.8: "A server MUST ignore an Upgrade header field that is received in an HTTP/1.0
    // request."
    let Seen::Once(value) = facts.upgrade else {
        return None;
    };
    // h2c would let later requests past every rule. Not to upgrade is always allowed.
    let wanted = alphabet::list(value).all(|protocol| {
        let mut parts = protocol.splitn(2, |&byte| byte == b'/');
        parts.all(alphabet::is_token) && !protocol.eq_ignore_ascii_case(b"h2c")
    });
    (wanted && facts.connection.upgrade && version == Version::Http11).then_some(value)
}

#[cfg(test)]
mod tests;
