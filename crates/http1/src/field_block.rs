//! The lines of a head after its first, up to the empty line.

use httparse::{EMPTY_HEADER, Header, Status};
use smallvec::SmallVec;

use crate::alphabet::is_control;

/// Field lines that cannot be read in one way only, or are too many. The sender's fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadFields {
    /// A line feed without a carriage return, or the other way round.
    #[error("a line does not end with CR LF")]
    LineEnd,
    /// A NUL or another control character.
    #[error("a control character in a line")]
    Control,
    /// A line that begins with white space: a folded field.
    #[error("a field line begins with white space")]
    Folded,
    /// A name that is empty, has odd characters or a space before the colon; or no colon.
    #[error("a field line without a proper name")]
    Name,
    /// A value that cannot be one.
    #[error("a field value with odd characters")]
    Value,
    /// More bytes than the limit.
    #[error("the head is too long")]
    TooLong,
    /// More fields than the limit.
    #[error("the head has too many fields")]
    TooMany,
    /// More options in `Connection` than anybody needs.
    #[error("Connection has too many options")]
    TooManyOptions,
}

/// A whole block of field lines, seen but not yet read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FieldBlock {
    /// Bytes, the empty line included.
    pub(crate) length: usize,
    /// Field lines.
    lines: usize,
}

impl FieldBlock {
    /// Finds the end of the block at the front of `bytes`, or `None` when it is not there yet.
    pub(crate) fn find(
        bytes: &[u8],
        max_length: usize,
        max_lines: usize,
    ) -> Result<Option<Self>, BadFields> {
        let window = bytes.get(..max_length).unwrap_or(bytes);
        let (mut start, mut lines) = (0, 0);
        for feed in memchr::memchr_iter(b'\n', window) {
            match window.get(start..feed) {
                Some([b'\r']) => {
                    let length = feed + 1;
                    check_controls(window.get(..length).unwrap_or(window), lines + 1)?;
                    return Ok(Some(Self { length, lines }));
                }
                // RFC 9112, 5.2: "A server that receives an obs-fold in a request message that is
                // not within a "message/http" container MUST either reject the message by sending
                // a 400 (Bad Request) [...] or replace each received obs-fold"
                Some([b' ' | b'\t', ..]) => return Err(BadFields::Folded),
                // RFC 9112, 2.2: "a recipient MAY recognize a single LF as a line terminator":
                // we do not, because not everybody does.
                Some([.., b'\r']) => {}
                _ => return Err(BadFields::LineEnd),
            }
            lines += 1;
            if lines > max_lines {
                return Err(BadFields::TooMany);
            }
            start = feed + 1;
        }
        if bytes.len() >= max_length {
            return Err(BadFields::TooLong);
        }
        check_controls(window.strip_suffix(b"\r").unwrap_or(window), lines)?;
        Ok(None)
    }

    /// Reads the lines of the block that was found at the front of `bytes`, and hands them to
    /// `take`: they are too large to be moved around.
    pub(crate) fn read<'b, T>(
        &self,
        bytes: &'b [u8],
        take: impl FnOnce(&[Header<'b>]) -> T,
    ) -> Result<T, BadFields> {
        let mut headers: SmallVec<[Header<'b>; 48]> = SmallVec::new();
        headers.resize(self.lines, EMPTY_HEADER);
        let block = bytes.get(..self.length).ok_or(BadFields::LineEnd)?;
        match httparse::parse_headers(block, &mut headers) {
            Ok(Status::Complete((length, read)))
                if length == self.length && read.len() == self.lines =>
            {
                Ok(take(read))
            }
            Err(httparse::Error::HeaderValue) => Err(BadFields::Value),
            Err(httparse::Error::HeaderName) => Err(BadFields::Name),
            Ok(_) | Err(_) => Err(BadFields::LineEnd),
        }
    }
}

/// Refuses control characters other than those of the line ends, whose number is known.
fn check_controls(bytes: &[u8], lines: usize) -> Result<(), BadFields> {
    // Counted in small portions of one-byte sums, which the compiler makes wide.
    let portion = |bytes: &[u8]| bytes.iter().map(|&byte| u8::from(is_control(byte))).sum::<u8>();
    let controls: usize = bytes.chunks(128).map(|bytes| usize::from(portion(bytes))).sum();
    if controls == 2 * lines {
        return Ok(());
    }
    let odd = bytes.iter().any(|&byte| is_control(byte) && byte != b'\r' && byte != b'\n');
    Err(if odd { BadFields::Control } else { BadFields::LineEnd })
}
