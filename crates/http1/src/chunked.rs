//! The chunked coding of a body, read byte by byte.

use crate::alphabet::{is_control, is_token_byte};
use crate::limits;

/// A chunked body that cannot be read in one way only, or is too long where it has no say. The
/// sender's fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadChunk {
    /// A chunk size that is not 1 to 15 plain hexadecimal digits.
    #[error("a chunk size is not 1 to 15 plain hexadecimal digits")]
    Size,
    /// A chunk extension with a control character or a bare line feed.
    #[error("a chunk extension with a control character or a bare line feed")]
    Extension,
    /// A chunk line or a chunk that does not end with CR LF.
    #[error("a chunk does not end with CR LF")]
    LineEnd,
    /// A trailer that is not a field line.
    #[error("a trailer is not a field line")]
    Trailer,
    /// Longer extensions or trailers than anybody needs.
    #[error("chunk extensions or trailers are too long")]
    TooLong,
}

/// Which byte comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// A digit of the size, of which so many came already, or what ends them.
    Size {
        size: u64,
        digits: u8,
    },
    Extension {
        size: u64,
    },
    SizeLineFeed {
        size: u64,
    },
    /// So many bytes of the chunk.
    Data {
        left: u64,
    },
    DataReturn,
    DataLineFeed,
    TrailerStart,
    TrailerName,
    TrailerValue,
    TrailerLineFeed,
    LastLineFeed,
    Done,
}

const SIZE: Next = Next::Size { size: 0, digits: 0 };

/// Where in a chunked body the reader stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chunked {
    next: Next,
    extensions: usize,
    trailers: usize,
    trailer_fields: usize,
}

impl Chunked {
    pub(crate) fn new() -> Self {
        Self { next: SIZE, extensions: 0, trailers: 0, trailer_fields: 0 }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.next == Next::Done
    }

    /// Reads framing up to the next data, the end of the body or the end of the input; the
    /// number of bytes read.
    pub(crate) fn skip(&mut self, input: &[u8]) -> Result<usize, BadChunk> {
        let mut skipped = 0;
        for &byte in input {
            if matches!(self.next, Next::Data { .. } | Next::Done) {
                break;
            }
            self.step(byte)?;
            skipped += 1;
        }
        Ok(skipped)
    }

    /// How many of the next `available` bytes are data; they count as read.
    pub(crate) fn take(&mut self, available: usize) -> usize {
        let Next::Data { left } = self.next else {
            return 0;
        };
        let taken = usize::try_from(left).unwrap_or(usize::MAX).min(available);
        let left = left - u64::try_from(taken).unwrap_or(left);
        self.next = if left == 0 { Next::DataReturn } else { Next::Data { left } };
        taken
    }

    fn step(&mut self, byte: u8) -> Result<(), BadChunk> {
        self.next = match (self.next, byte) {
            (Next::Size { size, digits }, _) => size_byte(size, digits, byte)?,
            (Next::Extension { size }, b'\r') => Next::SizeLineFeed { size },
            (Next::Extension { .. }, _) => self.extension_byte(byte)?,
            (Next::SizeLineFeed { size: 0 }, b'\n') => Next::TrailerStart,
            (Next::SizeLineFeed { size }, b'\n') => Next::Data { left: size },
            (Next::DataReturn, b'\r') => Next::DataLineFeed,
            (Next::DataLineFeed, b'\n') => SIZE,
            (Next::TrailerStart, b'\r') => Next::LastLineFeed,
            (Next::LastLineFeed, b'\n') => Next::Done,
            (Next::TrailerValue, b'\r') => Next::TrailerLineFeed,
            (Next::TrailerLineFeed, b'\n') => Next::TrailerStart,
            (Next::TrailerStart | Next::TrailerName | Next::TrailerValue, _) => {
                self.trailer_byte(byte)?
            }
            _ => return Err(BadChunk::LineEnd),
        };
        Ok(())
    }

    fn extension_byte(&mut self, byte: u8) -> Result<Next, BadChunk> {
        if is_control(byte) {
            return Err(BadChunk::Extension);
        }
        self.extensions += 1;
        if self.extensions > limits::CHUNK_EXTENSIONS {
            return Err(BadChunk::TooLong);
        }
        Ok(self.next)
    }

    fn trailer_byte(&mut self, byte: u8) -> Result<Next, BadChunk> {
        self.trailers += 1;
        if self.next == Next::TrailerStart {
            self.trailer_fields += 1;
        }
        if self.trailers > limits::TRAILERS || self.trailer_fields > limits::TRAILER_FIELDS {
            return Err(BadChunk::TooLong);
        }
        match (self.next, byte) {
            (Next::TrailerName, b':') => Ok(Next::TrailerValue),
            (Next::TrailerStart | Next::TrailerName, _) if is_token_byte(byte) => {
                Ok(Next::TrailerName)
            }
            (Next::TrailerValue, _) if !is_control(byte) => Ok(Next::TrailerValue),
            _ => Err(BadChunk::Trailer),
        }
    }
}

/// The byte after `digits` digits of a chunk size.
fn size_byte(size: u64, digits: u8, byte: u8) -> Result<Next, BadChunk> {
    let digit = match byte {
        b'0'..=b'9' => byte - b'0',
        b'a'..=b'f' => byte - b'a' + 10,
        b'A'..=b'F' => byte - b'A' + 10,
        b'\r' if digits > 0 => return Ok(Next::SizeLineFeed { size }),
        // RFC 9112, 7.1.1: "A recipient MUST ignore unrecognized chunk extensions."
        b';' if digits > 0 => return Ok(Next::Extension { size }),
        _ => return Err(BadChunk::Size),
    };
    if digits == limits::CHUNK_SIZE_DIGITS {
        // RFC 9112, 7.1: "Recipients MUST anticipate potentially large hexadecimal numerals and
        // prevent parsing errors due to integer conversion overflows"
        return Err(BadChunk::Size);
    }
    Ok(Next::Size { size: size << 4 | u64::from(digit), digits: digits + 1 })
}
