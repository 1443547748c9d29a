//! The body of one message, request or response, found in a stream of bytes.

use crate::chunked::{BadChunk, Chunked};
use crate::framing::Framing;

/// A body that cannot be read to its end. The sender's fault; its connection must be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadBody {
    /// The chunked coding is broken.
    #[error(transparent)]
    Chunk(#[from] BadChunk),
    /// The connection ended before the body did.
    #[error("the connection ended within the body")]
    Short,
}

/// What stands at the front of the input. When `skip` and `data` are 0 and `done` is false, more
/// input is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// Bytes of framing, which come first.
    pub skip: usize,
    /// Bytes of payload after them.
    pub data: usize,
    /// Whether the message is complete after this piece.
    pub done: bool,
}

/// A decoder of one message body; it holds none of the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body(State);

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Length(u64),
    Chunked(Chunked),
    UntilClose,
    Closed,
}

impl Body {
    /// A body of this framing, of which nothing was read yet.
    #[must_use]
    pub fn new(framing: Framing) -> Self {
        Self(match framing {
            Framing::None => State::Length(0),
            Framing::Length(length) => State::Length(length),
            Framing::Chunked => State::Chunked(Chunked::new()),
            Framing::UntilClose => State::UntilClose,
        })
    }

    /// Reads the next piece at the front of `input`. The caller drops `skip + data` bytes and
    /// calls again with the rest, until the piece is done or asks for more.
    ///
    /// # Errors
    /// When the body is broken; nothing of this input may be passed on then.
    pub fn decode(&mut self, input: &[u8]) -> Result<Piece, BadBody> {
        let (skip, data) = match &mut self.0 {
            State::Length(left) => {
                let data = usize::try_from(*left).unwrap_or(usize::MAX).min(input.len());
                *left -= u64::try_from(data).unwrap_or(*left);
                (0, data)
            }
            State::Chunked(chunked) => {
                let skip = chunked.skip(input)?;
                (skip, chunked.take(input.len() - skip))
            }
            State::UntilClose => (0, input.len()),
            State::Closed => (0, 0),
        };
        Ok(Piece { skip, data, done: self.is_done() })
    }

    /// Whether the whole body was read.
    #[must_use]
    pub fn is_done(&self) -> bool {
        match &self.0 {
            State::Length(left) => *left == 0,
            State::Chunked(chunked) => chunked.is_done(),
            State::UntilClose => false,
            State::Closed => true,
        }
    }

    /// The peer sent its last byte.
    ///
    /// # Errors
    /// When the body needed more; what came of it must not look complete to anybody.
    pub fn end_of_input(&mut self) -> Result<(), BadBody> {
        if self.0 == State::UntilClose {
            self.0 = State::Closed;
        }
        if self.is_done() { Ok(()) } else { Err(BadBody::Short) }
    }

    /// The bytes that are still to come, when that is known from the head.
    #[must_use]
    pub fn remaining(&self) -> Option<u64> {
        match &self.0 {
            State::Length(left) => Some(*left),
            State::Closed => Some(0),
            State::Chunked(_) | State::UntilClose => None,
        }
    }
}
