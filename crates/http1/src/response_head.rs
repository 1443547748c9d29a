//! The head of a response: line and fields, judged.

use crate::facts::{BadFacts, Facts};
use crate::field::{Field, Fields};
use crate::field_block::{BadFields, Lines, find_lines};
use crate::framing::{BadFraming, Coding, Framing};
use crate::limits;
use crate::status_line::{BadStatusLine, StatusLine};
use crate::version::Version;
use crate::write;

/// Bounds of a response head; they come from the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponseLimits {
    /// Bytes from the status line to the empty line, both included.
    pub max_head: usize,
    /// Whether a response with an unknown transfer coding is read until the connection closes.
    pub lenient: bool,
}

/// A response that nobody should be shown: the server's fault. Its connection must be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadResponse {
    /// What came does not begin like an HTTP/1 response.
    #[error("not a status line of HTTP/1")]
    StatusLine,
    /// The field lines are bad, or the head is too long.
    #[error(transparent)]
    Fields(#[from] BadFields),
    /// The end of the body cannot be told beyond doubt.
    #[error(transparent)]
    Framing(#[from] BadFraming),
}

/// The head of a response, borrowed from the buffer that it was read into.
#[derive(Debug, Clone)]
pub struct ResponseHead<'b> {
    /// 100 to 599.
    pub status: u16,
    /// May be empty, may hold bytes above 0x7F.
    pub reason: &'b [u8],
    /// The server's version.
    pub version: Version,
    /// Where the body ends, the method of the request taken into account.
    pub framing: Framing,
    /// Whether the connection can be used again after this response.
    pub keep_alive: bool,
    /// Bytes of the head in the buffer.
    pub length: usize,
    /// All fields, in order.
    pub fields: Fields<'b>,
    /// Their lines and what follows, when [`write::fields`] can use them.
    lines: Option<&'b [u8]>,
}

impl<'b> ResponseHead<'b> {
    /// Reads the head at the front of `buffer`. `None` when it is not complete: read on.
    ///
    /// # Errors
    /// When the head, or already what is there of it, must not be passed on.
    pub fn parse(
        buffer: &'b [u8],
        to_head_request: bool,
        limits: &ResponseLimits,
    ) -> Result<Option<Self>, BadResponse> {
        let line = StatusLine::read(buffer, limits.max_head).map_err(|bad| match bad {
            BadStatusLine::Malformed => BadResponse::StatusLine,
            BadStatusLine::TooLong => BadResponse::Fields(BadFields::TooLong),
        })?;
        let Some(line) = line else {
            return Ok(None);
        };
        let rest = buffer.get(line.length..).unwrap_or_default();
        let room = limits.max_head.saturating_sub(line.length);
        let mut lines = Lines::new();
        let Some(length) = find_lines(rest, room, limits::RESPONSE_FIELDS, &mut lines)? else {
            return Ok(None);
        };
        let (facts, fields) = Facts::gather(&lines).map_err(|bad| match bad {
            BadFacts::Fields(bad) => BadResponse::Fields(bad),
            BadFacts::Framing(bad) => BadResponse::Framing(bad),
        })?;
        let declared = declared_framing(&facts, line.version, limits.lenient)?;
        let framing =
            if to_head_request || has_no_body(line.status) { Framing::None } else { declared };
        let keep_alive = facts.keep_alive(line.version)
            && framing != Framing::UntilClose
            && !announces_forbidden_body(line.status, declared);
        Ok(Some(Self {
            status: line.status,
            reason: line.reason,
            version: line.version,
            framing,
            keep_alive,
            length: line.length + length,
            lines: Some(rest).filter(|_| facts.plain),
            fields,
        }))
    }

    /// Writes those of the fields that pass, in order.
    pub fn write_fields(&self, out: &mut Vec<u8>, passes: impl FnMut(&Field<'b>) -> bool) {
        write::fields(out, &self.fields, self.lines, passes);
    }

    /// Whether another response to the same request follows this one.
    #[must_use]
    pub fn is_informational(&self) -> bool {
        // RFC 9110, 15.2: "A 1xx response is terminated by the end of the header section"; after
        // 101 the connection speaks another protocol.
        (100..200).contains(&self.status) && self.status != 101
    }
}

fn declared_framing(
    facts: &Facts<'_>,
    version: Version,
    lenient: bool,
) -> Result<Framing, BadFraming> {
    let Some(coding) = facts.coding else {
        // RFC 9112, 6.3: "Otherwise, this is a response message without a declared message body
        // length, so the message body length is determined by the number of octets received prior
        // to the server closing the connection."
        return Ok(facts.length.map_or(Framing::UntilClose, Framing::Length));
    };
    if facts.length.is_some() {
        return Err(BadFraming::LengthAndCoding);
    }
    if version == Version::Http10 {
        return Err(BadFraming::CodingInHttp10);
    }
    match coding {
        Coding::Chunked => Ok(Framing::Chunked),
        Coding::OthersThenChunked | Coding::Malformed if lenient => Ok(Framing::UntilClose),
        Coding::OthersThenChunked => Err(BadFraming::CodingUnknown),
        Coding::Malformed => Err(BadFraming::CodingMalformed),
    }
}

fn has_no_body(status: u16) -> bool {
    // RFC 9112, 6.3: "any response with a 1xx (Informational), 204 (No Content), or 304 (Not
    // Modified) status code is always terminated by the first empty line after the header fields"
    matches!(status, 100..200 | 204 | 304)
}

/// Whether a body may follow although none is allowed, so that the next bytes mean nothing.
fn announces_forbidden_body(status: u16, declared: Framing) -> bool {
    match declared {
        Framing::Chunked => has_no_body(status),
        // RFC 9110, 8.6: a 304 may say how long the body would have been.
        Framing::Length(length) => length > 0 && has_no_body(status) && status != 304,
        Framing::None | Framing::UntilClose => false,
    }
}

#[cfg(test)]
mod tests;
