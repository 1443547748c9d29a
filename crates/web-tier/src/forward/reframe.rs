//! A piece of an answer's body as it is framed for the client.

use copal_http1::body::{Body, Piece};
use copal_http1::chunk;
use copal_http1::framing::Framing;

use crate::forward::answer_head::AnswerFacts;
use crate::forward::failure::Failure;
use crate::limits::COPIED;

/// What became of some bytes of a body.
pub(crate) struct Passed {
    /// How many of them are used up.
    pub(crate) used: usize,
    /// How many at the front are to be sent from where they are.
    pub(crate) in_place: usize,
}

/// Frames what `data` has of the body for the client: appended to `out`, or left in place when
/// it goes on as it is and is not worth a copy.
pub(crate) fn encode(
    body: &mut Body,
    data: &[u8],
    facts: AnswerFacts,
    out: &mut Vec<u8>,
) -> Result<Passed, Failure> {
    let mut used = 0;
    while !body.is_done() {
        let rest = data.get(used..).unwrap_or_default();
        let piece = body.decode(rest).map_err(|bad| Failure::Cut(bad.to_string()))?;
        let Piece { skip, data: length, .. } = piece;
        if skip + length == 0 {
            break;
        }
        let payload = rest.get(skip..skip + length).unwrap_or_default();
        used += skip + length;
        if !facts.chunked {
            if matches!(facts.framing, Framing::Length(_)) && length > COPIED {
                return Ok(Passed { used, in_place: length });
            }
            out.extend_from_slice(payload);
        } else if !payload.is_empty() {
            chunk::size_line(out, payload.len());
            out.extend_from_slice(payload);
            out.extend_from_slice(chunk::END);
        }
    }
    if facts.chunked && body.is_done() && facts.framing == Framing::Chunked {
        out.extend_from_slice(chunk::LAST);
    }
    Ok(Passed { used, in_place: 0 })
}
